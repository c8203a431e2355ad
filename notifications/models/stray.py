"""Messages that came in and belong to nobody we could name. Kept, and never guessed to a patient."""

from django.db import models
from django.db.models import Q

from patients.models import Clinic, Staff


class StrayMessage(models.Model):
    """One incoming message whose sender is no patient's number, or that of several.

    `clinic` is the owner of the number it was sent to, where that is known; its staff settle it by hand.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, null=True, blank=True, related_name="stray_messages")
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254, help_text="who wrote it")
    sent_to = models.CharField(max_length=254, blank=True, default="")
    body = models.TextField()
    why = models.CharField(max_length=120, help_text="why it belongs to nobody")
    provider_reference = models.CharField(max_length=80, blank=True, default="")
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_reference"],
                condition=~Q(provider_reference=""),
                name="stray_received_once",
            ),
            models.CheckConstraint(
                name="stray_settled_has_outcome",
                condition=Q(settled_at__isnull=True) | ~Q(outcome=""),
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "received_at"], condition=Q(settled_at=None), name="stray_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} from an unknown sender"
