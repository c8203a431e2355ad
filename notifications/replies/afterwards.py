"""What a late receipt makes of tasks: the call that is moot, and the text that arrived although it was taken back."""

from datetime import datetime

from notifications.models import Message
from notifications.rendering import render
from pathway.actions.calls import CALL_WITHIN
from pathway.actions.work_items import close_items, open_item
from pathway.models import Priority, Reminder
from pathway.queries.protocols import protocol_of
from pathway.staff_words import call_cause, step_title
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
