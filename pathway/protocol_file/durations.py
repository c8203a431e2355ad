"""ISO 8601 durations, as far as a care plan can use them."""

import re
from datetime import timedelta

from pathway.planner.clock import TimeError, parse_duration
from pathway.planner.spec import Duration

LONGEST_DAYS = 3660
"""Ten years. Longer is a slip of the pen, and the limit keeps every planned instant inside the calendar."""

YEARS_OR_MONTHS = re.compile(r"[+-]?P[\dWD]*[YM]", re.ASCII)


class DurationError(ValueError):
    """Not a duration that a care plan can use; `str()` of it says why and what to write."""


def read_duration(text: str) -> Duration:
    """`-P7D`, `P3W`, `PT6H`, `P1DT12H` as a `Duration`: weeks and days are calendar days, the rest is elapsed time.

    Raises `DurationError`. Years and months are refused: their length depends on the date, so nobody could check them.
    """
    if YEARS_OR_MONTHS.match(text):
        raise DurationError("years and months have no fixed length: write weeks or days, for example P6W")
    try:
        duration = parse_duration(text)
    except TimeError:
        told = "write an ISO 8601 duration: P1D a day, P3W three weeks, PT6H six hours, - for before"
        raise DurationError(told) from None
    if abs(timedelta(days=duration.days) + duration.elapsed) > timedelta(days=LONGEST_DAYS):
        raise DurationError(f"longer than {LONGEST_DAYS} days: a care plan does not reach that far")
    return duration
