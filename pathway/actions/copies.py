"""Copies to caregivers: who helps a patient reads what the patient was to read, as far as the patient agreed."""

from collections.abc import Collection
from datetime import datetime

from pathway.models import Origin, Reminder
from pathway.queries.protocols import protocol_of
from pathway.states import ReminderState

TO_COPY = (
    ReminderState.SENT,
    ReminderState.DELIVERED,
    ReminderState.UNKNOWN,
    ReminderState.FAILED,  # the patient could not be reached: all the more reason to tell who helps
    ReminderState.MISSED,
)


def copy_to_caregivers(*, sent: Collection[int], now: datetime) -> int:
    """Queue a copy of each of these reminders (ids) whose patient has a caregiver who may be told; how many.

    Only of what the plan sent or could not deliver, while it is of use, and once for each. The caregiver needs the
    patient's consent and a phone, and must not have stopped the copies; a patient who stopped the messages stopped
    these too. Belongs in the transaction that records what became of the reminders. One statement where nobody has a
    caregiver. Protocols from before there were copies have no words for one.
    """
    if not sent:
        return 0
    rows = (
        Reminder.objects.filter(
            pk__in=sent,
            origin=Origin.PLAN,
            state__in=TO_COPY,
            superseded_by=None,
            useful_until__gt=now,
            journey__patient__stopped_at=None,
            journey__patient__caregiver__consented_at__lte=now,
            journey__patient__caregiver__stopped_at=None,
        )
        .exclude(journey__patient__caregiver__phone="")
        .select_related("journey__protocol_version")
        .defer("journey__protocol_version__source")
    )
    copies = [
        follower(row, origin=Origin.COPY, text=row.text, now=now)
        for row in rows
        if any(protocol_of(row.journey.protocol_version).copy_prefix.values())
    ]
    if copies:
        Reminder.objects.bulk_create(copies, ignore_conflicts=True)
    return len(copies)


SUFFIXES = {Origin.AGAIN: "again", Origin.COPY: "copy"}


def follower(row: Reminder, *, origin: Origin, text: str, now: datetime) -> Reminder:
    """A row, not yet in the database, that tells the same as `row` now: to another address or another person.

    Its journey must be loaded. It waits for the sending hours, and goes no later than the original would have.
    """
    return Reminder(
        clinic_id=row.clinic_id,
        origin=origin,
        follows=row,
        journey=row.journey,
        key=f"{row.key}/{SUFFIXES[origin]}",
        base_key=row.base_key,
        step=row.step,
        text=text,
        says=row.says,
        covers=row.covers,
        send_at=now,
        run_at=now,
        intended_at=now,
        useful_until=row.useful_until,
        safety=row.safety,
        waits_for_window=True,
        needs_booked=row.needs_booked,
        plan_version=row.journey.plan_version,
    )
