"""The script of one journey's life: what the clinic and the patient do and when, from a seed and nothing else."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

from notifications.simulator.people import Person, make_person
from pathway.planner import Protocol, to_utc
from pathway.protocol_file import load, read_shipped

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUARTER = timedelta(minutes=15)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SATURDAY = 5

HOLDS = (
    ("apixaban", "P3D"), ("rivaroxaban", "P3D"), ("warfarin", "P5D"), ("clopidogrel", "P7D"), ("ticagrelor", "P5D"),
    ("naproxen", "P4D"), ("meloxicam", "P4D"), ("ibuprofen", "P1D"), ("enoxaparin", "PT24H"), ("empagliflozin", "P3D"),
)  # fmt: skip
"""Drug and hold, from the table of clinical facts; a simulated prescriber signs them."""

ELSEWHERE = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu")
REASONS = ("The patient feels better", "The patient has a fever", "The insurer has not agreed", "No ride home")


MOST_LEEWAY = 3
"""By how many days a follow-up comes before or after the day that the protocol expects."""


@cache
def shipped_protocol(key: str) -> Protocol:
    """A shipped protocol as a script has to know it. Raises `LookupError` naming the shipped ones."""
    return load(read_shipped(key), name=key)


class What(StrEnum):
    """What can happen in a script."""

    START = "start"
    BOOK = "book"
    RECORD = "record"
    CANCEL = "cancel"
    DRAFT = "draft"
    SIGN = "sign"
    DECLINE = "decline"
    MOVE_HOUSE = "move-house"
    STOP_TEXTS = "stop-texts"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a script (instants UTC). `to` is the milestone's time, `words` a reason, a duration or a zone."""

    at: datetime
    what: What
    key: str = ""
    to: datetime | None = None
    words: str = ""
    milestones: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    """A person and what happens on their journey, ordered by time. `clinic` counts the simulation's clinics."""

    index: int
    clinic: int
    person: Person
    happenings: tuple[Happening, ...]


def make_life(
    *,
    seed: int,
    index: int,
    clinic: int,
    zone: ZoneInfo,
    starts_at: datetime,
    procedure_date: date | None = None,
    protocol: Protocol | None = None,
) -> Life:
    """The life of journey `index` at a clinic in `zone`, entered at `starts_at`; on the MILD protocol if none is said.

    With `procedure_date` (the demo's) it comes to a procedure on that day, which is neither moved nor called off.
    """
    rng = random.Random(f"{seed}/life/{index}")  # noqa: S311 - a script that can be played again, not a secret
    own_zone = rng.choice(ELSEWHERE) if rng.random() < 0.06 else ""
    person = make_person(
        rng,
        index=index,
        year=starts_at.year,
        zone="" if own_zone == zone.key else own_zone,
        complete=procedure_date is not None,
    )
    story = Story(rng, zone, protocol or shipped_protocol("mild"))
    story.tell(starts_at, procedure_date)
    return Life(index, clinic, person, tuple(sorted(story.lines, key=lambda line: line.at)))


