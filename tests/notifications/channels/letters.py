"""Envelopes for the channels' tests, and the real channels before the simulated provider."""

from datetime import timedelta
from uuid import uuid4

from notifications.channels.accounts import Account
from notifications.channels.base import Envelope, Sought
from notifications.channels.email import EmailChannel
from notifications.channels.sms import SmsChannel
from tests.builders import NOW
from tests.provider import SID, TOKEN

ADDRESSES = {"sms": "+12025550101", "voice": "+12025550101", "email": "alma@patient.example"}


def envelope(channel: str = "sms", **fields) -> Envelope:
    """A message for somebody, of use for an hour."""
    words = {"channel": channel, "address": ADDRESSES[channel], "subject": "", "body": "Oak Clinic: hello"}
    times = {"offered_at": NOW, "useful_until": NOW + timedelta(hours=1)}
    return Envelope(**{"reference": uuid4(), **words, **times, **fields})


def sought(one: Envelope) -> Sought:
    """The envelope as it is looked for."""
    return Sought(one.reference, one.address, one.body, offered_since=one.offered_at)


def twilio(kind: str, url: str, **fields) -> Account:
    """An account at the simulated provider."""
    named = {"account": SID, "secret": TOKEN, "sender": "+12025550100", "per_second": None, **fields}
    return Account(clinic_id=None, kind=kind, provider="twilio", url=url, **named)


def texts(url: str, **fields) -> SmsChannel:
    """The channel for texts."""
    return SmsChannel(twilio("sms", url, **fields))


def emails(secret: str, *, backend: str = "", **fields) -> EmailChannel:
    """The channel for emails: by SMTP to an address, or by a backend with its settings."""
    named = {"sender": "Oak Clinic <care@oak.example>", "per_second": None, **fields}
    return EmailChannel(
        Account(clinic_id=None, kind="email", provider="email", account=backend, secret=secret, **named)
    )
