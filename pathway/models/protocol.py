"""The clinic's reviewed plan for a procedure, and its published versions."""

from django.db import models

from patients.models import Staff


class Protocol(models.Model):
    """A plan by name, for example `mild`."""

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title


class ProtocolVersion(models.Model):
    """One published text of a protocol. The database refuses to change or delete it (migration 0002)."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    source = models.TextField(help_text="the TOML file as it was reviewed")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the source")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["protocol", "version"], name="protocol_version_published_once"),
        ]

    def __str__(self) -> str:
        return f"{self.protocol.key} {self.version}"
