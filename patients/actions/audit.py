"""Writing down who looked at or changed what. `what` names a record; it never holds what is in it."""

from collections.abc import Iterable
from datetime import datetime

from patients.models import AuditEvent, Clinic, Patient, Staff


def record_read(*, patient: Patient, what: str, by: Staff | None, now: datetime) -> AuditEvent:
    """Write that `by` (None: the patient, with their link) looked at a record of this patient."""
    return AuditEvent.objects.create(
        at=now, by=by, clinic_id=patient.clinic_id, patient=patient, verb="read", what=what
    )


def record_list_read(*, clinics: Iterable[Clinic], what: str, by: Staff, now: datetime) -> None:
    """Write that `by` looked at a list that names patients: one row for each clinic, not one for each patient."""
    AuditEvent.objects.bulk_create(
        AuditEvent(at=now, by=by, clinic=clinic, verb="read", what=what) for clinic in clinics
    )


def record_change(*, patient: Patient, what: str, by: Staff | None, now: datetime) -> AuditEvent:
    """Write that `by` (None: the system) changed a record of this patient."""
    return AuditEvent.objects.create(
        at=now, by=by, clinic_id=patient.clinic_id, patient=patient, verb="change", what=what
    )
