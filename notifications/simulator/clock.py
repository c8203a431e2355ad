"""The simulated clock, and the hours in which no worker runs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TICK = timedelta(seconds=5)
"""How often Celery's beat wakes the dispatcher (`settings.DISPATCH_EVERY_SECONDS`)."""

OUTAGE = timedelta(minutes=10)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SimulatedClock:
    """Says what time it is (UTC) when called; goes forward only."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance_to(self, at: datetime) -> None:
        """Go to `at`, unless it is past already."""
        self.now = max(self.now, at)

    def spend(self, duration: timedelta) -> None:
        """Let time go by while somebody works."""
        self.now += duration


@dataclass(frozen=True, slots=True)
class Outage:
    """A time (UTC) from `starts` until before `ends` in which nothing wakes the dispatcher."""

    starts: datetime
    ends: datetime


def script_outages(*, seed: int, starts: datetime, ends: datetime, faults: float) -> list[Outage]:
    """On each day, with the probability `faults`, ten minutes without a worker at any time of the day."""
    rng = random.Random(f"{seed}/outages")  # noqa: S311 - a script that can be played again, not a secret
    days = [starts + timedelta(days=day) for day in range((ends - starts).days + 1)]
    begins = [day + timedelta(seconds=rng.randrange(86_400)) for day in days if rng.random() < faults]
    return [Outage(at, at + OUTAGE) for at in begins]


def next_tick(at: datetime, outages: Sequence[Outage]) -> datetime:
    """The first tick of beat at or after `at` at which a worker runs."""
    tick = EPOCH + -((EPOCH - at) // TICK) * TICK
    for outage in outages:
        if outage.starts <= tick < outage.ends:
            return next_tick(outage.ends, outages)
    return tick
