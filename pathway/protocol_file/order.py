"""What can be said of the order of two moments before anybody knows the dates.

Two moments from one anchor are compared on a nominal clock: a day is 24 hours. A clock time on one of them only makes
the difference depend on the anchor's own time of day, so it is known between two bounds.
"""

from datetime import time, timedelta

from pathway.planner.spec import Moment, Protocol, ReminderSpec
from pathway.protocol_file.findings import Findings
from pathway.protocol_file.places import milestone_table, reminder_table, steps_of

BEFORE_PROCEDURE = ("arrival", "fast-start")
"""The patient arrives and the fast begins before the procedure, whatever the clinic's settings."""

Bounds = tuple[timedelta, timedelta]
ZERO = timedelta(0)


def check_order(protocol: Protocol, findings: Findings) -> None:
    """Windows end after they begin, and a reminder is of use after it is sent and not after what it comes before."""
    for index, milestone in enumerate(protocol.milestones):
        table = milestone_table(index, milestone)
        if surely_not_after(milestone.book_until, milestone.book_from):
            findings.add(table, "book_until", "must be after book_from: give a later moment.")
    for table, step in steps_of(protocol):
        if surely_before(step.ends, step.starts):
            findings.add(table, "ends", "is before starts: give a later moment.")
        if surely_before(step.ends, step.eases):
            findings.add(table, "eases", "is after ends: give an earlier moment.")
        if surely_before(step.eases, step.starts):
            findings.add(table, "eases", "is before starts: give a later moment.")
        for index, spec in enumerate(step.reminders):
            check_usefulness(protocol, spec, findings, table=reminder_table(table, index, spec))


def check_usefulness(protocol: Protocol, spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """One reminder can be sent before it is of no use, and a "before" one never after what it comes before."""
    if surely_not_after(spec.useful_until, spec.send):
        told = "must be after send, or the reminder could never go out: give a later moment."
        findings.add(table, "useful_until", told)
    anchor = spec.send.anchor
    if spec.send.is_before and may_be_after(protocol, spec.useful_until, anchor):
        told = (
            f'may be after "{anchor}", which this reminder comes before: end it at {{ from = "{anchor}" }} or earlier.'
        )
        findings.add(table, "useful_until", told)


def may_be_after(protocol: Protocol, moment: Moment, anchor: str) -> bool:
    """Whether a moment can come after an anchor, as far as the file tells."""
    latest = bounds(moment)[1]
    if moment.anchor == anchor:
        return latest > ZERO
    if anchor in BEFORE_PROCEDURE and moment.anchor == "procedure":
        return bounds(moment)[0] >= ZERO
    for milestone in protocol.milestones:
        if milestone.key == moment.anchor and milestone.expected and milestone.expected.anchor == anchor:
            return bounds(milestone.expected)[0] + bounds(moment)[0] > ZERO
    return False


def surely_not_after(first: Moment | None, second: Moment | None) -> bool:
    """Whether the first moment can never come after the second."""
    gap = difference(first, second)
    return gap is not None and gap[1] <= ZERO


def surely_before(first: Moment | None, second: Moment | None) -> bool:
    """Whether the first moment always comes before the second."""
    gap = difference(first, second)
    return gap is not None and gap[1] < ZERO


def difference(first: Moment | None, second: Moment | None) -> Bounds | None:
    """Between which bounds `first - second` lies; None when they cannot be compared."""
    if first is None or second is None or first.anchor != second.anchor or not first.anchor:
        return None
    low, high = bounds(first)
    other_low, other_high = bounds(second)
    if first.at is not None and second.at is not None:  # the anchor's time of day is the same in both
        exact = high - other_high
        return exact, exact
    return low - other_high, high - other_low


def bounds(moment: Moment) -> Bounds:
    """Between which bounds a moment lies from its anchor: exact, unless a clock time makes it depend on the day."""
    whole = timedelta(days=moment.offset.days) + moment.offset.elapsed
    if moment.at is None:
        return whole, whole
    latest = whole + since_midnight(moment.at)
    return latest - timedelta(days=1), latest


def since_midnight(at: time) -> timedelta:
    """A time of day as the time since midnight."""
    return timedelta(hours=at.hour, minutes=at.minute)
