"""`manage.py dispatch`: the dispatcher as a process of its own. Run as many as you like, beside Celery's beat too."""

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from notifications.dispatcher import Drained, drain
from notifications.queries.health import next_run_at

LONGEST_SLEEP = 0.5
"""Seconds. A reminder that is planned for this very moment waits no longer than this."""

LONGEST_PAUSE = 30.0
"""Seconds. However often a round has failed, the next one comes after this."""


class Command(BaseCommand):
    """Exit 0 when told to stop or `--once` is done, 1 when `--once` broke off, 2 when there is no database yet."""

    help = "Send the reminders that are due, and keep doing so until stopped (INT or TERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, say what was done, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_signals() as stop:
            if options["once"]:
                self.send_once(stop)
            else:
                self.keep_sending(stop)
                self.stdout.write("stopped")

    def send_once(self, stop: threading.Event) -> None:
        """Send what is due now. Only the kind of an exception is told: its words could hold the patient's."""
        try:
            must_be_migrated()
            self.stdout.write(in_words(drain(clock=timezone.now, stopping=stop.is_set)))
        except CommandError:
            raise
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(f"the database cannot be used ({type(error).__name__})", returncode=2) from error
        except Exception as error:
            raise CommandError(f"broke off: {type(error).__name__}", returncode=1) from error

    def keep_sending(self, stop: threading.Event) -> None:
        """Send what falls due until `stop` is set. Whatever goes wrong is tried again, ever later."""
        ready, failures = False, 0
        while not stop.is_set():
            try:
                close_old_connections()
                if not ready:
                    must_be_migrated()
                    ready = True
                    self.stdout.write("READY: sending what is due")
                    self.stdout.flush()
                pause = self.one_round(stop)
                failures = 0
            except CommandError:
                raise
            except Exception as error:
                pause = min(LONGEST_SLEEP * 2 ** min(failures, 16), LONGEST_PAUSE)
                failures += 1
                self.stderr.write(f"{type(error).__name__}; trying again in {pause:g} s")
            stop.wait(pause)

    def one_round(self, stop: threading.Event) -> float:
        """Drain once; how many seconds to sleep after it."""
        drained = drain(clock=timezone.now, stopping=stop.is_set)
        if drained != Drained():
            self.stdout.write(in_words(drained))
        return seconds_until(next_run_at(), now=timezone.now())


def must_be_migrated() -> None:
    """Raise `CommandError` (exit 2) when the database lacks a migration that this code knows."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("the database is not up to date: run manage.py migrate first", returncode=2)


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that INT and TERM set, so that a group under way is sent and recorded before the end."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def seconds_until(run_at: datetime | None, *, now: datetime) -> float:
    """How long to sleep before `run_at`: at least nothing, at most `LONGEST_SLEEP`."""
    if run_at is None:
        return LONGEST_SLEEP
    return min(max((run_at - now).total_seconds(), 0.0), LONGEST_SLEEP)


def in_words(drained: Drained) -> str:
    """The counts that are not nought, as one line."""
    counts = [f"{count} {name}" for name, count in asdict(drained).items() if count]
    return ", ".join(counts) or "nothing was due"
