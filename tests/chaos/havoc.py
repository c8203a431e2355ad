"""Carrying out a script: everything breaks at its time, and journeys change through the real actions."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from pathway.actions.journeys import book, cancel
from pathway.models import Journey, Milestone
from tests.chaos.script import Event, Script
from tests.chaos.site import Site

NO_DATABASE = (OperationalError, InterfaceError)
MOVED_BY = timedelta(days=3)
PATIENCE = 30.0
"""Seconds for which an action is tried again while the database is away."""


class Havoc:
    """What a script does to a site, from the instant `began` (monotonic). `done` counts what was done."""

    def __init__(self, site: Site, journeys: Sequence[Journey], *, began: float, say: Callable[[str], None]) -> None:
        self.site, self.journeys, self.began, self.say = site, journeys, began, say
        self.done: Counter[str] = Counter()

    def wreak(self, script: Script) -> None:
        """Let every event happen at its time, or as soon after it as the ones before allow."""
        for event in script.events:
            time.sleep(max(0.0, event.at - self.elapsed()))
            self.happen(event)
            self.done[event.what] += 1
        time.sleep(max(0.0, script.seconds - self.elapsed()))

    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def happen(self, event: Event) -> None:
        """One event."""
        match event.what:
            case "kill":
                self.tell(f"kill -9 of worker {event.which}")
                self.site.kill_worker(event.which)
            case "deafen":
                self.tell("kill -9 of what the provider calls back")
                self.site.kill_web()
            case "flush":
                self.tell("the broker is emptied")
                self.site.empty_broker()
            case "crash":
                self.tell("PostgreSQL crashes and recovers")
                self.site.crash_postgres()
            case "move":
                with_patience(lambda: move(self.journeys[event.which]))
            case "cancel":
                with_patience(lambda: call_off(self.journeys[event.which]))

    def tell(self, what: str) -> None:
        self.say(f"  {self.elapsed():6.1f} s  {what}")


def move(journey: Journey) -> None:
    """The procedure moves by three days, so what was said of it, or will be, is wrong."""
    procedure = Milestone.objects.get(journey=journey, key="procedure")
    book(journey=journey, key="procedure", at=procedure.at + MOVED_BY, by=None, now=timezone.now())


def call_off(journey: Journey) -> None:
    """The procedure is cancelled."""
    if Journey.objects.filter(pk=journey.pk, state="cancelled").exists():
        return  # it was committed before the connection broke
    cancel(journey=journey, reason="chaos", by=None, now=timezone.now())


def with_patience(action: Callable[[], None]) -> None:
    """Do something to the database, again for as long as it is away. Done twice, a move moves twice: that is fine."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            action()
            return
        except NO_DATABASE:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
