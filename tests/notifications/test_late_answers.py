"""An answer that is written down after another worker has taken the row over: it is not overwritten or asked twice."""

from datetime import timedelta

import pytest

from notifications.channels import Routes
from notifications.channels.base import ChannelError
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE
from notifications.dispatcher.due import Share
from notifications.dispatcher.record import record
from notifications.dispatcher.rescue import rescue
from notifications.dispatcher.send import send
from notifications.dispatcher.settle import settle
from notifications.dispatcher.start import start
from notifications.models import DeliveryAttempt, Message
from pathway.models import Reminder
from patients.models import ContactPoint
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_due

OUTBOX = Routes({"sms": OutboxChannel()})
pytestmark = pytest.mark.django_db

THEN = NOW + LEASE + timedelta(seconds=1)
GONE = ChannelError(permanent=True, code="no-such-number", message="never")


def taken_over(sms):
    """A reminder that a first worker has started, and that waits again after its lease; what the worker started."""
    make_due()
    started = start(share=Share(10), routes=OUTBOX, clock=lambda: NOW)
    rescue(now=THEN, limit=10)
    sms.look_up = lambda _: None  # the first worker has not offered it yet
    settle(now=THEN, limit=10, routes=Routes({"sms": sms}))
    assert Reminder.objects.get().state == "planned"
    return started


def answer_late(started, sms):
    """The first worker goes on as if nothing had happened: it offers, and writes the answer down."""
    answered = send(started, routes=Routes({"sms": sms}), clock=lambda: NOW)
    assert record(answered, started, now=THEN, seed=0).total() == 0


def test_an_acceptance_written_down_before_the_second_start_stops_the_second_offer():
    sms = ScriptedChannel()
    answer_late(taken_over(sms), sms)
    assert (Message.objects.get().state, Message.objects.get().sent_at) == ("sent", NOW)
    assert drain_at(THEN, channels={"sms": sms}).sent == 1
    assert (Reminder.objects.get().state, Reminder.objects.get().sent_at) == ("sent", NOW)
    assert len(sms.offered) == 1


def test_an_acceptance_of_the_old_words_also_stops_new_ones():
    sms = ScriptedChannel()
    started = taken_over(sms)
    Reminder.objects.update(says={"day": "2027-03-12"})
    answer_late(started, sms)
    assert drain_at(THEN, channels={"sms": sms}).sent == 1
    assert (Message.objects.count(), len(sms.offered)) == (1, 1)


def test_a_refusal_written_down_before_the_second_start_goes_to_the_next_address():
    sms = ScriptedChannel(GONE)
    started = taken_over(sms)
    contact = ContactPoint.objects.get()
    ContactPoint.objects.create(patient=contact.patient, kind="sms", phone="+12025550177", rank=contact.rank + 1)
    answer_late(started, sms)
    assert drain_at(THEN, channels={"sms": sms}).sent == 1
    first_offer, second_offer = sms.offered
    assert (first_offer.address, second_offer.address) == (contact.address, "+12025550177")


def test_without_a_late_answer_the_second_worker_offers_the_same_message_again():
    sms = ScriptedChannel()
    first = taken_over(sms)
    again = start(share=Share(10), routes=OUTBOX, clock=lambda: THEN)
    assert [one.message_id for one in again.outgoing] == [first.outgoing[0].message_id]
    assert (Message.objects.get().state, Message.objects.get().offered_at) == ("sending", THEN)
    assert Reminder.objects.get().tries == 2


def test_a_refusal_that_comes_after_a_rescue_takes_the_place_of_the_missing_answer():
    sms = ScriptedChannel(GONE)
    answer_late(taken_over(sms), sms)
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.outcome, attempt.started_at, attempt.error) == ("permanent", NOW, "no-such-number: never")
