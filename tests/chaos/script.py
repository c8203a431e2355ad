"""What happens in a chaos run, and when: drawn from the seed before anything begins."""

import random
from dataclasses import dataclass
from typing import Literal

from tests.chaos.site import WORKERS

What = Literal["kill", "deafen", "flush", "crash", "move", "cancel"]


@dataclass(frozen=True, order=True)
class Event:
    """Something that happens `at` so many seconds after the beginning, to worker or journey number `which`."""

    at: float
    what: What
    which: int = 0


@dataclass(frozen=True)
class Script:
    """`due` are the seconds after the beginning at which each journey's reminder is due, `useful` for how long it is.

    `events` are in the order of time.
    """

    seconds: float
    due: list[float]
    useful: list[float]
    events: list[Event]


LONG = 6 * 3600.0
SHORT_LIVED, CHANGED, BURSTS = 0.1, 0.15, 0.5
"""The shares of reminders that are of use for seconds only, of journeys that are moved or cancelled, and of reminders
that fall due together, as texts for ten o'clock do."""

CHANGES_A_SECOND = 8
"""At most. One thread makes them, and more would fall behind the script."""

BURST_EVERY, FLUSH_EVERY, DEAFEN_EVERY, CRASH_EVERY = 5.0, 7.0, 20.0, 40.0
"""Seconds. Soon after each burst a worker is killed."""


def write_script(*, seed: int, reminders: int, seconds: float) -> Script:
    """Spread the reminders over the run, and break something every few seconds of it.

    A journey is changed around the moment at which its reminder is sent: a little before, during, or just after.
    """
    rng = random.Random(seed)
    bursts = times(rng, every=BURST_EVERY, seconds=seconds)
    due = [rng.choice(bursts) if rng.random() < BURSTS else rng.uniform(0, seconds) for _ in range(reminders)]
    useful = [rng.uniform(0.1, 25) if rng.random() < SHORT_LIVED else LONG for _ in range(reminders)]
    events = [Event(burst + rng.uniform(0, 1.5), "kill", rng.randrange(WORKERS)) for burst in bursts]
    events += [Event(at, "flush") for at in times(rng, every=FLUSH_EVERY, seconds=seconds)]
    events += [Event(at, "deafen") for at in times(rng, every=DEAFEN_EVERY, seconds=seconds)]
    events += [Event(at, "crash") for at in times(rng, every=CRASH_EVERY, seconds=seconds)]
    for number in rng.sample(range(reminders), min(int(reminders * CHANGED), int(seconds * CHANGES_A_SECOND))):
        what: What = "move" if rng.random() < 0.5 else "cancel"
        events.append(Event(max(0.0, due[number] + rng.uniform(-1, 3)), what, number))
    return Script(seconds, due, useful, sorted(events))


def times(rng: random.Random, *, every: float, seconds: float) -> list[float]:
    """One moment in each stretch of the run, at least one in all."""
    stretches = max(1, round(seconds / every))
    return [(number + rng.uniform(0.2, 0.8)) * seconds / stretches for number in range(stretches)]
