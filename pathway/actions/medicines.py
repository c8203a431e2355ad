"""What is new on a patient's list of medicines or results, and what follows from it for their journeys."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from pathway.actions.draft_holds import draft_holds
from pathway.actions.opt_out import write_events
from pathway.actions.replan import replan
from pathway.models import Journey
from pathway.states import JOURNEY_ENDED
from patients.actions.keep_medicines import ToldMedicine, end_medicine, keep_medicine, keep_result
from patients.models import LabKind, LabResult, Medication, Patient, Staff


@transaction.atomic
def change_medicine(*, patient: Patient, told: ToldMedicine, by: Staff, now: datetime) -> Medication:
    """Write down a medicine, and draft what the table proposes for it."""
    row = keep_medicine(patient=patient, told=told, by=by, now=now)
    _follow(patient, "medicine-recorded", row.name, by, now)
    return row


@transaction.atomic
def stop_medicine(*, medication: Medication, by: Staff, now: datetime) -> bool:
    """Note that a medicine is not taken any more, for good; False when that was known. Holds follow."""
    if not end_medicine(medication=medication, by=by, now=now):
        return False
    _follow(medication.patient, "medicine-ended", medication.name, by, now)
    return True


@transaction.atomic
def record_result(
    *, patient: Patient, kind: LabKind, value: Decimal, unit: str, taken_at: datetime, by: Staff, now: datetime
) -> LabResult:
    """Write down a result and let the holds that it decides about follow. Raises `NotAResult`."""
    row = keep_result(patient=patient, kind=kind, value=value, unit=unit, taken_at=taken_at, by=by, now=now)
    _follow(patient, "result-recorded", str(row), by, now)
    return row


def _follow(patient: Patient, kind: str, what: str, by: Staff, now: datetime) -> None:
    write_events(patient, kind, what, by, now)
    for journey in Journey.objects.filter(patient=patient).exclude(state__in=JOURNEY_ENDED).order_by("pk"):
        draft_holds(journey=journey, by=by, now=now)
        replan(journey, by=by, now=now)
