"""Dates and clock times as clinics write them, and the instant they mean in the clinic's zone."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
US_DATE = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})")
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.0+)?)?)?\s*(?P<half>[ap]\.?\s?m\.?)?",
    re.IGNORECASE,
)


class NotATime(ValueError):
    """A date or time that cannot be read; `str()` says why and how to write it."""


def read_date(text: str) -> date:
    """A calendar date: `2027-03-14` or, month first, `3/14/2027`. Raise `NotATime` for anything else."""
    match = ISO_DATE.fullmatch(text) or US_DATE.fullmatch(text)
    if match is not None:
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            pass
    raise NotATime("is not a date; write it like 1948-02-28 (year-month-day) or 2/28/1948 (month/day/year)")


def read_clock(text: str) -> time:
    """A clock time: `7:30`, `07:30`, `0730`, `19:30:00`, `7:30 PM` or `7 pm`. Raise `NotATime` for anything else."""
    match = CLOCK.fullmatch(text)
    if match is not None and (match["minute"] or match["half"]):
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        if match["half"] and 1 <= hour <= 12:
            return _clock(text, hour % 12 + (12 if match["half"][0] in "pP" else 0), minute)
        if not match["half"]:
            return _clock(text, hour, minute)
    raise _not_a_clock()


def _clock(text: str, hour: int, minute: int) -> time:
    try:
        return time(hour, minute)
    except ValueError as error:
        raise _not_a_clock() from error


def _not_a_clock() -> NotATime:
    return NotATime("is not a time; write it like 07:30, 19:30 or 7:30 PM")


def read_date_and_clock(text: str) -> datetime:
    """Both in one cell, as a naive wall time: `2027-03-14 07:30`, `2027-03-14T07:30` or `3/14/2027 7:30 AM`."""
    if re.search(r"(Z|[+-]\d{2}:?\d{2})$", text) and ":" in text:
        raise NotATime("has an offset from UTC; write the clinic's local time without one, like 2027-03-14 07:30")
    day, _, clock = re.sub(r"[T,]", " ", text.replace("t", "T")).partition(" ")
    if not clock.strip():
        raise NotATime("is not a date and a time; write them like 2027-03-14 07:30 or 3/14/2027 7:30 AM")
    return datetime.combine(read_date(day), read_clock(clock.strip()))


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The one instant (UTC) at which clocks in `zone` show `wall` (naive).

    Raise `NotATime` on the nights when clocks change, for a time that they skip or show twice: a schedule means one
    moment, and guessing it may move a fast by an hour.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        raise NotATime(f"does not exist in {zone.key}: the clocks go forward over it; check the time")
    raise NotATime(f"comes twice in {zone.key}: the clocks go back over it; choose a time before or after that hour")
