"""The simulated provider, for the channels that speak to it."""

from collections.abc import Iterator

import pytest

from notifications.channels import twilio
from tests.builders import NOW
from tests.provider import Provider
from tests.provider.mail import MailServer


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on loopback whose clock stands at `NOW`."""
    with Provider(clock=lambda: NOW) as provider:
        yield provider


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels for texts and calls that are made from now on wait a second for an answer."""
    monkeypatch.setattr(twilio, "ANSWER_SECONDS", 1.0)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on loopback."""
    with MailServer() as server:
        yield server
