"""Time as the planner reckons it: durations, moments, wall clocks and sending windows. No clock is read here."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pathway.planner.facts import Facts, Hold
from pathway.planner.spec import Duration, Moment, Protocol

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?",
    re.ASCII,
)


class TimeError(ValueError):
    """A time that cannot be read or reckoned; `str()` says why."""


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration such as `-PT6H`, `P7D`, `P3W` or `P1DT12H`; raise `TimeError` for anything else.

    Weeks and days are calendar days, the rest is elapsed time. Months and years are refused: their length varies.
    """
    match = _DURATION.fullmatch(text)
    if match is None or text[-1:] in ("P", "T"):
        raise TimeError(f"“{text}” is not a duration such as P7D, PT6H or -P1D (no months or years)")
    sign = -1 if match["sign"] == "-" else 1
    number = {name: int(value) for name, value in match.groupdict().items() if name != "sign" and value}
    days = 7 * number.get("weeks", 0) + number.get("days", 0)
    elapsed = timedelta(
        hours=number.get("hours", 0), minutes=number.get("minutes", 0), seconds=number.get("seconds", 0)
    )
    return Duration(sign * days, sign * elapsed)


def iso_duration(duration: Duration | timedelta) -> str:
    """The ISO 8601 text of a duration, rounded down to whole minutes; `PT0M` for none."""
    days, elapsed = (duration.days, duration.elapsed) if isinstance(duration, Duration) else (0, duration)
    if isinstance(duration, timedelta):
        days, elapsed = int(abs(duration) / DAY) * (1 if duration >= timedelta(0) else -1), duration
        elapsed = duration - timedelta(days=days)
    sign = "-" if days < 0 or elapsed < timedelta(0) else ""
    minutes = int(abs(elapsed).total_seconds()) // 60
    clock = "".join(f"{value}{unit}" for value, unit in ((minutes // 60, "H"), (minutes % 60, "M")) if value)
    text = (f"{abs(days)}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text}" if text else "PT0M"


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `wall` (naive).

    The rule for the nights when clocks change: a wall time that does not exist means the first instant that does
    (2:30 becomes 3:00); one that exists twice means the first of the two.
    """
    return instant_at(wall.date(), wall.time(), zone)


def instant_at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `clock` on `day`, by the rule of `to_utc`."""
    instant = datetime.combine(day, clock, zone).astimezone(UTC)
    if instant.astimezone(zone).time() == clock:
        return instant
    return _end_of_gap(datetime.combine(day, clock), zone)


@lru_cache(maxsize=1024)
def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after the gap that swallows `wall`: found by halving, to the second."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old_offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after


def is_first_of_two(instant: datetime, zone: ZoneInfo) -> timedelta:
    """How far apart the two readings of this wall time are, if it exists twice and `instant` is the first; else 0."""
    local = instant.astimezone(zone)
    if local.fold:
        return timedelta(0)
    second = local.replace(fold=1).astimezone(UTC)
    return max(second - instant, timedelta(0)) if second != instant else timedelta(0)


def resolve(moment: Moment, anchors: Mapping[str, datetime], zone: ZoneInfo) -> datetime | None:
    """The instant (UTC) of a moment for a patient in `zone`, or None when its anchor is not known.

    Calendar days and wall times are reckoned on the patient's calendar and turned into UTC; elapsed time comes last.
    """
    base = anchors.get(moment.anchor)
    if base is None:
        return None
    offset, clock = moment.offset, moment.at
    if offset.days or clock is not None:
        local = base.astimezone(zone)
        base = instant_at(local.date() + offset.days * DAY, local.time() if clock is None else clock, zone)
    return base + offset.elapsed if offset.elapsed else base


def shift(instant: datetime, duration: Duration, zone: ZoneInfo, *, back: bool = False) -> datetime:
    """`instant` moved by a duration, or `back` by it: calendar days on the clock of `zone`, then elapsed time."""
    sign = -1 if back else 1
    moment = Moment("here", Duration(sign * duration.days, sign * duration.elapsed))
    moved = resolve(moment, {"here": instant}, zone)
    assert moved is not None  # noqa: S101 - the anchor is given on the line above
    return moved


def journey_anchors(facts: Facts) -> dict[str, datetime]:
    """Every moment a step may be timed from, but those of holds: milestones, `enrolled`, `arrival`, `fast-start`."""
    anchors = {key: milestone.at for key, milestone in facts.milestones.items()}
    anchors["enrolled"] = facts.enrolled_at
    procedure = anchors.get("procedure")
    if procedure is not None:
        anchors["arrival"] = procedure - facts.policy.arrival_lead
        anchors["fast-start"] = procedure - facts.policy.fasting
    return anchors


def told_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the patient's clock shows (aware) at the moment from which something must not be done any more.

    At the first of two equal clock times it is the time before both: a patient who reads it and waits for the second
    one would be an hour late.
    """
    return (instant - is_first_of_two(instant, zone)).astimezone(zone)


def hold_anchors(hold: Hold, procedure: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The moments of one signed hold around a procedure.

    `hold-start` is the hold's duration before the procedure. `last-dose` of a hold that is counted in days is the
    start of the local day on which the last dose is taken: the day before `hold-start`, since we do not know at what
    hour the patient takes it, and that day is always early enough. Counted in hours it is `hold-start` itself, the
    latest moment for a dose: a whole day more would leave the patient without the drug for twice as long. `restart` is
    counted from the procedure, or is the day that a person set; without either there is none.
    """
    start = shift(procedure, hold.duration, zone, back=True)
    last_dose = start
    if not hold.is_to_the_hour:
        last_dose = instant_at(start.astimezone(zone).date() - DAY, time(0), zone)
    anchors = {"hold-signed": hold.signed_at, "hold-start": start, "last-dose": last_dose}
    if hold.restart_at is not None:
        anchors["restart"] = hold.restart_at
    elif hold.restart_after is not None:
        anchors["restart"] = shift(procedure, hold.restart_after, zone)
    return anchors


def hold_dates(hold: Hold, anchors: Mapping[str, datetime], zone: ZoneInfo) -> dict[str, str]:
    """What the patient reads of a hold, as local wall values: `last_dose`, and `restart` where there is one.

    Each is a day, `2027-05-19`, or a moment, `2027-05-19T19:30`, where it is counted in hours.
    """
    last_dose = told_wall(anchors["last-dose"], zone)
    dates = {"last_dose": f"{last_dose:%Y-%m-%dT%H:%M}" if hold.is_to_the_hour else last_dose.date().isoformat()}
    if "restart" in anchors:
        restart = anchors["restart"].astimezone(zone)
        to_the_hour = hold.restarts_to_the_hour
        dates["restart"] = f"{restart:%Y-%m-%dT%H:%M}" if to_the_hour else restart.date().isoformat()
    return dates


def last_dose_over(told: str, zone: ZoneInfo) -> datetime:
    """When (UTC) a last dose that was told so is behind: at its moment, or when its day is over."""
    if "T" in told:
        return to_utc(datetime.fromisoformat(told), zone)
    return instant_at(date.fromisoformat(told) + DAY, time(0), zone)


def sending_hours(protocol: Protocol, opens: time, closes: time) -> tuple[time, time]:
    """From when until when messages go out: the hours that the protocol and the clinic (`opens`, `closes`) share.

    Where they share none, the clinic's: it knows its patients.
    """
    shared = max(protocol.window_opens, opens), min(protocol.window_closes, closes)
    return shared if shared[0] < shared[1] else (opens, closes)


class Window:
    """The hours of the day in which messages may go out, on the clock of `zone`: from `opens` until before `closes`."""

    __slots__ = ("closes", "margin", "opens", "zone")

    def __init__(self, opens: time, closes: time, margin: timedelta, zone: ZoneInfo) -> None:
        if opens >= closes:
            raise TimeError(f"a sending window must open before it closes, not {opens:%H:%M} to {closes:%H:%M}")
        self.opens, self.closes, self.margin, self.zone = opens, closes, margin, zone

    def is_open(self, instant: datetime) -> bool:
        """Whether a message may go out at this instant."""
        return self.opens <= instant.astimezone(self.zone).time() < self.closes

    def next_opening(self, instant: datetime) -> datetime:
        """The instant itself when the window is open, else the next one at which it opens."""
        while not self.is_open(instant):
            local = instant.astimezone(self.zone)
            day = local.date() + (DAY if local.time() >= self.closes else timedelta(0))
            opening = instant_at(day, self.opens, self.zone)
            # A window inside the hour that a clock change swallows does not open that day: try the next.
            instant = opening if opening > instant else instant + DAY
        return instant

    def latest_before(self, instant: datetime) -> datetime:
        """The instant itself when the window is open, else `margin` before the last one at which it closed.

        The margin leaves a dispatcher time to send before the window is closed again. A window shorter than the margin
        gives its opening.
        """
        while not self.is_open(instant):
            local = instant.astimezone(self.zone)
            day = local.date() - (DAY if local.time() < self.opens else timedelta(0))
            opening = instant_at(day, self.opens, self.zone)
            closing = instant_at(day, self.closes, self.zone) - self.margin
            latest = max(opening, closing)
            instant = latest if latest < instant else instant - DAY
        return instant
