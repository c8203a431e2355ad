"""What is not sent is handed to a person: a work item that says why and what to say, and a line in the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.dispatcher.facts import spec_behind
from pathway.actions.work_items import NewItem, open_items
from pathway.models import JourneyEvent, Priority, Reminder

CALL_WITHIN = {Priority.URGENT: timedelta(hours=1), Priority.SOON: timedelta(hours=4)}
"""How soon somebody should phone: a safety message was about to matter, anything else can wait for a while (D)."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reminder that the patient does not get, in words staff can read, and the kind of work item it becomes.

    `tell` is false where nobody need act: the history still says so.
    """

    reminder: Reminder
    reason: str
    kind: str = "missed-message"
    tell: bool = True


def hand_to_people(unsent: Sequence[Unsent], *, now: datetime) -> None:
    """Open the work items and write the history of these reminders. Belongs in the transaction that changes them."""
    open_items([work_item(one, now=now) for one in unsent if one.tell], now=now)
    JourneyEvent.objects.bulk_create(
        JourneyEvent(
            journey_id=one.reminder.journey_id,
            at=now,
            kind="reminder-not-sent",
            why=one.reason,
            detail={"reminder": one.reminder.key},
            plan_version=one.reminder.plan_version,
        )
        for one in unsent
    )


def work_item(one: Unsent, *, now: datetime) -> NewItem:
    """The task that takes the message's place: phone the patient, or book the visit it could not tell of."""
    priority = Priority.URGENT if one.reminder.safety else Priority.SOON
    lead = "Book the visit" if one.kind == "book-visit" else "Phone the patient"
    return NewItem(
        journey=one.reminder.journey,
        kind=one.kind,
        cause=f"reminder:{one.reminder.key}"[:120],
        why=f"{lead}: the message “{one.reminder.key}” was not sent. {one.reason}",
        say=what_to_say(one.reminder),
        due_at=now + CALL_WITHIN[priority],
        priority=priority,
    )


def what_to_say(reminder: Reminder) -> str:
    """The protocol's words for the phone call, in the patient's language; empty where the protocol has none."""
    spec = spec_behind(reminder)
    if spec is None:
        return ""
    return spec.call.get(reminder.journey.patient.language) or next(iter(spec.call.values()), "")
