"""A dispatcher process for tests: `python -m tests.notifications.mortal LINE LIMIT GO_FILE`.

It waits for the file, drains once at `NOW`, and prints how many it claimed and sent. With LINE other than "none" it
kills itself with SIGKILL when it gets there. It is the test's own program: the dispatcher knows nothing of it.
"""

import os
import signal
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from notifications import dispatcher  # noqa: E402 - Django must be set up first
from notifications.channels.outbox import OutboxChannel  # noqa: E402
from tests.builders import NOW  # noqa: E402

LINES = ("mid-start", "after-start", "half-sent", "after-send", "mid-record", "after-record")


def die(*_, **__) -> None:
    """What kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalChannel(OutboxChannel):
    """An outbox whose process dies before, in the middle of, or after handing a group over."""

    def __init__(self, line: str) -> None:
        self.line = line

    def send_many(self, envelopes, *, may_offer):
        if self.line == "after-start":
            die()
        if self.line == "half-sent":
            super().send_many(envelopes[: len(envelopes) // 2], may_offer=may_offer)
            die()
        receipts = super().send_many(envelopes, may_offer=may_offer)
        if self.line == "after-send":
            die()
        return receipts


def die_at(line: str) -> None:
    """Arrange for the death, for the lines that lie outside the channel."""
    if line == "mid-start":
        # Rows are locked, and nothing is committed.
        sys.modules["notifications.dispatcher.start"].mark_started = die
    if line == "mid-record":
        # Reminders are written then, their messages are not, and nothing is committed.
        sys.modules["notifications.dispatcher.record"].kept_reference = die
    if line == "after-record":
        dispatcher.Drained.count = die


def main(line: str, limit: str, go: str) -> None:
    """Drain once at `NOW`, or die trying."""
    die_at(line)
    print("READY", flush=True)
    while not Path(go).exists():
        time.sleep(0.005)
    drained = dispatcher.drain(clock=lambda: NOW, limit=int(limit), channels={"sms": MortalChannel(line)})
    print(drained.claimed, drained.sent, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