class Story:
    """Tells one life, from the first call to the last visit; every chance in it is drawn from `rng`."""

    def __init__(self, rng: random.Random, zone: ZoneInfo, protocol: Protocol) -> None:
        self.rng, self.zone, self.protocol = rng, zone, protocol
        self.lines: list[Happening] = []
        self.is_over = False

    def tell(self, starts_at: datetime, procedure_date: date | None) -> None:
        """All chapters. `starts_at` is UTC."""
        is_steady = procedure_date is not None
        if not is_steady and self.rng.random() < 0.15:
            booked_at, procedure = self.late_booking(starts_at)
        else:
            booked_at, procedure = self.consult_first(starts_at, procedure_date)
        if procedure is None:
            return
        holds_at = self.holds(booked_at, procedure)
        if not is_steady:
            procedure = self.changes_of_mind(max(booked_at, holds_at), procedure)
            self.life_goes_on(starts_at, procedure)
        if self.is_over:
            return
        self.procedure_day(procedure, is_steady=is_steady)

    def keys(self, kind: str) -> list[str]:
        """The protocol's milestones of one kind."""
        return [one.key for one in self.protocol.milestones if one.kind == kind]

    def follow_ups(self) -> list[tuple[str, int, int]]:
        """Each follow-up with the days after the procedure, and by how many it may differ and stay in its window."""
        found = []
        for one in self.protocol.follow_ups:
            if one.expected is not None and one.book_from is not None and one.book_until is not None:
                days = one.expected.offset.days
                room = min(days - one.book_from.offset.days, one.book_until.offset.days - days - 1)
                found.append((one.key, days, max(0, min(MOST_LEEWAY, room))))
        return found

    def other_visits(self, seen_at: datetime, is_steady: bool) -> None:
        """What else is done between the first visit and the procedure, where the protocol has such visits."""
        for key in self.keys("visit"):
            visit = self.workday(seen_at, self.rng.randint(3, 6), time(9), time(15))
            self.say(seen_at, What.BOOK, key, visit)
            if is_steady or self.rng.random() < 0.95:
                self.say(visit + HOUR, What.RECORD, key, visit)

    def say(self, at: datetime, what: What, key: str = "", to: datetime | None = None, words: str = "") -> None:
        self.lines.append(Happening(at, what, key, to, words))

    def late_booking(self, starts_at: datetime) -> tuple[datetime, datetime | None]:
        """Somebody who is entered with a procedure only hours or a few days away."""
        procedure = self.whole(starts_at + self.hours(8, 72))
        self.lines.append(Happening(starts_at, What.START, milestones={"procedure": procedure}))
        return starts_at, procedure

    def consult_first(self, starts_at: datetime, procedure_date: date | None) -> tuple[datetime, datetime | None]:
        """The usual way: a first visit, then a procedure some weeks later. Some stay silent after the visit."""
        consult = self.workday(starts_at, self.rng.randint(3, 12), time(9), time(15))
        if procedure_date is not None:
            consult = self.whole(min(consult, self.at(procedure_date, time(9)) - 5 * DAY))
        first = self.keys("consult")[0]
        self.lines.append(Happening(starts_at, What.START, milestones={first: consult}))
        if procedure_date is None and self.rng.random() < 0.12:
            moved_at = starts_at + self.hours(2, 40)
            consult = self.workday(consult, self.rng.randint(1, 6), time(9), time(15))
            self.say(moved_at, What.BOOK, first, consult)
        seen_at = consult + 0.75 * HOUR
        if procedure_date is None and self.rng.random() < 0.08:
            return seen_at, None
        self.say(seen_at, What.RECORD, first, consult)
        self.other_visits(seen_at, is_steady=procedure_date is not None)
        booked_at = seen_at + self.hours(0.5, 20 if procedure_date is None else 3)
        if procedure_date is not None:
            procedure = self.at(procedure_date, self.clock(time(7), time(13)))
        else:
            procedure = self.workday(booked_at, self.rng.randint(10, 26), time(7), time(14))
        self.say(booked_at, What.BOOK, "procedure", procedure)
        return booked_at, procedure

    def holds(self, booked_at: datetime, procedure: datetime) -> datetime:
        """Up to two medicines to hold: drafted soon, signed or declined a little later, some never; when that was."""
        if self.rng.random() >= 0.5:
            return booked_at
        drafted_at = booked_at + self.hours(0.1, 2)
        for drug, duration in self.rng.sample(HOLDS, k=1 if self.rng.random() < 0.75 else 2):
            self.say(drafted_at, What.DRAFT, drug, words=duration)
        answered_at = drafted_at + self.hours(0.2, 24)
        if answered_at >= procedure:
            return booked_at
        chance = self.rng.random()
        if chance < 0.88:
            self.say(answered_at, What.SIGN)
        elif chance < 0.94:
            self.say(answered_at, What.DECLINE, words="Not needed for this patient")
        return answered_at

    def changes_of_mind(self, after: datetime, procedure: datetime) -> datetime:
        """Moves and cancellations before the procedure; the procedure's time in the end."""
        while procedure - after > 6 * HOUR and self.rng.random() < 0.28:
            at = after + (procedure - after) * self.rng.uniform(0.1, 0.95)
            at = self.whole(at)
            moved = self.moved(at, procedure)
            self.say(at, What.BOOK, "procedure", moved, "The schedule changed")
            resigned_at = at + self.hours(0.5, 5)
            if self.rng.random() < 0.75 and resigned_at < moved:
                self.say(resigned_at, What.SIGN)
            after, procedure = max(at, resigned_at), moved
        if procedure - after > 2 * HOUR and self.rng.random() < 0.09:
            at = after + (procedure - after) * self.rng.uniform(0.1, 0.98)
            procedure = self.called_off(self.whole(at), procedure)
        return procedure

    def moved(self, at: datetime, procedure: datetime) -> datetime:
        """Another time for a procedure, never before `at`: the same day, earlier or later."""
        chance = self.rng.random()
        if chance < 0.3:
            moved = procedure + self.rng.choice((-2, -1, 1, 2, 3)) * HOUR
        elif chance < 0.55:
            moved = procedure - self.rng.randint(1, 6) * DAY
        else:
            moved = self.workday(procedure, self.rng.randint(1, 12), time(7), time(14))
        return moved if moved > at + 2 * HOUR else procedure + HOUR

    def called_off(self, at: datetime, procedure: datetime) -> datetime:
        """A cancellation; half of them are booked again. Returns the procedure's time."""
        self.say(at, What.CANCEL, words=self.rng.choice(REASONS))
        if self.rng.random() < 0.5:
            self.is_over = True
            return procedure
        booked_at = at + self.hours(20, 120)
        again = self.workday(booked_at, self.rng.randint(4, 14), time(7), time(14))
        self.say(booked_at, What.BOOK, "procedure", again)
        signed_at = booked_at + self.hours(0.5, 10)
        if self.rng.random() < 0.75:
            self.say(signed_at, What.SIGN)
        return again

    def life_goes_on(self, starts_at: datetime, procedure: datetime) -> None:
        """Some move house, some have had enough of texts."""
        if self.rng.random() < 0.05:
            at = self.whole(starts_at + (procedure - starts_at) * self.rng.uniform(0.2, 1.1))
            self.say(at, What.MOVE_HOUSE, words=self.rng.choice(ELSEWHERE))
        if self.rng.random() < 0.04:
            self.say(self.whole(starts_at + self.hours(12, 60 * 24)), What.STOP_TEXTS)

    def procedure_day(self, procedure: datetime, *, is_steady: bool) -> None:
        """The day itself, discharge and both follow-ups; at each step some stay silent, and later a steady one too."""
        if is_steady or self.rng.random() < 0.95:
            self.say(procedure + HOUR, What.RECORD, "procedure", procedure)
        discharge = self.whole(procedure + self.hours(2, 4.5))
        if not is_steady and self.rng.random() < 0.12:
            return
        for key in self.keys("discharge"):
            self.say(discharge, What.RECORD, key, discharge)
        visits = self.follow_ups()
        for number, (key, days, leeway) in enumerate(visits):
            after = [discharge + (later - room - 1) * DAY for _, later, room in visits[number + 1 : number + 2]]
            if self.rng.random() >= 0.8 - 0.05 * number:
                continue
            visit = self.workday(discharge, days + self.rng.randint(-leeway, leeway), time(9), time(15))
            self.say(discharge + self.hours(0.2, 40), What.BOOK, key, visit)
            if self.rng.random() < 0.12:
                moved = self.workday(visit, self.rng.randint(1, 5), time(9), time(15))
                moved_at = self.whole(visit - self.hours(3, 120))
                if not after or moved < after[0]:  # it comes before the visit after it
                    self.say(moved_at, What.BOOK, key, moved)
                    visit = moved
            if self.rng.random() < 0.85:
                self.say(visit + 0.5 * HOUR, What.RECORD, key, visit)

    def hours(self, least: float, most: float) -> timedelta:
        """A stretch of time in whole quarters of an hour: what is written down at once is sent at once."""
        return max(1, round(self.rng.uniform(least, most) * 4)) * QUARTER

    def clock(self, first: time, last: time) -> time:
        """A time of day on the half-hour, from `first` to `last`."""
        half = self.rng.randint(first.hour * 2 + first.minute // 30, last.hour * 2 + last.minute // 30)
        return time(half // 2, half % 2 * 30)

    def workday(self, after: datetime, days: int, first: time, last: time) -> datetime:
        """A clock time on a working day `days` after another instant (UTC)."""
        day = after.astimezone(self.zone).date() + timedelta(days=days)
        while day.weekday() >= SATURDAY:
            day += DAY
        return self.at(day, self.clock(first, last))

    def at(self, day: date, clock: time) -> datetime:
        """The instant of a wall time at the clinic."""
        return to_utc(datetime.combine(day, clock), self.zone)

    @staticmethod
    def whole(at: datetime) -> datetime:
        """An instant on the next quarter of an hour: clinics book by the clock."""
        return EPOCH - ((EPOCH - at) // QUARTER) * QUARTER
