"""Celery on a machine whose clock is wrong: `python -m tests.chaos.askew SECONDS worker ...`.

Only the clock that Milepost reads is turned. Celery's own stays right: a worker that is ahead would throw every tick
away as expired, do nothing, and prove nothing.
"""

import sys
from datetime import timedelta

from celery.__main__ import main
from django.utils import timezone

from config.celery import app  # before the clock is turned: Celery keeps the one that it finds

right_now = timezone.now


def turn_clock(*, by: timedelta) -> None:
    """Let every look at Django's clock be off by so much."""
    timezone.now = lambda: right_now() + by


if __name__ == "__main__":
    turn_clock(by=timedelta(seconds=float(sys.argv[1])))
    assert abs(app.now() - right_now()) < timedelta(seconds=1)
    sys.argv = ["celery", "-A", "config", *sys.argv[2:]]
    main()
