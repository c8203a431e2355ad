"""What becomes of due rows that are not sent: their state, their reason, and a person where one must know."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from notifications.dispatcher.changes import Values
from notifications.dispatcher.due import Due
from notifications.dispatcher.facts import with_facts
from notifications.dispatcher.follow_ups import after_failing, after_sending
from notifications.dispatcher.outgoing import Started
from notifications.dispatcher.people import Unsent, close_messages, hand_to_people, needs_a_person, told_before
from notifications.dispatcher.recheck import AlreadySent, Miss, Verdict, Wait, Withdraw
from pathway.models import Origin, Reminder
from pathway.states import ReminderState, check_transition

PLANNED = ReminderState.PLANNED


def end_rows(ends: Sequence[tuple[Due, Verdict]], started: Started, *, now: datetime) -> None:
    """Write every verdict but `Go`, and count it in `started`. Belongs in the transaction that holds the rows."""
    if not ends:
        return
    alike: dict[frozenset[tuple[str, object]], list[int]] = defaultdict(list)
    for due, end in ends:
        alike[frozenset(values_of(end).items())].append(due.pk)
    for values, ids in alike.items():
        Reminder.objects.filter(id__in=ids, state=PLANNED).update(**dict(values))
    started.sent += sum(isinstance(end, AlreadySent) for _, end in ends)
    started.waiting += sum(isinstance(end, Wait) for _, end in ends)
    started.withdrawn += sum(isinstance(end, Withdraw) for _, end in ends)
    started.missed += sum(isinstance(end, Miss) for _, end in ends)
    after_sending([(due, end.sent_at) for due, end in ends if isinstance(end, AlreadySent)], now=now)
    unsent = [(due, end) for due, end in ends if isinstance(end, Withdraw | Miss)]
    tell_people(unsent, now=now)
    after_failing([due for due, end in unsent if isinstance(end, Miss) or due.origin == Origin.AGAIN], now=now)


def values_of(end: Verdict) -> Values:
    """What a verdict makes of a waiting row."""
    match end:
        case AlreadySent(sent_at):
            return becoming(ReminderState.SENT, sent_at=sent_at)
        case Wait(run_at, reason):
            return {"run_at": run_at, "reason": reason}
        case Withdraw(reason=reason):
            return becoming(ReminderState.WITHDRAWN, reason=reason[:200])
        case Miss(reason=reason):
            return becoming(ReminderState.MISSED, reason=reason[:200])
    raise TypeError(f"{end!r} changes no row")


def becoming(after: ReminderState, **values: object) -> Values:
    """The values that end a waiting row; `TransitionError` where the table does not allow it."""
    check_transition(PLANNED, after)
    return {"state": after.value, **values}


def tell_people(ends: Sequence[tuple[Due, Withdraw | Miss]], *, now: datetime) -> None:
    """Open the work items and write the history of what is not sent.

    A person need not act on a repeat or a copy that is not sent: what it repeats has its own tasks.
    """
    if not ends:
        return
    by_id = {due.pk: (due, end) for due, end in ends}
    unsent = []
    rows = with_facts(Reminder.objects.filter(id__in=by_id))
    told = told_before([row for row in rows if row.tries])  # refused for so long that somebody had to call already
    for reminder in rows:
        due, end = by_id[reminder.pk]
        kind = end.kind if isinstance(end, Miss) else "missed-message"
        tell = (isinstance(end, Miss) or end.tell) and reminder.pk not in told
        unsent.append(Unsent(reminder, end.reason, kind=kind, tell=tell and needs_a_person(reminder)))
    hand_to_people(unsent, now=now)
    close_messages([one.reminder.pk for one in unsent])
