"""`manage.py dispatch`: the dispatcher as a process of its own. Run as many as you like, beside Celery's beat too."""

import gc
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

from notifications.clock import Clock, database_clock
from notifications.dispatcher import Drained, drain
from notifications.metrics.counters import count_for_myself
from notifications.metrics.exposition import exposition
from notifications.metrics.serving import HOST, serve_figures
from notifications.ping import DeadMansSwitch
from notifications.queries.health import dispatch_lag, next_run_at

LONGEST_SLEEP = 0.5
"""Seconds. A reminder that is planned for this very moment waits no longer than this."""

LONGEST_PAUSE = 30.0
"""Seconds. However often a round has failed, the next one comes after this."""


class Command(BaseCommand):
    """Exit 0 when told to stop or `--once` is done, 1 when `--once` broke off, 2 when there is no database yet."""

    help = "Send the reminders that are due, and keep doing so until stopped (INT or TERM)."

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.switch = DeadMansSwitch()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, say what was done, and end")
        parser.add_argument("--metrics", type=int, metavar="PORT", help=f"serve the figures at {HOST}:PORT/metrics")

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_signals() as stop, figures_at(options["metrics"]):
            if options["once"]:
                self.send_once(stop)
            else:
                self.keep_sending(stop)
                self.stdout.write("stopped")

    def send_once(self, stop: threading.Event) -> None:
        """Send what is due now. Only the kind of an exception is told: its words could hold the patient's."""
        try:
            must_be_migrated()
            drained, _ = self.send(stop)
            self.stdout.write(in_words(drained))
            self.switch.finish()
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
                    gc.freeze()  # what start-up made stays anyway; looking through it again cost a tenth of our time
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
        drained, clock = self.send(stop)
        if drained != Drained():
            self.stdout.write(in_words(drained))
        return seconds_until(next_run_at(), now=clock())

    def send(self, stop: threading.Event) -> tuple[Drained, Clock]:
        """Drain once, and tell the monitor that it worked; what was done, and the round's clock."""
        clock = database_clock(local=timezone.now)
        drained = drain(clock=clock, stopping=stop.is_set)
        if self.switch.is_due():
            self.switch.round_worked(lag=dispatch_lag(now=clock()))
        return drained, clock


@contextmanager
def figures_at(port: int | None) -> Iterator[None]:
    """Serve the figures meanwhile, where a port is given. Raises `CommandError` (exit 2) when it cannot be had."""
    if port is None:
        yield
        return
    count_for_myself()
    try:
        door = serve_figures(lambda: exposition(clock=lambda: database_clock(local=timezone.now)()), port=port)
    except (OSError, OverflowError) as error:
        raise CommandError(f"port {port} on {HOST} cannot be used for the figures", returncode=2) from error
    try:
        yield
    finally:
        door.shutdown()
        door.server_close()


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
