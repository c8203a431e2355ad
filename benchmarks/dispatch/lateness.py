"""How long after its moment a reminder goes out, when dispatchers that are already running meet a rush."""

import json
import math
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

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
SHARE = 0.99
AHEAD = timedelta(seconds=40)
"""Between the filling of the table and the first reminder: time for the dispatchers to start, and to idle."""

SENT = """
SELECT message.id, reminder.send_at, message.sent_at
FROM pathway_reminder AS reminder JOIN notifications_message AS message ON message.reminder_id = reminder.id
WHERE reminder.state = 'sent' AND message.state = 'sent'
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
    """Seconds: how late 99 in 100 were, how late the last, and how long after the last moment all was recorded."""

    most: float
    last: float
    recorded: float


def at_one_instant(server: Durable, *, reminders: int, runs: int) -> Iterator[Figure]:
    """Everything at once, as at six in the evening before a day of procedures."""
    rush = Rush(reminders, seconds=0, aim=3.0)
    late = [one_rush(server, rush, environ={}, ledger=None) for _ in range(runs)]
    yield figure(rush, late, through="a no-op channel")


def through_a_slow_provider(server: Durable, *, reminders: int, runs: int) -> Iterator[Figure]:
    """A busy minute of texts over HTTP, each of which takes the provider 100 ms."""
    rush = Rush(reminders, seconds=60, aim=2.0)
    late = []
    for _ in range(runs):
        with provider(server, latency=0.1) as (environ, ledger):
            late.append(one_rush(server, rush, environ=environ, ledger=ledger))
    yield figure(rush, late, through="a provider that takes 100 ms")


def figure(rush: Rush, late: Sequence[Late], *, through: str) -> Figure:
    """One line of the table: the median of the runs."""
    most = statistics.median(one.most for one in late)
    last = statistics.median(one.last for one in late)
    recorded = statistics.median(one.recorded for one in late)
    runs = f", median of {len(late)}" if len(late) > 1 else ""
    return Figure(
        f"{rush.in_words()}, through {through}",
        f"PostgreSQL, every commit flushed, {PROCESSES} processes",
        f"p99 {most:.2f} s, the last {last:.2f} s, all recorded {recorded:.2f} s after the last was due{runs}",
        f"p99 {rush.aim:g} s",
        rush.aim / most,
    )


def one_rush(server: Durable, rush: Rush, *, environ: Mapping[str, str], ledger: Path | None) -> Late:
    """Fill a table, let dispatchers idle before it until the moment comes, and see how late each reminder was."""
    server.make(RUN)
    url = server.url(RUN)
    within = timedelta(seconds=rush.seconds)
    with migrated(dj_database_url.parse(url)):
        begins = timezone.now() + AHEAD
        add_due(rush.reminders, now=timezone.now(), due_from=begins, within=within)
    server.execute("CHECKPOINT")
    log = server.cluster.folder.parent / "dispatch.log"
    channel = "" if environ else dispatchers.NOOP
    crew = dispatchers.running(server.household, url=url, log=log, count=PROCESSES, channel=channel, environ=environ)
    with psycopg.connect(url, autocommit=True) as link, crew as children:
        if timezone.now() >= begins:
            raise NotAsItShould("the dispatchers were not ready when the first reminder was due")
        time.sleep((begins + within - timezone.now()).total_seconds())
        all_due = time.monotonic()
        all_recorded = dispatchers.wait_until_recorded(link, children, due_by=begins + within)
        sent = link.execute(SENT).fetchall()
    if len(sent) != rush.reminders:
        raise NotAsItShould(f"{len(sent)} of {rush.reminders} reminders were sent; see {log}")
    late = lateness(sent, ledger)
    if late[0] < 0:
        raise NotAsItShould("a reminder was sent before its time")
    found = Late(most=late[math.ceil(len(late) * SHARE) - 1], last=late[-1], recorded=all_recorded - all_due)
    print(f"  {rush.in_words()}: p99 {found.most:.2f} s", file=sys.stderr, flush=True)
    return found


def lateness(sent: Sequence[tuple[UUID, datetime, datetime]], ledger: Path | None) -> list[float]:
    """How late each message was, in seconds, the least first: by the provider's ledger where there is one."""
    if ledger is None:
        return sorted((sent_at - send_at).total_seconds() for _, send_at, sent_at in sent)
    taken = {UUID(line["reference"]): line["at"] for line in map(json.loads, ledger.read_text().splitlines())}
    if taken.keys() != {reference for reference, _, _ in sent}:
        raise NotAsItShould("the provider took other messages than those that are recorded as sent")
    return sorted((datetime.fromisoformat(taken[name]) - send_at).total_seconds() for name, send_at, _ in sent)


@contextmanager
def provider(server: Durable, *, latency: float) -> Iterator[tuple[Mapping[str, str], Path]]:
    """The simulated provider as a process: the variables that lead a dispatcher to it, and its ledger."""
    folder = server.cluster.folder.parent
    log, ledger = folder / "provider.log", folder / "ledger.jsonl"
    for left_over in (log, ledger):
        left_over.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.provider", "--latency", str(latency), "--ledger", str(ledger)]
    child = server.household.start("provider", command, log=log, cwd=dispatchers.ROOT)
    try:
        wait_until(lambda: "READY" in log.read_text(), child, seconds=60)
        account = {"ACCOUNT_SID": SID, "AUTH_TOKEN": TOKEN, "FROM": "+12025550100"}
        found = {"URL": log.read_text().split("READY ")[1].split()[0], **account}
        yield {f"MILEPOST_TWILIO_{name}": value for name, value in found.items()}, ledger
    finally:
        dispatchers.end(server.household, [child])
