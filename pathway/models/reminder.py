"""One message that should go out at an instant. The row itself is the outbox that dispatchers claim from."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey, choices
from pathway.states import ReminderState
from patients.models import Clinic


class Origin(models.TextChoices):
    """Why a reminder is there. Only those of the plan are the planner's; `replan` leaves the others alone."""

    PLAN = "plan", "Planned"
    AGAIN = "again", "Asked again"
    COPY = "copy", "Copy to the caregiver"
    ANSWER = "answer", "Answer to a message"


class Reminder(models.Model):
    """A promise to tell a patient something at `send_at` (UTC), and never at or after `useful_until`.

    `send_at` is the promise; `run_at` is when a dispatcher may claim the row (a retry moves it, the promise stays).
    `intended_at` is the instant the protocol asked for inside the sending window, before any lateness.
    `says` holds what the text tells the patient, as local wall values: when they change, the text was wrong.
    `follows` is the reminder that is asked again or copied; one that is superseded takes its followers with it.
    """

    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, db_index=False, related_name="+", help_text="the journey's, for claiming"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.PLAN)
    follows = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, db_index=False, related_name="followers"
    )
    journey = models.ForeignKey(  # found by the unique constraint below: an index of its own would only cost
        Journey, on_delete=models.CASCADE, db_index=False, related_name="reminders"
    )
    key = models.CharField(max_length=120)
    base_key = models.CharField(max_length=110, help_text="the protocol's key; `key` adds /2 when told again")
    step = models.SlugField(max_length=40, db_index=False)
    text = models.SlugField(max_length=40, db_index=False, help_text="which text of the protocol")
    says = models.JSONField(default=dict)
    covers = models.JSONField(default=dict, help_text="what it says on behalf of other base keys")
    send_at = models.DateTimeField()
    run_at = models.DateTimeField()
    intended_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    moved = models.CharField(max_length=7, blank=True, default="")
    late = models.CharField(max_length=4, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    safety = models.BooleanField(default=False)
    waits_for_window = models.BooleanField(
        default=False, help_text="at a closed window: wait for the next one (else a person is told)"
    )
    needs_booked = models.SlugField(
        max_length=40, db_index=False, blank=True, default="", help_text="milestone that must be booked"
    )
    resend_unproven = models.BooleanField(
        default=False, help_text="without any evidence whether it arrived: a second text is safer than none"
    )
    state = models.CharField(max_length=10, choices=choices(ReminderState), default=ReminderState.PLANNED.value)
    plan_version = models.PositiveIntegerField()
    claim_token = models.UUIDField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="how often its sending was started")
    superseded_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="supersedes",
        help_text="the correction that replaces what this one said",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["journey", "key"], name="reminder_key_once_per_journey"),
            models.CheckConstraint(
                name="reminder_claimed_has_token_and_lease",
                condition=~Q(state="claimed") | Q(claim_token__isnull=False, claimed_until__isnull=False),
            ),
            models.CheckConstraint(
                name="reminder_sent_has_its_time",
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["run_at", "id"], condition=Q(state="planned"), name="reminder_due"),
            models.Index(fields=["clinic", "run_at", "id"], condition=Q(state="planned"), name="reminder_clinic_due"),
            models.Index(fields=["superseded_by"], condition=~Q(superseded_by=None), name="reminder_supersedes"),
            models.Index(fields=["follows"], condition=~Q(follows=None), name="reminder_followers"),
            models.Index(fields=["claimed_until"], condition=Q(state="claimed"), name="reminder_leased"),
            models.Index(fields=["run_at"], condition=Q(state="unknown"), name="reminder_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
