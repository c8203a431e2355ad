"""A medicine held around the procedure, from draft to restart."""

from django.db import models
from django.db.models import F, Q

from pathway.models.journey import Journey, choices
from pathway.states import HoldState
from patients.models import Medication, Staff


def together(*names: str) -> Q:
    """All of these columns are filled, or none of them."""
    none, all_of_them = Q(), Q()
    for name in names:
        none &= Q(**{f"{name}__isnull": True})
        all_of_them &= Q(**{f"{name}__isnull": False})
    return none | all_of_them


class MedicationHold(models.Model):
    """A hold of one drug. Until a prescriber signed it (`signed_by`, `signed_at`) no patient hears of it.

    Durations are ISO 8601: days are calendar days, hours are elapsed. `shortest` and `restart_from` are the other ends
    of the table's ranges. A restart is a length of time after the procedure (`restart_after`), or it has no date until
    a person sets one (`restart_when` says what it waits for, `restart_at` is the instant). `table_version` is that of
    the table which drafted it, empty for a hold drafted by hand. Instants are UTC.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="holds")
    medication = models.ForeignKey(Medication, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    continues = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="continued_by",
        help_text="the hold that lost its signature when the procedure moved or was called off",
    )  # fmt: skip
    drug = models.CharField(max_length=40)
    duration = models.CharField(max_length=20, help_text="before the procedure, for example P3D")
    drafted_duration = models.CharField(max_length=20, blank=True, default="", help_text="what the table proposed")
    shortest = models.CharField(max_length=20, blank=True, default="")
    restart_after = models.CharField(max_length=20, blank=True, default="P1D", help_text="after the procedure")
    restart_from = models.CharField(max_length=20, blank=True, default="")
    restart_when = models.CharField(max_length=20, blank=True, default="")
    table_version = models.CharField(max_length=20, blank=True, default="")
    row = models.CharField("row of the table", max_length=30, blank=True, default="")
    note = models.TextField(blank=True, default="", help_text="what the signer reads")
    needs_inr = models.BooleanField(default=False)
    needs_cardiology = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=choices(HoldState), default=HoldState.DRAFTED.value)
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    dangers_version = models.CharField(
        max_length=20, blank=True, default="", help_text="which text of both dangers the signer was shown"
    )
    changed_reason = models.CharField(max_length=200, blank=True, default="", help_text="why the signer changed it")
    bridging = models.TextField(blank=True, default="", help_text="the prescriber's own words, never drafted")
    cardiology_by = models.CharField("agreed for cardiology", max_length=120, blank=True, default="")
    cardiology_at = models.DateTimeField(null=True, blank=True)
    cardiology_recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    held_since = models.DateTimeField(
        null=True, blank=True, help_text="held already under an earlier signature, since then"
    )
    released_at = models.DateTimeField(null=True, blank=True, help_text="the patient was sent or told the plan")
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text="the patient said that they read it")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="it was confirmed that the drug is stopped")
    last_dose_at = models.DateTimeField(null=True, blank=True, help_text="the last dose, as somebody attested")
    last_dose_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    restart_at = models.DateTimeField(null=True, blank=True, help_text="the restart, as a person set it")
    restart_set_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    restarted_at = models.DateTimeField(null=True, blank=True, help_text="when it was taken again")
    declined_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey", "drug"], condition=~Q(state="declined"), name="hold_once_per_drug"
            ),
            models.CheckConstraint(name="hold_signed_by_and_at_together", condition=together("signed_by", "signed_at")),
            models.CheckConstraint(
                name="hold_beyond_draft_is_signed",
                condition=Q(state__in=["drafted", "declined"]) | Q(signed_at__isnull=False),
            ),
            models.CheckConstraint(name="hold_draft_is_unsigned", condition=~Q(state="drafted") | Q(signed_at=None)),
            models.CheckConstraint(
                name="hold_signer_was_shown_both_dangers", condition=Q(signed_at=None) | ~Q(dangers_version="")
            ),
            models.CheckConstraint(
                name="hold_signed_with_cardiology_where_needed",
                condition=Q(needs_cardiology=False) | Q(signed_at=None) | Q(cardiology_at__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_cardiology_who_and_when_together",
                condition=together("cardiology_at", "cardiology_recorded_by")
                & (Q(cardiology_at=None, cardiology_by="") | (Q(cardiology_at__isnull=False) & ~Q(cardiology_by=""))),
            ),
            models.CheckConstraint(
                name="hold_last_dose_by_and_at_together", condition=together("last_dose_by", "last_dose_at")
            ),
            models.CheckConstraint(
                name="hold_restart_set_by_and_at_together", condition=together("restart_set_by", "restart_at")
            ),
            models.CheckConstraint(
                name="hold_restarts_after_a_time_or_when_somebody_says",
                condition=(~Q(restart_after="") & Q(restart_when="")) | (Q(restart_after="") & ~Q(restart_when="")),
            ),
            models.CheckConstraint(
                name="hold_states_have_their_times",
                condition=(~Q(state="released") | Q(released_at__isnull=False))
                & (~Q(state="acknowledged") | Q(acknowledged_at__isnull=False))
                & (~Q(state="stopped") | Q(stopped_at__isnull=False))
                & (~Q(state="restarted") | Q(restarted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="hold_restarted_after_the_last_dose",
                condition=Q(restarted_at=None) | Q(last_dose_at=None) | Q(restarted_at__gt=F("last_dose_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug} {self.duration} ({self.state})"
