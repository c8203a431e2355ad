"""Who looked at or changed what: one row each, never changed."""

from django.db import models

from patients.models.clinic import Clinic, Staff
from patients.models.patient import Patient


class AuditEvent(models.Model):
    """One read or change of a patient's record. `what` names the record, never its contents."""

    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="audit_events")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_events")
    verb = models.CharField(max_length=12, choices=[("read", "read"), ("change", "change")])
    what = models.CharField(max_length=120)

    class Meta:
        indexes = [
            models.Index(fields=["patient", "at"], name="audit_by_patient"),
            models.Index(fields=["by", "at"], name="audit_by_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by or 'the system'} {self.verb} {self.what}"
