"""What is still to be done about the follow-ups of a journey: book, book again, say what became of it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pathway.planner.clock import DAY, resolve, shift
from pathway.planner.facts import Facts
from pathway.planner.spec import MilestoneSpec, Protocol

RECORD_WITHIN = DAY
"""How long after a visit somebody should have said what became of it (D)."""

ASK_AGAIN = timedelta(weeks=1)
"""How often somebody is asked again about a visit whose window has passed: it never stays open in silence (D)."""

AT_THE_LATEST = "window"
"""The stage of a visit that has to be booked now to be inside its window."""

Want = Literal["book", "book-again", "record", "settle"]


@dataclass(frozen=True, slots=True)
class FollowUpNeed:
    """What a person has to do about one follow-up, by when (UTC).

    `stage` tells one occasion from the next: who has dealt with one is not asked again before the next. `until` is the
    end of the window in which the visit should be, where the protocol has one.
    """

    key: str
    want: Want
    stage: str
    due_at: datetime
    until: datetime | None


def follow_up_needs(protocol: Protocol, facts: Facts, now: datetime) -> tuple[FollowUpNeed, ...]:
    """One need at most for each follow-up; none before the procedure has taken place, and none of an ended journey."""
    if facts.ended or not any(_has_taken_place(spec, facts, now) for spec in protocol.milestones):
        return ()
    return tuple(need for spec in protocol.follow_ups for need in _needs(protocol, spec, facts, now))


def _has_taken_place(spec: MilestoneSpec, facts: Facts, now: datetime) -> bool:
    """A procedure whose time has come counts, recorded or not: whether it was is another task."""
    milestone = facts.milestones.get(spec.key)
    return spec.kind == "procedure" and milestone is not None and milestone.at <= now


def _needs(protocol: Protocol, spec: MilestoneSpec, facts: Facts, now: datetime) -> Iterator[FollowUpNeed]:
    visit = facts.milestones.get(spec.key)
    if spec.key in facts.closed or (visit is not None and visit.done and not visit.missed):
        return
    closes = _window_closes(spec, facts)
    if visit is not None and visit.booked and not visit.missed:
        told_at = visit.at + RECORD_WITHIN
        if told_at <= now:
            yield FollowUpNeed(spec.key, "record", f"record:{_weeks(told_at, now)}", told_at + DAY, closes)
        return
    if closes is not None and closes <= now:
        yield FollowUpNeed(spec.key, "settle", f"over:{_weeks(closes, now)}", closes + DAY, closes)
    elif visit is not None and visit.missed:
        due = visit.at + DAY
        yield FollowUpNeed(spec.key, "book-again", f"missed:{visit.at:%Y%m%dT%H%MZ}", _no_later(due, closes), closes)
    elif closes is not None:
        at_the_latest = shift(closes, spec.book_ahead, facts.zone, back=True)
        if at_the_latest <= now:
            yield FollowUpNeed(spec.key, "book", AT_THE_LATEST, _no_later(at_the_latest + DAY, closes), closes)
        elif _has_gone_home(protocol, facts):
            yield FollowUpNeed(spec.key, "book", "home", at_the_latest, closes)


def _window_closes(spec: MilestoneSpec, facts: Facts) -> datetime | None:
    """The end of the window, counted from what has happened or is expected."""
    anchors = {key: milestone.at for key, milestone in facts.milestones.items()}
    return resolve(spec.book_until, anchors, facts.zone) if spec.book_until is not None else None


def _has_gone_home(protocol: Protocol, facts: Facts) -> bool:
    done = {key for key, milestone in facts.milestones.items() if milestone.done}
    return any(one.kind == "discharge" and one.key in done for one in protocol.milestones)


def _no_later(due: datetime, closes: datetime | None) -> datetime:
    return due if closes is None else min(due, closes)


def _weeks(since: datetime, now: datetime) -> int:
    return (now - since) // ASK_AGAIN
