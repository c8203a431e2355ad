"""The simulated provider, for the channels that speak to it."""

from collections.abc import Iterator

import pytest

from notifications.channels import twilio
from tests.builders import NOW
from tests.provider import Provider
from tests.provider.mail import MailServer


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider on loopback whose clock stands at `NOW`. Channels made now give up on it after half a second."""
    monkeypatch.setattr(twilio, "ANSWER_SECONDS", 0.5)
    with Provider(clock=lambda: NOW) as provider:
        yield provider


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on loopback."""
    with MailServer() as server:
        yield server
