"""What a receipt makes of tasks: the call that is moot, the text that arrived although taken back, the machine."""

from datetime import datetime

from notifications.models import Message
from notifications.rendering import render
from pathway.actions.calls import CALL_WITHIN, in_place_of, words_to_say
from pathway.actions.work_items import close_items, open_item
from pathway.models import Origin, Priority, Reminder
from pathway.queries.protocols import protocol_of
from pathway.staff_words import call_cause, step_title
from pathway.states import ReminderState
from pathway.wording import WordingError


def close_moot_call(reminder: Reminder, *, outcome: str, now: datetime) -> None:
    """End the task to call in place of a reminder that needs no call."""
    causes = [call_cause(reminder.step, reminder.text)]
    close_items(journey=reminder.journey, causes=causes, outcome=outcome, now=now, by=None)


def words_have_changed(reminder: Reminder, message: Message) -> bool:
    """Whether the reminder would say something else by now than its message did."""
    try:
        return not render(reminder, kind=message.channel).are_those_of(message.body)
    except WordingError:
        return True


def tell_of_arrival(reminder: Reminder, message: Message, *, now: datetime) -> None:
    """Have somebody call about words that reached the patient although they are not right any more."""
    title = step_title(protocol_of(reminder.journey.protocol_version), reminder.step)
    priority = Priority.URGENT if reminder.safety else Priority.SOON
    open_item(
        journey=reminder.journey,
        kind="arrived-after-all",
        cause=f"arrived:{message.pk}",
        why=f"Call: an old text “{title}” arrived after it was withdrawn or changed. It said: {message.body}",
        due_at=now + CALL_WITHIN[priority],
        now=now,
        priority=priority,
    )


def tell_of_machine(reminder: Reminder, *, now: datetime) -> None:
    """Have somebody call about a safety matter that only an answering machine has heard, while it is of use.

    What asks for an answer needs no such task: nobody counts silence as one, and a nurse hears of it in time. A key
    that is pressed after all ends the task.
    """
    protocol = protocol_of(reminder.journey.protocol_version)
    spec = protocol.reminder(reminder.base_key)
    is_right = reminder.superseded_by_id is None and now < reminder.useful_until
    is_open = reminder.origin == Origin.PLAN and reminder.state != ReminderState.DELIVERED
    if spec is None or reminder.text in spec.asked_in or not (reminder.safety and is_right and is_open):
        return
    what = in_place_of(protocol, reminder.base_key, reminder.step, reminder.text)
    open_item(
        journey=reminder.journey,
        kind="on-a-machine",
        cause=call_cause(reminder.step, reminder.text),
        why=f"Call: {what} was left on an answering machine. Nobody may have heard it.",
        say=words_to_say(reminder.journey, protocol, reminder.base_key, reminder.text, now=now),
        due_at=min(now + CALL_WITHIN[Priority.URGENT], reminder.useful_until),
        now=now,
        priority=Priority.URGENT,
    )
