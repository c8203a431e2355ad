"""What a channel promises. Every channel that can be run here passes the first part; new ones join `CHANNELS`."""

import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from notifications.channels import configured_routes
from notifications.channels.base import Channel, ChannelError, Envelope, NoAnswer, NotOffered, Receipt, Sought
from notifications.channels.outbox import OutboxChannel
from notifications.models import OutboxEntry
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db

CHANNELS = [OutboxChannel, lambda: ScriptedChannel(honours_reference=True)]


def envelope(**fields) -> Envelope:
    """A text for somebody."""
    words = {"channel": "sms", "address": "+12025550101", "subject": "", "body": "Oak Clinic: hello"}
    times = {"offered_at": NOW, "useful_until": NOW + timedelta(hours=1)}
    return Envelope(**{"reference": uuid4(), **words, **times, **fields})


def sought(one: Envelope) -> Sought:
    """The envelope as it is looked for."""
    return Sought(one.reference, one.address, one.body, offered_since=one.offered_at)


@pytest.mark.parametrize("make", CHANNELS)
def test_a_channel_answers_with_a_receipt(make):
    assert make().send(envelope()) == Receipt(NOW)


@pytest.mark.parametrize("make", CHANNELS)
def test_a_channel_that_honours_references_keeps_one_message_for_two_offers(make):
    channel, one = make(), envelope()
    assert channel.honours_reference
    first = channel.send(one)
    assert channel.send(replace(one, offered_at=NOW + timedelta(minutes=1))) == first
    assert OutboxEntry.objects.get().times_offered == 2


@pytest.mark.parametrize("make", CHANNELS)
def test_a_channel_offers_many_in_order_and_none_once_it_may_not(make):
    envelopes = [envelope(), envelope()]
    assert make().send_many(envelopes, may_offer=lambda _: True) == [Receipt(NOW), Receipt(NOW)]
    refused = make().send_many([envelope(), envelope()], may_offer=lambda _: False)
    assert [type(answer) for answer in refused] == [NotOffered, NotOffered]
    assert OutboxEntry.objects.count() == 2


def test_the_outbox_finds_what_it_keeps_and_says_none_for_anything_else():
    one = envelope()
    OutboxChannel().send(one)
    assert OutboxChannel().look_up(sought(one)) == Receipt(NOW)
    assert OutboxChannel().look_up(sought(envelope())) is None


@pytest.mark.django_db(transaction=True)
def test_the_outbox_refuses_to_be_part_of_somebody_elses_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        OutboxChannel().send(envelope())


def test_the_settings_name_a_channel_for_every_kind_of_contact():
    routes = configured_routes()
    assert routes.kinds(1) == {"sms", "voice", "email"}
    assert all(isinstance(routes.channel(kind, 1), Channel) for kind in routes.kinds(1))


class SlowProvider(Channel):
    """Takes a moment for each message and remembers how many it had at once."""

    concurrency = 4

    def __init__(self) -> None:
        self.now, self.most, self.lock = 0, 0, threading.Lock()

    def send(self, envelope: Envelope) -> Receipt:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.lock:
            self.now -= 1
        if envelope.body == "no":
            raise ChannelError(permanent=True, code="no", message="never")
        if envelope.body == "silence":
            raise TimeoutError
        return Receipt(envelope.offered_at, envelope.body)

    def look_up(self, sought):
        return None


def test_a_channel_that_allows_it_is_offered_several_at_once_and_no_more_than_it_allows():
    provider = SlowProvider()
    words = ["a", "no", "silence", *"bcdefghijkl"]
    answers = provider.send_many([envelope(body=body) for body in words], may_offer=lambda _: True)
    assert 1 < provider.most <= 4
    assert [type(answer) for answer in answers[:3]] == [Receipt, ChannelError, NoAnswer]
    assert [answer.provider_reference for answer in answers[3:]] == list("bcdefghijkl")


def test_a_channel_that_breaks_is_no_answer_for_all_and_logs_nothing_of_the_patient(caplog):
    class Broken(OutboxChannel):
        def send_many(self, envelopes, *, may_offer):
            raise RuntimeError(f"cannot reach {envelopes[0].address}")

    reminder = make_due()
    with caplog.at_level(logging.DEBUG, logger="notifications"):
        assert drain_at(NOW, channels={"sms": Broken()}).unknown == 1
    assert "broke on 1 messages" in caplog.text
    assert reminder.journey.patient.contacts.get().address not in caplog.text
