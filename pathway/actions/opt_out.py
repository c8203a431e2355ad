"""What a patient's stop does to their journeys: a line in the history, and a task to call instead of every text."""

from datetime import datetime

from django.db import transaction

from pathway.actions.calls import CALL_WITHIN
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, JourneyEvent, Priority
from pathway.states import JOURNEY_ENDED
from patients.actions.opt_out import resume_copies, resume_messages, stop_copies, stop_messages
from patients.models import Caregiver, Patient, Staff

CALL_INSTEAD = "stopped"
"""The cause of the task to call a patient who wants no more messages."""


@transaction.atomic
def stop_texts(*, patient: Patient, how: str, by: Staff | None, now: datetime) -> bool:
    """Stop all messages to a patient, and have somebody call about what is planned; False when they were stopped.

    What waits stays planned: each reminder becomes a call of its own when it would have gone out. `how` ends the
    sentence "The patient wants no more messages: ...".
    """
    if not stop_messages(patient=patient, how=how, by=by, now=now):
        return False
    journeys = write_events(patient, "messages-stopped", how, by, now)
    open_items(
        [
            NewItem(
                journey=journey,
                kind="call-instead",
                cause=CALL_INSTEAD,
                why=f"The patient wants no more messages: {how}. Agree on calls about what is planned.",
                due_at=now + CALL_WITHIN[Priority.SOON],
            )
            for journey in journeys
            if journey.state not in JOURNEY_ENDED
        ],
        now=now,
    )
    return True


@transaction.atomic
def resume_texts(*, patient: Patient, how: str, by: Staff | None, now: datetime) -> bool:
    """Send a patient messages again from now on; False when they were not stopped. `how` says why, for the history."""
    if not resume_messages(patient=patient, how=how, by=by, now=now):
        return False
    for journey in write_events(patient, "messages-resumed", how, by, now):
        close_items(journey=journey, causes=[CALL_INSTEAD], outcome="Messages are wanted again.", now=now, by=by)
    return True


@transaction.atomic
def stop_caregiver_copies(*, caregiver: Caregiver, how: str, now: datetime) -> bool:
    """Stop the copies to a caregiver; the patient's own messages go on. False when they were stopped already."""
    if not stop_copies(caregiver=caregiver, now=now):
        return False
    write_events(caregiver.patient, "copies-stopped", how, None, now)
    return True


@transaction.atomic
def resume_caregiver_copies(*, caregiver: Caregiver, how: str, now: datetime) -> bool:
    """Send a caregiver copies again, as far as the patient agreed to them; False when they were not stopped."""
    if not resume_copies(caregiver=caregiver, now=now):
        return False
    write_events(caregiver.patient, "copies-resumed", how, None, now)
    return True


def write_events(patient: Patient, kind: str, why: str, by: Staff | None, now: datetime) -> list[Journey]:
    """Write a line of history on the patient's journeys under way, which are returned; on the newest if all ended."""
    rows = list(Journey.objects.filter(patient=patient).order_by("enrolled_at", "pk"))
    journeys = [row for row in rows if row.state not in JOURNEY_ENDED] or rows[-1:]
    JourneyEvent.objects.bulk_create(
        JourneyEvent(journey=journey, at=now, by=by, kind=kind, why=why[:300], plan_version=journey.plan_version)
        for journey in journeys
    )
    return journeys
