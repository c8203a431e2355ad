"""An answer that is written down after another worker has taken the row over: it is not overwritten or asked twice."""

from datetime import timedelta

import pytest

from notifications.channels import Routes
from notifications.channels.base import ChannelError
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE
from notifications.dispatcher.claim import claim, release
from notifications.dispatcher.prepare import prepare
from notifications.dispatcher.record import record
from notifications.dispatcher.rescue import rescue
from notifications.dispatcher.send import send
from notifications.dispatcher.settle import settle
from notifications.dispatcher.start import start
from notifications.models import Message
from pathway.models import Reminder
from patients.models import ContactPoint
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_due

OUTBOX = Routes({"sms": OutboxChannel()})
pytestmark = pytest.mark.django_db

THEN = NOW + LEASE + timedelta(seconds=1)
GONE = ChannelError(permanent=True, code="no-such-number", message="never")


def taken_over(sms):
    """A reminder that a first worker has started, and that a second has claimed and prepared after its lease.

    Returns the first worker's start and token, and the second's batch and messages.
    """
    make_due()
    first = claim(now=NOW, limit=10)
    started = start(prepare(first, now=NOW, routes=OUTBOX).outgoing, token=first.token, clock=lambda: NOW)
    rescue(now=THEN, limit=10)
    sms.look_up = lambda _: None  # the first worker has not offered it yet
    settle(now=THEN, limit=10, routes=Routes({"sms": sms}))
    second = claim(now=THEN, limit=10)
    outgoing = prepare(second, now=THEN, routes=OUTBOX).outgoing
    assert len(outgoing) == 1
    return started, first.token, second, outgoing


def answer_late(started, token, sms):
    """The first worker goes on as if nothing had happened: it offers, and writes the answer down."""
    answered = send(started, routes=Routes({"sms": sms}), clock=lambda: NOW)
    assert record(answered, token=token, now=THEN, routes=OUTBOX, seed=0) == []


def test_an_acceptance_written_down_between_re_check_and_start_stops_the_second_offer():
    sms = ScriptedChannel()
    started, token, second, outgoing = taken_over(sms)
    answer_late(started, token, sms)
    assert start(outgoing, token=second.token, clock=lambda: THEN) == []
    assert (Message.objects.get().state, Message.objects.get().sent_at) == ("sent", NOW)
    release(batch=second)
    assert drain_at(THEN, channels={"sms": sms}).sent == 1
    assert (Reminder.objects.get().state, Reminder.objects.get().sent_at) == ("sent", NOW)
    assert len(sms.offered) == 1


def test_an_acceptance_of_the_old_words_also_stops_new_ones():
    sms = ScriptedChannel()
    started, token, second, _ = taken_over(sms)
    Reminder.objects.update(says={"day": "2027-03-12"})
    outgoing = prepare(second, now=THEN, routes=OUTBOX).outgoing
    assert outgoing[0].is_new
    answer_late(started, token, sms)
    assert start(outgoing, token=second.token, clock=lambda: THEN) == []
    assert Message.objects.count() == 1


def test_a_refusal_written_down_between_re_check_and_start_goes_to_the_next_address():
    sms = ScriptedChannel(GONE)
    started, token, second, outgoing = taken_over(sms)
    contact = ContactPoint.objects.get()
    ContactPoint.objects.create(patient=contact.patient, kind="sms", phone="+12025550177", rank=contact.rank + 1)
    answer_late(started, token, sms)
    assert start(outgoing, token=second.token, clock=lambda: THEN) == []
    release(batch=second)
    assert drain_at(THEN, channels={"sms": sms}).sent == 1
    first_offer, second_offer = sms.offered
    assert (first_offer.address, second_offer.address) == (contact.address, "+12025550177")


def test_without_a_late_answer_the_second_worker_offers_the_same_message_again():
    sms = ScriptedChannel()
    started, _, second, outgoing = taken_over(sms)
    again = start(outgoing, token=second.token, clock=lambda: THEN)
    assert [one.outgoing.message.pk for one in again] == [started[0].outgoing.message.pk]
    assert Message.objects.get().state == "sending"
