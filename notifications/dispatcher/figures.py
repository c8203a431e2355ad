"""What sending adds to the figures. Costs nothing where nobody looks: nothing is counted up before that is asked.

Each end is counted once, by whoever wrote it, after its commit: a group, a look-up, a rescue, or a receipt.
"""

from collections.abc import Iterable, Sequence

from notifications.channels.base import Receipt
from notifications.dispatcher.changes import Values
from notifications.dispatcher.outgoing import Started
from notifications.dispatcher.record import Ends
from notifications.dispatcher.send import Answered
from notifications.metrics.answers import count_answers
from notifications.metrics.counters import count_ends, observe_lateness
from pathway.states import ReminderState


def count_group(started: Started, answered: Sequence[Answered], ends: Ends) -> None:
    """Count how a group ended, what its providers said, and how late its messages were taken."""
    count_ends(
        end
        for end, number in (
            *ends.items(),
            (("", ReminderState.SENT), started.sent),
            (("", ReminderState.WITHDRAWN), started.withdrawn),
            (("", ReminderState.MISSED), started.missed),
        )
        for _ in range(number)
    )
    count_answers((one.way.kind, answer) for one, answer in answered)
    observe_lateness(
        (one.way.kind, (answer.accepted_at - one.due.send_at).total_seconds())
        for one, answer in answered
        if isinstance(answer, Receipt)
    )


def count_changes(changed: Iterable[tuple[str, Values]]) -> None:
    """Count single reminders by channel ("" where none is known) and new values; those without a state go on."""
    count_ends((channel, ReminderState(str(values["state"]))) for channel, values in changed if "state" in values)
