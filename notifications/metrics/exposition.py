"""All figures as the text that Prometheus reads."""

from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError, InterfaceError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from notifications.metrics import counters
from notifications.metrics.gauges import DatabaseGauges

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(*, clock: Callable[[], datetime]) -> bytes:
    """What was counted, by every process of this machine where they share a folder, and what the database tells.

    `clock` says what time it is (aware, UTC), and may ask the database. While that does not answer, the counts are
    told all the same.
    """
    registry = CollectorRegistry()
    if counters.Counting.folder:
        MultiProcessCollector(registry, path=str(counters.Counting.folder))  # type: ignore[no-untyped-call]
    elif counters.Counting.on:
        registry.register(counters.registry)
    registry.register(database_gauges(clock))
    return generate_latest(registry)


def database_gauges(clock: Callable[[], datetime]) -> DatabaseGauges:
    """The figures of the database, or the one that says that it does not answer."""
    try:
        return DatabaseGauges(now=clock())
    except (DatabaseError, InterfaceError):
        return DatabaseGauges(now=None)
