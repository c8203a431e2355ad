"""How many due reminders are sent and recorded in a second, beside the raw limit on the same server."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import dj_database_url
import psycopg
from django.utils import timezone

from benchmarks.dispatch import dispatchers, raw
from benchmarks.dispatch.rows import add_due, add_future
from benchmarks.durable import Durable
from benchmarks.rates import Rate, repeated
from config.processes import Child
from notifications.simulator.throwaway import migrated

FILLED, RUN, RAW = "filled", "run", "raw"

SENT_AS_IT_SHOULD = """
SELECT (SELECT count(*) FROM pathway_reminder WHERE state = 'sent' AND sent_at IS NOT NULL),
       (SELECT count(DISTINCT reminder_id) FROM notifications_message
        WHERE state = 'sent' AND offered_at IS NOT NULL AND sent_at IS NOT NULL AND provider_reference <> ''),
       (SELECT count(*) FROM notifications_message),
       (SELECT count(*) FROM notifications_deliveryattempt),
       (SELECT count(*) FROM pathway_workitem),
       (SELECT count(*) FROM pathway_reminder WHERE state = 'planned')
"""


class NotAsItShould(RuntimeError):
    """A run that did not do exactly what it was measured for; its figure is worth nothing."""


OURS, OUR_TABLE, THE_RAW_LIMIT = "Milepost", "raw, on our table", "raw limit"


def dispatch_rates(server: Durable, *, due: int, futures: tuple[int, ...], runs: int) -> Iterator[Rate]:
    """Ours with one and two processes, and both raw loops with two, for each number of future rows in turn."""
    there = 0
    server.make(FILLED)
    server.make(RAW)
    now = timezone.now()
    with migrated(dj_database_url.parse(server.url(FILLED))):
        add_due(due, now=now)
    fill_raw(server, due=due, now=now)
    for future in futures:
        if future > there:
            with migrated(dj_database_url.parse(server.url(FILLED))):
                add_future(future - there, now=now)
            fill_raw(server, due=0, future=future - there, now=now)
            there = future
        for who, processes, run in (
            (OURS, 1, run_ours),
            (OURS, 2, run_ours),
            (THE_RAW_LIMIT, 2, run_raw),
            (OUR_TABLE, 2, run_raw_on_ours),
        ):
            one = partial(run, server, due=due, future=future, processes=processes)
            yield repeated(one, Rate(who, processes, future, due, ()), runs=runs)


def run_ours(server: Durable, *, due: int, future: int, processes: int) -> float:
    """Seconds from the start of the processes to the last reminder recorded as sent, on a fresh copy."""
    server.copy(FILLED, to=RUN)
    url = server.url(RUN)
    log = server.cluster.folder.parent / "dispatch.log"
    with psycopg.connect(url, autocommit=True) as link:
        due_by, began = timezone.now(), time.monotonic()
        children = dispatchers.start(server.household, url=url, log=log, count=processes)
        try:
            ended = dispatchers.wait_until_recorded(link, children, due_by=due_by)
        finally:
            dispatchers.end(server.household, children)
        counts = link.execute(SENT_AS_IT_SHOULD).fetchone()
    if counts != (due, due, due, 0, 0, future):
        raise NotAsItShould(f"{due} due and {future} future reminders ended as {counts}; see {log}")
    return ended - began


def run_raw(server: Durable, *, due: int, future: int, processes: int) -> float:
    """The same for the minimal table with its one index."""
    server.copy(RAW, to=RUN)
    return run_raw_on(server, "raw_due", due=due, future=future, processes=processes)


def run_raw_on_ours(server: Durable, *, due: int, future: int, processes: int) -> float:
    """The same statements on our reminders: what the wider row and its indexes cost."""
    server.copy(FILLED, to=RUN)
    return run_raw_on(server, "pathway_reminder", due=due, future=future, processes=processes)


def run_raw_on(server: Durable, table: str, *, due: int, future: int, processes: int) -> float:
    """Seconds from the start of the raw processes to the last row marked."""
    url = server.url(RUN)
    log = server.cluster.folder.parent / "raw.log"
    left = f"SELECT EXISTS (SELECT FROM {table} WHERE state = 'planned' AND run_at <= now())"
    with psycopg.connect(url, autocommit=True) as link:
        began = time.monotonic()
        children = start_raw(server, url=url, table=table, count=processes, log=log)
        try:
            dispatchers.wait_until_no(link, left, children)
            for child in children:
                child.process.wait(timeout=60)
            ended = time.monotonic()
        finally:
            dispatchers.end(server.household, children)
        counts = link.execute(
            f"SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'planned') FROM {table}"  # type: ignore[call-overload]
        ).fetchone()
    if counts != (due, future):
        raise NotAsItShould(f"{due} due and {future} future raw rows ended as {counts}")
    return ended - began


def start_raw(server: Durable, *, url: str, table: str, count: int, log: Path) -> list[Child]:
    """Start the raw processes."""
    command = [sys.executable, "-m", raw.__name__, url, table]
    return [server.household.start("raw", command, log=log, cwd=dispatchers.ROOT) for _ in range(count)]


def fill_raw(server: Durable, *, due: int, now: datetime, future: int = 0) -> None:
    """Add rows to the minimal table, due at the same instants and in the same order as ours."""
    with psycopg.connect(server.url(RAW), autocommit=True) as link:
        if due:
            link.execute(raw.MAKE)
            link.execute(raw.INDEX)
        spread = (
            "%(now)s - interval '1 hour' + (n::bigint * 7919 %% %(due)s)::float8 / %(due)s * interval '1 hour'"
            if due
            else "%(now)s + interval '1 day' + (n::bigint * 7919 %% 40320) * interval '1 minute'"
        )
        link.execute(
            f"INSERT INTO raw_due (state, run_at) SELECT 'planned', {spread} FROM generate_series(1, %(rows)s) AS n",  # type: ignore[call-overload]
            {"now": now, "due": due, "rows": due or future},
        )
        link.execute("VACUUM (FREEZE, ANALYZE) raw_due")
