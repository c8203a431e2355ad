"""`manage.py dispatch`: the dispatcher as a process of its own. Run as many as you like, beside Celery's beat too."""

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from notifications.dispatcher import Drained, drain
from notifications.queries.health import next_run_at

LONGEST_SLEEP = 0.5
"""Seconds. A reminder that is planned for this very moment waits no longer than this."""


class Command(BaseCommand):
    help = "Send the reminders that are due, and keep doing so until stopped (INT or TERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, say what was done, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_signals() as stop:
            if options["once"]:
                self.stdout.write(in_words(drain(clock=timezone.now, stopping=stop.is_set)))
                return
            self.stdout.write("READY: sending what is due")
            self.stdout.flush()
            while not stop.is_set():
                stop.wait(self.one_round(stop))
            self.stdout.write("stopped")

    def one_round(self, stop: threading.Event) -> float:
        """Drain once; how many seconds to sleep after it. A database that is away is tried again, not given up on."""
        close_old_connections()
        try:
            drained = drain(clock=timezone.now, stopping=stop.is_set)
            if drained != Drained():
                self.stdout.write(in_words(drained))
            return seconds_until(next_run_at(), now=timezone.now())
        except OperationalError as error:
            self.stderr.write(f"database: {type(error).__name__}; trying again")
            return LONGEST_SLEEP


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
