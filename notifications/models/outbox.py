"""The outbox that stands in for a provider."""

from django.db import models


class OutboxEntry(models.Model):
    """What the outbox channel caught: the stand-in for a provider. One row per reference, whatever is retried."""

    reference = models.UUIDField(primary_key=True)
    address = models.CharField(max_length=254)
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    accepted_at = models.DateTimeField()
    times_offered = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["address", "accepted_at"], name="outbox_by_address")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"
