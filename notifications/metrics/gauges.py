"""What the database tells when it is asked: the queue, what waits for people, what providers refuse."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notifications.metrics.counters import KINDS
from notifications.queries.health import DispatchHealth, dispatch_health
from notifications.queries.refusals import Refused, refused_channels


class DatabaseGauges(Collector):
    """The figures at one moment, `now` (UTC). `now=None` says that the database cannot be asked."""

    def __init__(self, *, now: datetime | None) -> None:
        self.health = dispatch_health(now=now) if now else None
        self.refused = refused_channels(now=now) if now else []

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("milepost_database_up", "Whether the database answered.", value=bool(self.health))
        if self.health:
            yield from queue(self.health)
            yield from people(self.health)
            yield refusals(self.refused)


def queue(health: DispatchHealth) -> Iterable[Metric]:
    """How the sending stands."""
    lag = health.lag.total_seconds()
    yield GaugeMetricFamily("milepost_dispatch_lag_seconds", "Age of the oldest due unsent reminder.", value=lag)
    yield GaugeMetricFamily("milepost_due_reminders", "Reminders that are due and that nobody holds.", value=health.due)
    yield GaugeMetricFamily("milepost_claimed_reminders", "Reminders a dispatcher holds now.", value=health.claimed)
    yield GaugeMetricFamily(
        "milepost_unsettled_reminders",
        "Reminders that may or may not have left.",
        value=health.unsettled,
    )
    if health.last_sent_age is not None:
        age = health.last_sent_age.total_seconds()
        yield GaugeMetricFamily("milepost_last_sent_age_seconds", "Since the newest message was taken.", value=age)


def people(health: DispatchHealth) -> Iterable[Metric]:
    """What waits for a person."""
    items = GaugeMetricFamily("milepost_work_items", "Work items that are not done.", labels=["priority"])
    for priority, number in health.work_items.items():
        items.add_metric([priority.name.lower()], number)
    yield items
    yield GaugeMetricFamily(
        "milepost_stray_messages", "Messages of unknown senders that nobody has settled.", value=health.strays
    )


def refusals(refused: Iterable[Refused]) -> Metric:
    """In how many clinics each kind of message is being refused; nought where it is not."""
    clinics = Counter(one.channel for one in refused)
    figure = GaugeMetricFamily(
        "milepost_refused_clinics", "Clinics whose messages of a kind a provider does not take.", labels=["channel"]
    )
    for channel in KINDS:
        figure.add_metric([channel], clinics[channel])
    return figure
