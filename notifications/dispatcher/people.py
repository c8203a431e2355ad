"""What is not sent is handed to a person: a work item that says why and what to say, and a line in the history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from notifications.dispatcher.facts import protocol_behind
from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from notifications.models import Message, MessageState
from pathway.actions.calls import CALL_WITHIN, call_item
from pathway.actions.work_items import NewItem, open_items
from pathway.models import JourneyEvent, Origin, Priority, Reminder, WorkItem
from pathway.staff_words import call_cause

OPENED = ("journey_id", "cause", "opened_at")


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
    open_items([work_item_or_plain(one, now=now) for one in unsent if one.tell], now=now)
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


def needs_a_person(reminder: Reminder) -> bool:
    """Whether somebody must act when it is not sent.

    A repeat or a copy has its tasks by what it repeats, and a stop is a task already. Who asked for help gets a call.
    """
    return reminder.origin == Origin.PLAN or (reminder.origin == Origin.ANSWER and reminder.text == "help")


def told_before(reminders: Sequence[Reminder]) -> set[int]:
    """Those of the reminders about which a person was given the task to call since they were due, by id."""
    if not reminders:
        return set()
    causes = {row.pk: call_cause(row.step, row.text) for row in reminders}
    items = WorkItem.objects.filter(journey__in=[row.journey_id for row in reminders], cause__in=causes.values())
    opened = {(journey, cause): at for journey, cause, at in items.order_by("id").values_list(*OPENED)}
    named = {row: opened.get((row.journey_id, causes[row.pk])) for row in reminders}
    return {row.pk for row, at in named.items() if at is not None and at >= row.send_at}


def close_messages(reminder_ids: Sequence[int]) -> None:
    """Mark messages that were refused for now and are not offered again as not sent."""
    Message.objects.filter(reminder_id__in=reminder_ids, state=MessageState.SENDING).update(state=MessageState.FAILED)


def work_item_or_plain(one: Unsent, *, now: datetime) -> NewItem:
    """The task in the protocol's words, or in plain ones: a person must hear of it whatever is wrong with the row."""
    try:
        return work_item(one, now=now)
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception as error:
        note_unfit(one.reminder.pk, at="described to staff", error=error)
        return plain_work_item(one, now=now)


def plain_work_item(one: Unsent, *, now: datetime) -> NewItem:
    """The same task without anything from the protocol."""
    reminder = one.reminder
    priority = Priority.URGENT if reminder.safety else Priority.SOON
    return NewItem(
        journey=reminder.journey,
        kind=one.kind,
        cause=call_cause(reminder.step, reminder.text),
        why=f"Call: the text “{reminder.text}” was not sent, and what it says cannot be read. {one.reason}",
        due_at=now + CALL_WITHIN[priority],
        priority=priority,
    )


def work_item(one: Unsent, *, now: datetime) -> NewItem:
    """The task that takes the message's place: call the patient, or book the visit it could not tell of."""
    reminder = one.reminder
    item = call_item(
        journey=reminder.journey,
        protocol=protocol_behind(reminder),
        base_key=reminder.base_key,
        step=reminder.step,
        text=reminder.text,
        safety=reminder.safety,
        reason=one.reason,
        now=now,
        kind=one.kind,
    )
    return replace(item, due_at=min(item.due_at, reminder.useful_until)) if now < reminder.useful_until else item
