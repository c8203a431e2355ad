"""How long after its moment a reminder goes out, when dispatchers that are already running meet a rush."""

import math
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import dj_database_url
import psycopg
from django.utils import timezone

from benchmarks.dispatch import dispatchers
from benchmarks.dispatch.rows import add_due
from benchmarks.dispatch.throughput import NotAsItShould
from benchmarks.durable import Durable
from benchmarks.figures import Figure
from config.processes import wait_until
from notifications.simulator.throwaway import migrated
from tests.provider import SID, TOKEN

RUN = "run"
PROCESSES = 2
AHEAD = timedelta(seconds=40)
"""Between the filling of the table and the first reminder: time for the dispatchers to start, and to idle."""

LATENESS = """
SELECT extract(epoch FROM reminder.sent_at - reminder.send_at)::float8,
       extract(epoch FROM attempt.finished_at - reminder.send_at)::float8
FROM pathway_reminder AS reminder
JOIN notifications_message AS message ON message.reminder_id = reminder.id
JOIN notifications_deliveryattempt AS attempt ON attempt.message_id = message.id
WHERE reminder.state = 'sent' AND attempt.outcome = 'accepted'
"""


@dataclass(frozen=True, slots=True)
class Rush:
    """So many reminders, due evenly over so many seconds (0: all at one instant), and the aim for 99 in 100 of them."""

    reminders: int
    seconds: float
    aim: float

    def in_words(self) -> str:
        """Such as `10,000 due within 60 s`."""
        return f"{self.reminders:,} due " + (f"within {self.seconds:.0f} s" if self.seconds else "at one instant")


@dataclass(frozen=True, slots=True)
class Late:
    """How late 99 in 100 and the last were, in seconds: `sent` by the provider's word, `recorded` in our rows."""

    sent: float
    recorded: float
    last: float


def at_one_instant(server: Durable, *, reminders: int, runs: int) -> Iterator[Figure]:
    """Everything at once, as at six in the evening before a day of procedures."""
    rush = Rush(reminders, seconds=0, aim=3.0)
    yield figure(rush, [one_rush(server, rush, environ={}) for _ in range(runs)], through="a no-op channel")


def through_a_slow_provider(server: Durable, *, reminders: int, runs: int) -> Iterator[Figure]:
    """A busy minute of texts over HTTP, each of which takes the provider 100 ms."""
    rush = Rush(reminders, seconds=60, aim=2.0)
    late = []
    for _ in range(runs):
        with provider(server, latency=0.1) as environ:
            late.append(one_rush(server, rush, environ=environ))
    yield figure(rush, late, through="a provider that takes 100 ms")


def figure(rush: Rush, late: Sequence[Late], *, through: str) -> Figure:
    """One line of the table: the median of the runs."""
    sent, recorded, last = (
        statistics.median(times) for times in zip(*((one.sent, one.recorded, one.last) for one in late), strict=True)
    )
    runs = f"median of {len(late)}: " if len(late) > 1 else ""
    return Figure(
        f"{rush.in_words()}, {PROCESSES} processes, through {through}",
        "PostgreSQL, every commit flushed",
        f"{runs}p99 sent {sent:.2f} s late, recorded {recorded:.2f} s; the last {last:.2f} s",
        f"p99 {rush.aim:g} s",
        rush.aim / sent,
    )


def one_rush(server: Durable, rush: Rush, *, environ: Mapping[str, str]) -> Late:
    """Fill a table, let dispatchers idle before it until the moment comes, and see how late each reminder was."""
    server.make(RUN)
    url = server.url(RUN)
    with migrated(dj_database_url.parse(url)):
        begins = timezone.now() + AHEAD
        within = timedelta(seconds=rush.seconds)
        add_due(rush.reminders, now=timezone.now(), due_from=begins, within=within)
    server.execute("CHECKPOINT")
    log = server.cluster.folder.parent / "dispatch.log"
    channel = "" if environ else dispatchers.NOOP
    named = dispatchers.running(server.household, url=url, log=log, count=PROCESSES, channel=channel, environ=environ)
    with psycopg.connect(url, autocommit=True) as link, named as children:
        if timezone.now() >= begins:
            raise NotAsItShould("the dispatchers were not ready when the first reminder was due")
        time.sleep((begins + within - timezone.now()).total_seconds())
        dispatchers.wait_until_recorded(link, children, due_by=begins + within)
        late = link.execute(LATENESS).fetchall()
    if len(late) != rush.reminders:
        raise NotAsItShould(f"{len(late)} of {rush.reminders} reminders were sent; see {log}")
    if min(sent for sent, _ in late) < 0:
        raise NotAsItShould("a reminder was sent before its time")
    found = Late(
        sent=percentile([sent for sent, _ in late]),
        recorded=percentile([recorded for _, recorded in late]),
        last=max(recorded for _, recorded in late),
    )
    print(f"  {rush.in_words()}: p99 {found.sent:.2f} s", file=sys.stderr, flush=True)
    return found


def percentile(values: Sequence[float], *, share: float = 0.99) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[math.ceil(len(values) * share) - 1]


@contextmanager
def provider(server: Durable, *, latency: float) -> Iterator[Mapping[str, str]]:
    """The simulated provider as a process, and the variables that make a dispatcher send its texts there."""
    log = server.cluster.folder.parent / "provider.log"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.provider", "--latency", str(latency)]
    child = server.household.start("provider", command, log=log, cwd=dispatchers.ROOT)
    try:
        wait_until(lambda: "READY" in log.read_text(), child, seconds=60)
        yield {
            "MILEPOST_TWILIO_URL": log.read_text().split("READY ")[1].split()[0],
            "MILEPOST_TWILIO_ACCOUNT_SID": SID,
            "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
            "MILEPOST_TWILIO_FROM": "+12025550100",
        }
    finally:
        dispatchers.end(server.household, [child])
