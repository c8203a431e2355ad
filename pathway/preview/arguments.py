"""Reads what a person typed on the command line. Every error names its argument and says why, in one line."""

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pathway.planner import Hold, to_utc
from pathway.planner.spec import Duration
from pathway.protocol_file import DurationError, read_duration
from patients.zones import zone_names

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Beyond these no zone's clock changes are known, and offsets would run off the calendar."""

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
WALL = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
DRUG = re.compile(r"[a-z][a-z0-9]*(?:[ -][a-z0-9]+)*", re.ASCII)
LONGEST_DRUG = 40
DAY = timedelta(days=1)
RESTART = Duration(days=1)


class ArgumentError(Exception):
    """An argument that cannot be used: `str()` is one line, the argument and why."""

    def __init__(self, argument: str, why: str) -> None:
        super().__init__(f"{argument}: {' '.join(why.split())}")


@dataclass(frozen=True, slots=True)
class TypedTime:
    """An instant (UTC), and whether the clock time that was typed does not exist on that day."""

    at: datetime
    in_gap: bool = False


def read_zone(text: str) -> ZoneInfo:
    """The time zone of a place by its IANA name, or UTC; near names are suggested for an unknown one."""
    try:
        if text in zone_names():
            return ZoneInfo(text)
    except (ValueError, OSError):  # the system's own data may be broken for one zone
        pass
    by_plain = {plain(name): name for name in sorted(zone_names())}
    near = [name for key, name in by_plain.items() if key.rsplit("/", 1)[-1] == plain(text)]
    near += [by_plain[key] for key in difflib.get_close_matches(plain(text), by_plain, n=3, cutoff=0.6)]
    hint = f"; did you mean {' or '.join(dict.fromkeys(near[:3]))}?" if near else ", such as America/New_York"
    raise ArgumentError("--zone", f"{quoted(text)} is not the time zone of a place{hint}")


def read_time(argument: str, text: str, zone: ZoneInfo) -> TypedTime:
    """A local time of `zone`, or one with its own offset.

    A clock time that does not exist means the first instant that does, one that exists twice the first of the two.
    """
    try:
        if not INSTANT.fullmatch(text):
            raise ValueError
        typed = datetime.fromisoformat(text)
    except ValueError:
        told = f"{quoted(text)} is not a date and time such as 2027-03-14T07:30"
        raise ArgumentError(argument, told) from None
    if not FIRST_YEAR <= typed.year <= LAST_YEAR:
        raise ArgumentError(argument, f"the year {typed.year} cannot be planned: use {FIRST_YEAR} to {LAST_YEAR}")
    if typed.tzinfo is not None:
        return TypedTime(typed.astimezone(UTC))
    at = to_utc(typed, zone)
    return TypedTime(at, in_gap=at.astimezone(zone).replace(tzinfo=None) != typed)


def named_time(text: str) -> tuple[str, str]:
    """A milestone's key and its time, such as `second-look=2027-03-14T07:30`; the time is read later."""
    key, equals, time_text = text.partition("=")
    if not equals or not key.strip():
        raise ArgumentError("--milestone", f"{quoted(text)} is not a milestone such as consult=2027-03-01T10:00")
    return key.strip(), time_text.strip()


def read_window(text: str) -> tuple[time, time]:
    """A sending window, such as `08:00-20:00`."""
    opens, dash, closes = text.partition("-")
    if not dash or not WALL.fullmatch(opens) or not WALL.fullmatch(closes):
        raise ArgumentError("--window", f"{quoted(text)} is not a window such as 08:00-20:00")
    if opens >= closes:
        raise ArgumentError("--window", f"{quoted(text)} closes before it opens: write the earlier time first")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def read_elapsed(argument: str, text: str, *, at_least: timedelta, why: str = "") -> timedelta:
    """An elapsed time of at least so much and at most a day, such as `PT8H`."""
    duration = read_length(argument, text)
    if duration.days:
        raise ArgumentError(argument, f"{quoted(text)} is in days: write hours, such as PT8H")
    if duration.elapsed < at_least:
        raise ArgumentError(argument, f"{quoted(text)} is too short: {why or 'it must not be negative'}")
    if duration.elapsed > DAY:
        raise ArgumentError(argument, f"{quoted(text)} is longer than a day")
    return duration.elapsed


def read_length(argument: str, text: str) -> Duration:
    """An ISO 8601 duration."""
    try:
        return read_duration(text)
    except DurationError as error:
        raise ArgumentError(argument, f"{quoted(text)}: {error}") from None


def read_holds(texts: list[str], *, signed_at: datetime) -> tuple[Hold, ...]:
    """Holds such as `apixaban=P3D`, or `apixaban=P3D/P2D` with the time until the restart; signed at that instant."""
    holds: dict[str, Hold] = {}
    for text in texts:
        hold = read_hold(text, signed_at=signed_at)
        if hold.drug in holds:
            raise ArgumentError("--hold", f"{hold.drug} is given twice")
        holds[hold.drug] = hold
    return tuple(holds.values())


def read_hold(text: str, *, signed_at: datetime) -> Hold:
    """One hold."""
    name, equals, lengths = text.partition("=")
    drug = name.strip().lower()
    if not equals:
        raise ArgumentError("--hold", f"{quoted(text)} is not a hold such as apixaban=P3D")
    if not DRUG.fullmatch(drug) or len(drug) > LONGEST_DRUG:
        told = f"{quoted(name)} is not a drug's name: letters, digits, spaces and hyphens, at most {LONGEST_DRUG}"
        raise ArgumentError("--hold", told)
    held, _, restart = lengths.partition("/")
    duration = read_length("--hold", held)
    if duration.days <= 0 and duration.elapsed <= timedelta(0):
        raise ArgumentError("--hold", f"{drug}: {quoted(held)} is no time to hold it: write P3D for three days before")
    after = read_length("--hold", restart) if "/" in lengths else RESTART
    if after.days < 0 or after.elapsed < timedelta(0):
        raise ArgumentError("--hold", f"{drug}: {quoted(restart)} restarts before the procedure: take the minus away")
    return Hold(drug, duration, after, signed_at)


def plain(text: str) -> str:
    """A zone's name as people type it: in lower case, with underscores for spaces."""
    return text.strip().casefold().replace(" ", "_")


def quoted(text: str) -> str:
    """What was typed, in quotes, short enough for one line."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return f'"{shown if len(shown) <= 60 else shown[:57] + "..."}"'
