"""The outbox, and what all channels have from their base class. What each promises: `channels/test_contract.py`."""

import logging
import threading
import time

import pytest
from django.db import transaction

from notifications.channels.base import Channel, ChannelError, Envelope, NoAnswer, Receipt
from notifications.channels.outbox import OutboxChannel
from tests.builders import NOW
from tests.notifications.channels.letters import envelope, sought
from tests.notifications.due import drain_at, make_due

pytestmark = pytest.mark.django_db


def test_the_outbox_finds_what_it_keeps_and_says_none_for_anything_else():
    one = envelope()
    OutboxChannel().send(one)
    assert OutboxChannel().look_up(sought(one)) == Receipt(NOW)
    assert OutboxChannel().look_up(sought(envelope())) is None


@pytest.mark.django_db(transaction=True)
def test_the_outbox_refuses_to_be_part_of_somebody_elses_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        OutboxChannel().send(envelope())


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
