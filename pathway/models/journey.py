"""One patient on one protocol version: milestones, steps and the append-only history."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models
from django.db.models import Q

from pathway.models.protocol import ProtocolVersion
from pathway.states import JourneyState
from patients.models import Clinic, Patient, Staff


def choices(states: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Django choices of a state enum: the value, and the same in words."""
    return [(state.value, state.value.replace("-", " ").capitalize()) for state in states]


class Journey(models.Model):
    """One patient's way through one procedure. `plan_version` rises whenever what should be sent changes."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="journeys")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="journeys")
    protocol_version = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT, related_name="journeys")
    state = models.CharField(max_length=16, choices=choices(JourneyState), default=JourneyState.REFERRED.value)
    ended_reason = models.CharField(max_length=200, blank=True, default="")
    case_number = models.CharField(max_length=40, blank=True, default="")
    clinician = models.CharField(max_length=80, blank=True, default="")
    room = models.CharField(max_length=40, blank=True, default="")
    levels = models.CharField(max_length=60, blank=True, default="", help_text="for example L3-4, L4-5")
    escort = models.CharField(max_length=120, blank=True, default="", help_text="who takes the patient home")
    enrolled_at = models.DateTimeField()
    plan_version = models.PositiveIntegerField(default=0)
    planned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "case_number"],
                condition=~Q(case_number=""),
                name="journey_case_number_once",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "state"], name="journey_by_state")]

    def __str__(self) -> str:
        return f"{self.patient}, {self.protocol_version}"


class MilestoneStatus(models.TextChoices):
    """Whether a milestone's time is a promise: `expected` is only our own target, never told to a patient.

    `missed`: the patient did not come at that time. `closed`: the visit is not going to be, for the reason in the
    history.
    """

    EXPECTED = "expected", "Expected"
    BOOKED = "booked", "Booked"
    DONE = "done", "Done"
    MISSED = "missed", "Missed"
    CLOSED = "closed", "Closed"


FIRM = (MilestoneStatus.BOOKED.value, MilestoneStatus.DONE.value)
"""A milestone in one of these has a time that counts."""

OVER = (MilestoneStatus.DONE.value, MilestoneStatus.MISSED.value)
"""The time of a milestone in one of these has come and gone: nothing that led up to it is of use."""

SETTLED = (MilestoneStatus.DONE.value, MilestoneStatus.CLOSED.value)
"""Nobody waits for a follow-up in one of these."""


class Milestone(models.Model):
    """A moment other things are timed from, as an instant (UTC)."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="milestones")
    key = models.SlugField(max_length=40)
    at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=MilestoneStatus.choices, default=MilestoneStatus.BOOKED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "key"], name="milestone_once_per_journey")]
        indexes = [models.Index(fields=["key", "at"], name="milestone_by_time")]

    def __str__(self) -> str:
        return f"{self.key} {self.get_status_display().lower()} at {self.at:%Y-%m-%d %H:%M}Z"


class Step(models.Model):
    """One thing to be done or known, with its window, as planned."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "key"], name="step_once_per_journey")]

    def __str__(self) -> str:
        return self.key


class JourneyEvent(models.Model):
    """One line of a journey's history: who did what, when and why. Only ever added."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=40)
    why = models.CharField(max_length=300, blank=True, default="")
    detail = models.JSONField(default=dict, blank=True)
    plan_version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["journey", "at"], name="event_by_journey")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}Z {self.kind}"
