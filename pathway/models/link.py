"""The patient's way in: one random link, one journey, for a while."""

from django.db import models

from pathway.models.journey import Journey


class PatientLink(models.Model):
    """A link to one journey's page. Only the SHA-256 of its token is kept; the birth date opens it."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    wrong_answers = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link of journey {self.journey_id}"
