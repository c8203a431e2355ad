"""Who helps a patient, in the history of their journeys. What copies wait for is asked when they are due."""

from datetime import datetime

from django.db import transaction

from pathway.actions.opt_out import write_events
from patients.actions.keep_caregiver import ToldCaregiver, keep_caregiver, remove_caregiver
from patients.models import Patient, Staff


@transaction.atomic
def change_caregiver(
    *, patient: Patient, told: ToldCaregiver, stopped_at: datetime | None, by: Staff, now: datetime
) -> bool:
    """Write down who helps a patient and whether they get copies; False when nothing is new. See `keep_caregiver`."""
    what = keep_caregiver(patient=patient, told=told, stopped_at=stopped_at, by=by, now=now)
    if what:
        said = f", {told.agreed}" if told.agreed and "copies agreed to" in what else ""
        write_events(patient, "caregiver", f"{told}: {what}{said}", by, now)
    return bool(what)


@transaction.atomic
def drop_caregiver(*, patient: Patient, by: Staff, now: datetime) -> bool:
    """Take out who helps a patient; copies that wait are not sent. False when there was nobody."""
    if not remove_caregiver(patient=patient, by=by, now=now):
        return False
    write_events(patient, "caregiver", "removed", by, now)
    return True
