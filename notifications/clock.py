"""The time by the database's clock, so that machines whose own clocks differ send at the same instants.

Every reminder's due time is compared with it, whichever machine claims: a machine that is a minute ahead sends nothing
early, and one that is behind sends nothing past its usefulness.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from notifications.metrics.counters import note_clock_offset

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""Says what time it is (aware, UTC)."""

WORTH_A_WARNING = timedelta(seconds=5)

ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""What counts the seconds between two readings: no setting of the clock moves it, and it goes on while asleep."""

_warned = threading.Event()


def database_clock(*, local: Clock) -> Clock:
    """A clock that was set by the database just now and goes on by itself; for one round of sending.

    It asks the database once, so a reading costs nothing and may be taken in any thread. `local` is this machine's own
    clock: how far it is off is noted, and it is what counts on SQLite, which has no other. Whatever is done to the
    machine's clock meanwhile does not move the one returned.
    """
    if connection.vendor == "sqlite":
        return going_on_from(local(), read_at=elapsed())
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (told,) = cursor.fetchone()
    # Counted from the answer on, it is behind by the answer's way and never ahead: nothing goes out before its moment,
    # and an offer ends so long before a message is of no use (`Channel.longest_offer`) that the way does not count.
    clock = going_on_from(told, read_at=elapsed())
    note_offset(local() - clock())
    return clock


def going_on_from(instant: datetime, *, read_at: float) -> Clock:
    """A clock that showed `instant` when `read_at` seconds had elapsed."""
    return lambda: instant + timedelta(seconds=elapsed() - read_at)


def elapsed() -> float:
    """Seconds since some moment before this process began."""
    return time.clock_gettime(ELAPSED)


def note_offset(offset: timedelta) -> None:
    """Keep a figure of how far this machine is ahead of the database; warn once each time it becomes too much."""
    note_clock_offset(offset.total_seconds())
    if abs(offset) <= WORTH_A_WARNING:
        _warned.clear()
    elif not _warned.is_set():
        _warned.set()
        way = "ahead of" if offset > timedelta(0) else "behind"
        seconds = abs(offset.total_seconds())
        logger.warning("this machine's clock is %.0f s %s the database's, which counts", seconds, way)
