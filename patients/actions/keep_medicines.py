"""A patient's list of medicines and results: written down, changed, and ended. Each with its audit row."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from patients.actions.audit import record_change
from patients.models import LAB_UNITS, LabKind, LabResult, Medication, Patient, Staff

PLAUSIBLE = {LabKind.INR: (Decimal("0.5"), Decimal(20)), LabKind.CREATININE_CLEARANCE: (Decimal(1), Decimal(250))}
"""Between these a result can be meant (D); outside it is a slip of the pen."""


class NotAResult(ValueError):
    """A result that cannot be meant; `field` is the form's field that can mend it, `str()` says how."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ToldMedicine:
    """What is told of one medicine. None: nobody asked."""

    name: str
    rxcui: str = ""
    dose: str = ""
    schedule: str = ""
    indication: str = ""
    variant: str = ""
    has_stent: bool | None = None
    has_risk_flag: bool | None = None


@transaction.atomic
def keep_medicine(*, patient: Patient, told: ToldMedicine, by: Staff, now: datetime) -> Medication:
    """Write down a medicine, or what is new of one that has this name already; taken again, if it had been ended."""
    Patient.objects.select_for_update().get(pk=patient.pk)  # two who write down one medicine do it one after the other
    known = Medication.objects.filter(patient=patient, name__iexact=told.name.strip()).first()
    row = known or Medication(patient=patient, name=told.name.strip())
    row.rxcui, row.dose, row.schedule = told.rxcui, told.dose, told.schedule
    row.indication, row.variant = told.indication, told.variant
    row.has_stent, row.has_risk_flag = told.has_stent, told.has_risk_flag
    row.stopped_at, row.stopped_by, row.recorded_by = None, None, by
    row.save()
    record_change(patient=patient, what=f"medicine {row.pk}: {'changed' if known else 'added'}", by=by, now=now)
    return row


@transaction.atomic
def end_medicine(*, medication: Medication, by: Staff, now: datetime) -> bool:
    """Note that the patient does not take a medicine any more, for good; False when that was known."""
    ended = Medication.objects.filter(pk=medication.pk, stopped_at=None).update(stopped_at=now, stopped_by=by)
    if ended:
        record_change(patient=medication.patient, what=f"medicine {medication.pk}: ended", by=by, now=now)
    return bool(ended)


@transaction.atomic
def keep_result(
    *, patient: Patient, kind: LabKind, value: Decimal, unit: str, taken_at: datetime, by: Staff, now: datetime
) -> LabResult:
    """Write down a result; `taken_at` (UTC) is when the sample was taken. Raises `NotAResult`."""
    if unit != LAB_UNITS[kind]:
        raise NotAResult("unit", f"{kind.label} is kept in {LAB_UNITS[kind]}: enter it in that unit.")
    lowest, highest = PLAUSIBLE[kind]
    if not lowest <= value <= highest:
        raise NotAResult("value", f"{kind.label} is between {lowest} and {highest}: check the number.")
    if taken_at > now:
        raise NotAResult("day", "This moment is still to come. Enter when the sample was taken.")
    row = LabResult.objects.create(
        patient=patient, kind=kind, value=value, unit=unit, taken_at=taken_at, recorded_by=by, recorded_at=now
    )
    record_change(patient=patient, what=f"result {row.pk}: added", by=by, now=now)
    return row
