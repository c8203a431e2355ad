"""ISO 8601 durations, as far as a care plan can use them."""

import re
from datetime import timedelta

from pathway.planner.spec import Duration

LONGEST_DAYS = 3660
"""Ten years. Longer is a slip of the pen, and keeps every planned instant inside the calendar."""

DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?",
    re.ASCII,
)
YEARS_OR_MONTHS = re.compile(r"[+-]?P\d+(Y|M)|[+-]?P[\dYWD]*M", re.ASCII)


class DurationError(ValueError):
    """Not a duration that Milepost uses; `str()` of it says why and what to write."""


def parse_duration(text: str) -> Duration:
    """`-P7D`, `P3W`, `PT6H`, `P1DT12H` as a `Duration`: weeks and days are calendar days, the rest is elapsed time.

    Raises `DurationError`. Years and months are refused: their length depends on the date, so nobody could check them.
    """
    if YEARS_OR_MONTHS.match(text):
        raise DurationError("years and months have no fixed length: write weeks or days, for example P6W")
    match = DURATION.fullmatch(text)
    parts = match.groupdict() if match else {}
    amounts = {unit: int(parts[unit]) for unit in parts if unit != "sign" and parts[unit]}
    if match is None or not amounts:
        raise DurationError("write an ISO 8601 duration: P1D a day, P3W three weeks, PT6H six hours, - for before")
    sign = -1 if parts["sign"] == "-" else 1
    days = amounts.get("weeks", 0) * 7 + amounts.get("days", 0)
    elapsed = timedelta(
        hours=amounts.get("hours", 0), minutes=amounts.get("minutes", 0), seconds=amounts.get("seconds", 0)
    )
    if timedelta(days=days) + elapsed > timedelta(days=LONGEST_DAYS):
        raise DurationError(f"longer than {LONGEST_DAYS} days: a care plan does not reach that far")
    return Duration(days=sign * days, elapsed=sign * elapsed)
