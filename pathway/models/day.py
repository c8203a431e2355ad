"""The day of the procedure: the last meal, how far the patient came, what was checked, why it was called off."""

from django.db import models
from django.db.models import F, Q

from pathway.models.journey import Journey
from pathway.planner.fasting import Intake
from patients.models import Staff


class Food(models.TextChoices):
    """What was eaten. What nobody is sure of counts as heavy."""

    LIGHT = "light", "A light meal: toast, cereal, clear soup"
    HEAVY = "heavy", "Fried or fatty food, or meat"
    UNSURE = "unsure", "Not sure what"


class SaidBy(models.TextChoices):
    """Who said what was eaten and drunk."""

    PATIENT = "patient", "The patient"
    CAREGIVER = "caregiver", "The caregiver"
    STAFF = "staff", "Staff saw it"


class LastIntake(models.Model):
    """What somebody said at `said_at` (UTC) of the last food and the last clear liquid. Only ever added.

    An empty time means that it is not known. Who drank nothing since the meal drank with it, at the latest.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="intakes")
    said_at = models.DateTimeField()
    said_by = models.CharField(max_length=9, choices=SaidBy.choices)
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ate_at = models.DateTimeField(null=True, blank=True)
    food = models.CharField(max_length=6, choices=Food.choices, blank=True, default="")
    drank_at = models.DateTimeField(null=True, blank=True, help_text="clear liquids: water, black coffee, apple juice")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="intake_food_and_time_together",
                condition=Q(ate_at__isnull=True, food="") | (Q(ate_at__isnull=False) & ~Q(food="")),
            ),
            models.CheckConstraint(
                name="intake_not_after_it_was_said",
                condition=(Q(ate_at__isnull=True) | Q(ate_at__lte=F("said_at")))
                & (Q(drank_at__isnull=True) | Q(drank_at__lte=F("said_at"))),
            ),
        ]
        indexes = [models.Index(fields=["journey", "said_at"], name="intake_by_journey")]

    def __str__(self) -> str:
        return f"last meal as said at {self.said_at:%Y-%m-%d %H:%M}Z"

    @property
    def as_planned(self) -> Intake:
        """The same as the planner takes it."""
        return Intake(self.said_at, self.ate_at, self.drank_at, heavy=self.food != Food.LIGHT)


class ProcedureDay(models.Model):
    """How far a patient came on one local day of the clinic (`date`), as instants (UTC), each after the one before."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="procedure_days")
    date = models.DateField()
    arrived_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journey", "date"], name="procedure_day_once_per_date"),
            models.CheckConstraint(
                name="procedure_day_in_order",
                condition=(Q(admitted_at__isnull=True) | Q(admitted_at__gte=F("arrived_at")))
                & (Q(started_at__isnull=True) | Q(started_at__gte=F("admitted_at")))
                & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}"


class ReadinessMark(models.Model):
    """A person's word on one readiness check of the protocol, for a procedure at `said_for` (UTC). Only added."""

    class Verdict(models.TextChoices):
        """What they said."""

        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Not known"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="readiness_marks")
    check_key = models.SlugField(max_length=30)
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    note = models.CharField(max_length=150, blank=True, default="")
    said_for = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["journey", "check_key", "at"], name="readiness_mark_latest")]

    def __str__(self) -> str:
        return f"{self.check_key}: {self.verdict}"


class CancelReason(models.TextChoices):
    """Why a procedure was called off: a fixed list, so that it can be counted."""

    NOT_FASTED = "not-fasted", "Not fasted"
    MEDICINE_NOT_HELD = "medicine-not-held", "Medicine not held"
    NO_RIDE = "no-ride", "No ride home"
    ILL = "ill", "Patient is ill"
    PATIENTS_CHOICE = "patients-choice", "Patient's choice"
    NO_SHOW = "no-show", "Did not come"
    CLINIC = "clinic", "Clinic's reasons"
    WEATHER = "weather", "Weather"
    INSURANCE = "insurance", "Insurance"
    OTHER = "other", "Something else"


class CancelledWhen(models.TextChoices):
    """How late it was called off, by the clinic's calendar."""

    BEFORE = "before", "Before the day"
    ON_THE_DAY = "on-the-day", "On the day"
    AFTER_ARRIVAL = "after-arrival", "After arrival"


class Cancellation(models.Model):
    """One time a journey was called off. `procedure_at` (UTC) is what it was booked for; empty when it was not.

    Only something else needs words of its own (`note`).
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="cancellations")
    reason = models.CharField(max_length=17, choices=CancelReason.choices)
    note = models.CharField(max_length=200, blank=True, default="")
    when = models.CharField(max_length=13, choices=CancelledWhen.choices)
    procedure_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cancellation_something_else_has_words", condition=~Q(reason="other") | ~Q(note="")
            ),
        ]
        indexes = [models.Index(fields=["at", "reason"], name="cancellation_counted")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.get_when_display().lower()}"
