"""No more messages, and messages again: at once and on every channel, whoever says so."""

from datetime import datetime

from django.db import transaction

from patients.actions.audit import record_change
from patients.models import Caregiver, Patient, Staff


@transaction.atomic
def stop_messages(*, patient: Patient, how: str, by: Staff | None, now: datetime) -> bool:
    """Send this patient nothing more on any channel; False when that was so already.

    `how` names the way they said it, never their words; `by` is who wrote it down, None when they texted it.
    """
    if not Patient.objects.filter(pk=patient.pk, stopped_at=None).update(stopped_at=now):
        return False
    patient.stopped_at = now
    record_change(patient=patient, what=f"messages stopped: {how}"[:120], by=by, now=now)
    return True


@transaction.atomic
def resume_messages(*, patient: Patient, how: str, by: Staff | None, now: datetime) -> bool:
    """Send this patient messages again, also by contacts they opted out; False when nothing was stopped."""
    resumed = Patient.objects.filter(pk=patient.pk, stopped_at__isnull=False).update(stopped_at=None)
    reopened = patient.contacts.filter(opted_out_at__isnull=False).update(opted_out_at=None)
    if not (resumed or reopened):
        return False
    patient.stopped_at = None
    record_change(patient=patient, what=f"messages resumed: {how}"[:120], by=by, now=now)
    return True


@transaction.atomic
def stop_copies(*, caregiver: Caregiver, now: datetime) -> bool:
    """Send this caregiver no more copies; False when that was so already. The patient's own messages go on."""
    if not Caregiver.objects.filter(pk=caregiver.pk, stopped_at=None).update(stopped_at=now):
        return False
    record_change(patient=caregiver.patient, what="copies to the caregiver stopped", by=None, now=now)
    return True


@transaction.atomic
def resume_copies(*, caregiver: Caregiver, now: datetime) -> bool:
    """Send this caregiver copies again, as far as the patient agreed to them; False when they were not stopped."""
    if not Caregiver.objects.filter(pk=caregiver.pk, stopped_at__isnull=False).update(stopped_at=None):
        return False
    record_change(patient=caregiver.patient, what="copies to the caregiver resumed", by=None, now=now)
    return True
