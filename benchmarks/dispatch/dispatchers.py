"""Dispatcher processes as an operator starts them, and the moment at which all is recorded, seen from outside."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from config.processes import Child, ChildFailedError, Household, wait_until

NOOP = "benchmarks.dispatch.noop.NoopChannel"
ROOT = Path(__file__).resolve().parents[2]

IS_ANYTHING_LEFT = """
SELECT EXISTS (SELECT FROM pathway_reminder WHERE state = 'planned' AND run_at <= %(due_by)s)
    OR EXISTS (SELECT FROM pathway_reminder WHERE state = 'claimed')
"""
"""Both halves read a partial index. Asked fifty times a second it costs the server a few percent of one core."""

LOOK_EVERY = 0.02
"""Seconds. The moment at which all is recorded is known this exactly."""

LONGEST_RUN = 900.0
"""Seconds. A run that takes longer is broken off as failed."""


def start(
    household: Household,
    *,
    url: str,
    log: Path,
    count: int,
    channel: str = NOOP,
    environ: Mapping[str, str] | None = None,
) -> list[Child]:
    """Start `count` times `manage.py dispatch` on a database, with one channel for all kinds of contact."""
    kinds = dict.fromkeys(("MILEPOST_SMS", "MILEPOST_VOICE", "MILEPOST_EMAIL"), channel)
    surroundings = {**os.environ, "DATABASE_URL": url, "MILEPOST_LOG": "WARNING", **kinds, **(environ or {})}
    command = [sys.executable, "manage.py", "dispatch"]
    return [household.start("dispatcher", command, environ=surroundings, log=log, cwd=ROOT) for _ in range(count)]


@contextmanager
def running(household: Household, *, url: str, log: Path, count: int, **named: str) -> Iterator[list[Child]]:
    """Dispatchers that have said they are ready, ended with the block."""
    log.unlink(missing_ok=True)
    children = start(household, url=url, log=log, count=count, **named)
    try:
        wait_until(lambda: log.read_text().count("READY") == count, children[0], seconds=60)
        yield children
    finally:
        end(household, children)


def end(household: Household, children: list[Child]) -> None:
    """End processes whose work is done; nothing of theirs is to be waited for."""
    for child in children:
        child.signal(signal.SIGKILL)
        household.stop_child(child)


def wait_until_recorded(link: psycopg.Connection, children: list[Child], *, due_by: object) -> float:
    """Wait until nothing due is left; the moment, on the monotonic clock. Raises `ChildFailedError`."""
    return wait_until_no(link, IS_ANYTHING_LEFT, children, {"due_by": due_by})


def wait_until_no(
    link: psycopg.Connection, question: str, children: list[Child], values: Mapping[str, object] | None = None
) -> float:
    """Wait until the database answers a yes-or-no question with no; the moment, on the monotonic clock.

    Raises `ChildFailedError` when one of the children ends before that with an error, or it takes too long.
    """
    deadline = time.monotonic() + LONGEST_RUN
    while True:
        answer = link.execute(question, values).fetchone()  # type: ignore[call-overload]
        seen = time.monotonic()
        if answer is not None and not answer[0]:
            return seen
        failed = [child for child in children if child.process.poll()]
        if failed:
            raise failed[0].failure()
        if seen > deadline:
            raise ChildFailedError(f"not done within {LONGEST_RUN:.0f} seconds")
        time.sleep(LOOK_EVERY)
