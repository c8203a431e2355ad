"""The dead man's switch: a monitor elsewhere is told that reminders go out, and wakes somebody when it hears nothing.

It finds what no alarm of our own can tell: that all processes are gone, or the machine, or the network.
"""

import logging
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from notifications.queries.health import ALARM_AFTER

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
GIVES_UP_AFTER = 5.0
"""Seconds."""


class DeadMansSwitch:
    """Tells `MILEPOST_PING_URL` about rounds of sending that worked, at most once a minute for each process.

    In a thread of its own: no message waits for it. Its failures are logged once until it works again, by the name of
    the monitor's host only, since the rest of the address is the secret.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.told_at: float | None = None
        self.failing = False
        self.telling: threading.Thread | None = None

    def is_due(self) -> bool:
        """Whether a ping is configured, and the last one is a minute ago."""
        recent = self.told_at is not None and time.monotonic() - self.told_at < EVERY.total_seconds()
        return bool(settings.PING_URL) and not recent

    def round_worked(self, *, lag: timedelta) -> None:
        """Tell the monitor, unless the queue is as late as that somebody should come, or it was told just now."""
        with self.lock:
            if not self.is_due() or lag > ALARM_AFTER:
                return
            self.told_at = time.monotonic()
            self.telling = threading.Thread(target=self.tell, args=[settings.PING_URL], name="ping", daemon=True)
            self.telling.start()

    def tell(self, url: str) -> None:
        """Ask the address once, and note whether it answered well."""
        try:
            answer = httpx.get(url, timeout=GIVES_UP_AFTER)
            failure = "" if answer.is_success else f"it answered {answer.status_code}"
        except Exception as error:  # httpx.InvalidURL is no HTTPError, and its words hold the address
            failure = type(error).__name__
        if failure and not self.failing:
            logger.warning("the monitor at %s could not be told that reminders go out: %s", host_of(url), failure)
        elif self.failing and not failure:
            logger.info("the monitor at %s is told again that reminders go out", host_of(url))
        self.failing = bool(failure)

    def finish(self) -> None:
        """Wait for a ping under way, at most as long as it may take: for a process that is about to end."""
        if self.telling is not None:
            self.telling.join(timeout=GIVES_UP_AFTER + 1)


def host_of(url: str) -> str:
    """The name of the monitor's machine."""
    try:
        return urlsplit(url).hostname or "MILEPOST_PING_URL"
    except ValueError:
        return "MILEPOST_PING_URL"
