"""What is counted as it happens: how reminders end, what providers answer and how fast, how late messages go out.

Nothing is counted until somebody is there to look: where `PROMETHEUS_MULTIPROC_DIR` names a folder for all processes
of this machine, or where this process serves its own figures (`count_for_myself`). Until then each function returns at
once. Counting never stands in the way of sending: when the folder fails, it stops, and says so once.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from django.conf import settings
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as Figure

from notifications.metrics.folder import count_in, count_in_memory
from pathway.states import ReminderState

logger = logging.getLogger(__name__)
P = ParamSpec("P")

NO_CHANNEL = "none"
"""Stands for the channel of a reminder that ended before one was chosen."""

CHANNELS = frozenset({*settings.CHANNELS, NO_CHANNEL})
LATENESS = (0.5, 1, 2, 3, 5, 10, 30, 60, 120, 300, 900, 3600, float("inf"))
ANSWER_TIMES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, float("inf"))


class Counting:
    """Whether this process counts, and the folder that it shares with the others of this machine, if it does."""

    on = False
    folder: Path | None = None


def opened_folder() -> None:
    """Keep the counts where the settings say, if they do. A folder that cannot be used only costs the figures."""
    if not settings.METRICS_FOLDER:
        return
    try:
        count_in(Path(settings.METRICS_FOLDER))
        Counting.on, Counting.folder = True, Path(settings.METRICS_FOLDER)
    except OSError as error:
        count_in_memory()
        logger.error("figures cannot be kept in PROMETHEUS_MULTIPROC_DIR: %s", error.strerror)


opened_folder()  # before the first figure is made: each asks then where its value is to be kept

registry = CollectorRegistry(auto_describe=True)
ENDS = Figure("milepost_reminders", "Reminders by how they ended.", ["end", "channel"], registry=registry)
ANSWERS = Figure(
    "milepost_provider_answers", "Answers of providers.", ["channel", "outcome", "reason"], registry=registry
)
ANSWER_SECONDS = Histogram(
    "milepost_provider_answer_seconds",
    "How long a provider took to answer.",
    ["channel"],
    buckets=ANSWER_TIMES,
    registry=registry,
)
LATE_SECONDS = Histogram(
    "milepost_lateness_seconds",
    "How long after its promised moment a message was taken by a provider.",
    ["channel"],
    buckets=LATENESS,
    registry=registry,
)
CLOCK_SECONDS = Gauge(
    "milepost_clock_ahead_seconds",
    "How far the clock of this machine is ahead of the database's.",
    multiprocess_mode="mostrecent",
    registry=registry,
)


def only_when_counting(count: Callable[P, None]) -> Callable[P, None]:
    """Do nothing unless somebody looks; and when the folder fails, for instance on a full disk, stop counting."""

    @wraps(count)
    def guarded(*args: P.args, **named: P.kwargs) -> None:
        if not Counting.on:
            return
        try:
            count(*args, **named)
        except (OSError, ValueError) as error:
            Counting.on = False
            logger.error("figures are not kept any more: %s", type(error).__name__)

    return guarded


def count_for_myself() -> None:
    """Count in this process, which serves its own figures, also where no folder is configured."""
    Counting.on = True


@only_when_counting
def count_ends(ends: Iterable[tuple[str, ReminderState]]) -> None:
    """Count reminders of a group by channel ("" where none was chosen) and state; planned again counts as retried."""
    for (channel, state), number in Counter(ends).items():
        end = "retried" if state == ReminderState.PLANNED else state.value
        ENDS.labels(end, known(channel)).inc(number)


@only_when_counting
def count_answers(answers: Iterable[tuple[str, str, str]]) -> None:
    """Count answers of providers: channel, outcome, and the name of the refusal ("" where there was none)."""
    for (channel, outcome, reason), number in Counter(answers).items():
        ANSWERS.labels(known(channel), outcome, reason).inc(number)


@only_when_counting
def observe_lateness(late: Iterable[tuple[str, float]]) -> None:
    """Note how many seconds after `send_at` messages were taken, each with its channel."""
    for channel, seconds in late:
        LATE_SECONDS.labels(known(channel)).observe(max(seconds, 0.0))


@only_when_counting
def observe_answer_time(channel: str, seconds: float) -> None:
    """Note how long a provider took to answer about one message."""
    ANSWER_SECONDS.labels(known(channel)).observe(seconds)


@only_when_counting
def note_clock_offset(seconds: float) -> None:
    """Note how far the clock of this machine is ahead of the database's."""
    CLOCK_SECONDS.set(seconds)


def known(channel: str) -> str:
    """The channel as a label, which takes no other values than the few there are."""
    return channel if channel in CHANNELS else NO_CHANNEL
