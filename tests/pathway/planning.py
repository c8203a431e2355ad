"""Strategies and an in-memory world for the planner's tests: rows as the database would hold them, without one."""

import dataclasses
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from pathway.planner import (
    Changes,
    Facts,
    Hold,
    Milestone,
    PlannedReminder,
    Policy,
    Protocol,
    Row,
    diff,
    fast_of,
    over_of,
    parse_duration,
    plan,
    to_utc,
    told_of,
)
from pathway.protocol_file import load, read_shipped
from pathway.states import ReminderState

MILD = load(read_shipped("mild"), name="mild.toml")

ZONES = [
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "Europe/Berlin",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # clocks change by half an hour
    "Pacific/Chatham",
    "America/Havana",  # clocks change at midnight
    "Pacific/Apia",
    "UTC",
]
CLOCK_CHANGES = [datetime(2026, 11, 1), datetime(2027, 3, 14), datetime(2027, 3, 28), datetime(2027, 4, 4)]

zones = st.sampled_from(ZONES).map(ZoneInfo)
walls = st.one_of(
    st.datetimes(datetime(2026, 6, 1), datetime(2029, 6, 1)),
    st.builds(
        lambda day, hours, minutes: day + timedelta(hours=hours, minutes=minutes),
        st.sampled_from(CLOCK_CHANGES),
        st.integers(-30, 40),
        st.integers(0, 59),
    ),
).map(lambda wall: wall.replace(second=0, microsecond=0))
windows = st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda pair: pair[0] < pair[1])
policies = st.builds(
    lambda window, lead, fasting: Policy(
        time(window[0]), time(window[1]), timedelta(minutes=lead), timedelta(hours=fasting)
    ),
    st.one_of(st.just((8, 20)), windows),
    st.integers(0, 240),
    st.integers(6, 14),
)
hold_lists = st.lists(
    st.tuples(
        st.sampled_from(["apixaban", "clopidogrel", "warfarin"]), st.sampled_from(["PT12H", "P1D", "P3D", "P10D"])
    ),
    max_size=3,
    unique_by=lambda pair: pair[0],
)
protocols = st.builds(
    lambda gap, daily, weekly: dataclasses.replace(
        MILD, min_gap=timedelta(hours=gap), daily_cap=daily, weekly_cap=max(daily, weekly)
    ),
    st.integers(0, 12),
    st.integers(1, 3),
    st.integers(1, 5),
)


@st.composite
def journeys(draw: st.DrawFn) -> tuple[Protocol, Facts, datetime]:
    """A protocol, the facts of a journey and the moment of planning, clock changes and odd zones well represented."""
    zone = draw(zones)
    procedure = to_utc(draw(walls), zone)
    now = procedure - timedelta(minutes=draw(st.integers(-20 * 1440, 60 * 1440)))
    enrolled = now - timedelta(minutes=draw(st.integers(0, 10 * 1440)))
    milestones = {"procedure": Milestone(procedure)}
    for key, low, high in (("consult", -40, -1), ("discharge", 0, 1), ("follow-up-weeks", 14, 28)):
        if draw(st.booleans()):
            minutes = draw(st.integers(low * 1440 + 60, high * 1440))
            milestones[key] = Milestone(procedure + timedelta(minutes=minutes))
    signed = enrolled + (now - enrolled) * draw(st.sampled_from([0.0, 0.5, 1.0]))
    holds = tuple(
        Hold(drug, parse_duration(duration), parse_duration("P1D"), signed) for drug, duration in draw(hold_lists)
    )
    facts = Facts(milestones, zone, draw(st.sampled_from(["en", "es"])), enrolled, draw(policies), holds)
    return draw(protocols), facts, now


class World:
    """One journey's rows: planned anew, sent when due, and never forgotten."""

    def __init__(self, protocol: Protocol, facts: Facts) -> None:
        self.protocol, self.facts, self.rows = protocol, facts, []

    def replan(self, now: datetime) -> Changes:
        changes = diff(self.rows, plan(self.protocol, self.known(), now))
        by_id = {row.id: row for row in self.rows}
        for pk, _ in changes.withdraw:
            by_id[pk] = dataclasses.replace(by_id[pk], state=ReminderState.WITHDRAWN)
        for pk, reminder in changes.move:
            by_id[pk] = dataclasses.replace(by_id[pk], planned=reminder, state=state_of(reminder, now))
        for key, reminder in changes.create:
            pk = len(by_id) + 1
            by_id[pk] = Row(pk, key, reminder, state_of(reminder, now), False, None, False)
        for pk, _ in changes.correct:
            by_id[pk] = dataclasses.replace(by_id[pk], superseded=True)
        self.rows = list(by_id.values())
        return changes

    def known(self) -> Facts:
        return dataclasses.replace(
            self.facts,
            told=told_of(self.rows),
            over=over_of(self.rows),
            fast=fast_of(self.rows),
            pending=frozenset(row.base_key for row in self.rows if row.is_pending),
            routine_sent=tuple(row.told_at for row in self.rows if row.is_told and not row.planned.safety),
        )

    def send_due(self, now: datetime) -> list[Row]:
        """Send what is due; what is of no use any more is missed."""
        sent = []
        for index, row in enumerate(self.rows):
            if row.state is not ReminderState.PLANNED or row.planned.send_at > now:
                continue
            useful = now < row.planned.useful_until and "unbooked" not in row.planned.says and row.planned.goes_out
            state = ReminderState.SENT if useful else ReminderState.MISSED
            self.rows[index] = dataclasses.replace(row, state=state, told_at=now if useful else None)
            sent += [self.rows[index]] if useful else []
        return sent

    def planned(self, base_key: str) -> list[Row]:
        return [row for row in self.rows if row.base_key == base_key]

    def waiting(self) -> dict[str, Row]:
        """What waits to be sent, by base key."""
        return {row.base_key: row for row in self.rows if row.is_pending}

    def live_until(self, end: datetime, now: datetime, every: timedelta = timedelta(minutes=10)) -> None:
        """Send on time and sweep every hour until `end`."""
        while now < end:
            now += every
            self.send_due(now)
            if not now.minute:
                self.replan(now)

    def done(self, key: str, at: datetime) -> None:
        """It has happened."""
        self.facts = dataclasses.replace(
            self.facts, milestones={**self.facts.milestones, key: Milestone(at, done=True)}
        )

    def hold(self, *holds: Hold) -> None:
        self.facts = dataclasses.replace(self.facts, holds=holds)

    def move(self, key: str, at: datetime | None) -> None:
        milestones = {name: milestone for name, milestone in self.facts.milestones.items() if name != key}
        if at is not None:
            milestones[key] = Milestone(at)
        self.facts = dataclasses.replace(self.facts, milestones=milestones)


def state_of(reminder: PlannedReminder, now: datetime) -> ReminderState:
    """The state in which a planned reminder begins as a row, as `pathway.actions.replan` has it."""
    if reminder.late == "call" and reminder.send_at <= now:
        return ReminderState.MISSED
    return ReminderState.WITHDRAWN if reminder.late == "skip" else ReminderState.PLANNED


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
