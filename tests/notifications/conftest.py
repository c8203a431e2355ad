"""What the tests of messages share."""

from collections.abc import Callable

import pytest

from notifications.metrics import counters
from tests.notifications.figures import samples


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., float]:
    """This process counts, as one that serves its own figures does; call it for what a figure grew by meanwhile."""
    monkeypatch.setattr(counters.Counting, "on", True)
    before = dict(samples())

    def grown(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return dict(samples()).get(key, 0.0) - before.get(key, 0.0)

    return grown
