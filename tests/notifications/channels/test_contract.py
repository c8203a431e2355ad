"""What every channel promises the dispatcher, passed by all of them. A new channel adds a world to `WORLDS`."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.core import mail

from notifications.channels.accounts import Gap
from notifications.channels.base import Channel, ChannelError, Envelope, LookUp, NoAnswer, NotOffered, Receipt
from notifications.channels.outbox import OutboxChannel
from notifications.channels.unusable import UnusableChannel
from notifications.channels.voice import VoiceChannel
from notifications.models import OutboxEntry
from tests.builders import NOW
from tests.notifications.channels.letters import emails, envelope, sought, texts, twilio
from tests.notifications.due import ScriptedChannel
from tests.provider import TOKEN, Provider
from tests.provider.mail import MailServer

pytestmark = pytest.mark.django_db

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@dataclass
class World:
    """A channel, the kind it carries, and the addresses of what arrived at its provider, in order of arrival."""

    channel: Channel
    kind: str
    arrived: Callable[[], list[str]]


def in_outbox() -> list[str]:
    return list(OutboxEntry.objects.values_list("address", flat=True))


@contextmanager
def outbox() -> Iterator[World]:
    yield World(OutboxChannel(), "sms", in_outbox)


@contextmanager
def scripted() -> Iterator[World]:
    channel = ScriptedChannel(honours_reference=True)
    yield World(channel, "sms", in_outbox)


@contextmanager
def twilio_texts() -> Iterator[World]:
    with Provider(clock=lambda: NOW) as provider:
        yield World(texts(provider.url), "sms", lambda: [one.to for one in provider.ledger.taken()])


@contextmanager
def twilio_calls() -> Iterator[World]:
    with Provider(clock=lambda: NOW) as provider:
        channel = VoiceChannel(twilio("voice", provider.url))
        yield World(channel, "voice", lambda: [one.to for one in provider.ledger.taken()])


@contextmanager
def smtp_emails() -> Iterator[World]:
    with MailServer() as server:
        yield World(emails(server.url), "email", lambda: [str(one["To"]) for one in server.taken])


@contextmanager
def backend_emails() -> Iterator[World]:
    mail.outbox = []
    yield World(emails("{}", backend=LOCMEM), "email", lambda: [one.to[0] for one in mail.outbox])


WORLDS = {
    "outbox": outbox,
    "scripted": scripted,
    "texts": twilio_texts,
    "calls": twilio_calls,
    "emails by SMTP": smtp_emails,
    "emails by a backend": backend_emails,
}


@pytest.fixture(params=WORLDS)
def world(request) -> Iterator[World]:
    with WORLDS[request.param]() as world:
        yield world


def letters(world: World, count: int) -> list[Envelope]:
    """Messages of the world's kind to as many addresses."""
    address = "patient{}@home.example" if world.kind == "email" else "+1202555{}"
    return [envelope(world.kind, address=address.format(1000 + number)) for number in range(count)]


def test_a_channel_answers_with_a_receipt_of_the_moment_it_was_offered(world: World):
    (one,) = letters(world, 1)
    receipt = world.channel.send(one)
    assert receipt.accepted_at == NOW
    assert world.arrived() == [one.address]


def test_only_a_channel_that_says_so_keeps_one_message_for_two_offers(world: World):
    (one,) = letters(world, 1)
    first = world.channel.send(one)
    again = world.channel.send(replace(one, offered_at=NOW + timedelta(minutes=1)))
    assert (again == first) is world.channel.honours_reference
    assert len(world.arrived()) == (1 if world.channel.honours_reference else 2)


def test_a_channel_offers_many_answers_in_their_order_and_none_that_it_may_not(world: World):
    many = letters(world, 12)
    answers = world.channel.send_many(many, may_offer=lambda one: one not in many[3:5])
    assert [type(answer) for answer in answers] == [Receipt] * 3 + [NotOffered] * 2 + [Receipt] * 7
    assert sorted(world.arrived()) == [one.address for one in many if one not in many[3:5]]


def test_a_look_up_finds_what_was_taken_or_says_that_it_cannot(world: World):
    one, other = letters(world, 2)
    receipt = world.channel.send(one)
    if isinstance(world.channel, ScriptedChannel):
        world.channel.evidence = lambda _: receipt
    found = world.channel.look_up(sought(one))
    assert found in (receipt, LookUp.UNSUPPORTED)
    if found is not LookUp.UNSUPPORTED and not isinstance(world.channel, ScriptedChannel):
        assert world.channel.look_up(sought(other)) is None


def test_a_channel_names_its_account_without_its_secret(world: World):
    told = world.channel.account + repr(world.channel)
    assert TOKEN not in told
    assert len(world.channel.account) <= 200
    assert bool(world.channel.account) is not isinstance(world.channel, OutboxChannel | ScriptedChannel)


@pytest.mark.parametrize("kind", ["sms", "voice", "email"])
def test_a_provider_that_nobody_listens_at_took_nothing_for_certain(kind: str):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{closed.getsockname()[1]}"
    channels = {
        "sms": lambda: texts(f"http://{where}"),
        "voice": lambda: VoiceChannel(twilio("voice", f"http://{where}")),
        "email": lambda: emails(f"smtp://{where}?tls=off"),
    }
    with pytest.raises(ChannelError) as refused:
        channels[kind]().send(envelope(kind))
    assert not refused.value.permanent


def test_an_account_set_in_part_refuses_for_now_and_cannot_be_asked():
    channel = UnusableChannel(Gap(None, ("sms",), "MILEPOST_TWILIO_FROM", "is not set", "Set it."))
    with pytest.raises(ChannelError) as refused:
        channel.send(envelope())
    assert not refused.value.permanent
    with pytest.raises(NoAnswer):
        channel.look_up(sought(envelope()))
