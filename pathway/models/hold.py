"""A medicine held around the procedure, from draft to restart."""

from django.db import models
from django.db.models import Q

from pathway.models.journey import Journey, choices
from pathway.states import HoldState
from patients.models import Staff


class MedicationHold(models.Model):
    """A hold of one drug. Until a prescriber signed it (`signed_by`, `signed_at`) no patient hears of it.

    `duration` and `restart_after` are ISO 8601 durations: days are calendar days, hours are elapsed.
    """

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="holds")
    drug = models.CharField(max_length=40)
    duration = models.CharField(max_length=20, help_text="before the procedure, for example P3D")
    restart_after = models.CharField(max_length=20, default="P1D", help_text="after the procedure, for example P1D")
    state = models.CharField(max_length=12, choices=choices(HoldState), default=HoldState.DRAFTED.value)
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(
        null=True, blank=True, help_text="held already under an earlier signature, since then"
    )
    declined_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey", "drug"], condition=~Q(state="declined"), name="hold_once_per_drug"
            ),
            models.CheckConstraint(
                name="hold_signed_by_and_at_together",
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_beyond_draft_is_signed",
                condition=Q(state__in=["drafted", "declined"]) | Q(signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drug} {self.duration} ({self.state})"
