"""Something that a person must do, by when."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey, choices
from pathway.states import WorkItemState
from patients.models import Clinic, Staff


class Priority(models.IntegerChoices):
    """How soon somebody must look: urgent comes before time left, routine after it."""

    URGENT = 1, "Urgent"
    SOON = 2, "Soon"
    ROUTINE = 3, "Routine"


class WorkItem(models.Model):
    """One task for the clinic's staff. However often a cause is seen, it has one undone item (`cause`)."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="work_items")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="work_items")
    kind = models.SlugField(max_length=40)
    cause = models.CharField(max_length=120)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.SOON)
    why = models.CharField(max_length=300)
    say = models.TextField(blank=True, default="", help_text="what to tell the patient")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=choices(WorkItemState), default=WorkItemState.OPEN.value)
    claimed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True, default="")
    resolved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey", "cause"],
                condition=~Q(state="resolved"),
                name="work_item_one_undone_per_cause",
            ),
            models.CheckConstraint(
                name="work_item_claimed_by_and_at_together",
                condition=Q(claimed_by__isnull=True, claimed_at__isnull=True)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="work_item_claimed_has_somebody",
                condition=~Q(state="claimed") | Q(claimed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="work_item_snoozed_has_time_and_reason",
                condition=~Q(state="snoozed") | (Q(snoozed_until__isnull=False) & ~Q(snooze_reason="")),
            ),
            models.CheckConstraint(
                name="work_item_resolved_has_time_and_outcome",
                condition=~Q(state="resolved") | (Q(resolved_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "due_at"], condition=~Q(state="resolved"), name="work_item_undone"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}"
