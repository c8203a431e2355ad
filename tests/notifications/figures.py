"""The figures, read as a test needs them."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from notifications.metrics import counters


def samples() -> Iterator[tuple[tuple[str, tuple[tuple[str, str], ...]], float]]:
    """Every counted figure: ((name, labels), value)."""
    for family in counters.registry.collect():
        for sample in family.samples:
            yield (sample.name, tuple(sorted(sample.labels.items()))), sample.value


def told(text: bytes, name: str, **labels: str) -> float | None:
    """The value of one figure in a text that Prometheus would read."""
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None
