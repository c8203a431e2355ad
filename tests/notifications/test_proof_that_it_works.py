"""A number that was given up, or a stop, and what proves afterwards that it is no longer so."""

from datetime import timedelta

import pytest
from anymail.signals import AnymailTrackingEvent

from notifications.models import Message
from notifications.replies.email_events import take_event
from notifications.replies.receipts import apply_receipt
from patients.models import ContactPoint, Patient
from tests.builders import NOW
from tests.notifications.coming_back import PUBLIC, SID, TOKEN, calls_back, make_sent, says

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


def is_given_up() -> bool:
    return ContactPoint.objects.filter(undeliverable_at__isnull=False).exists()


def is_stopped() -> bool:
    return Patient.objects.filter(stopped_at__isnull=False).exists()


def unsubscribed(message: Message, at) -> AnymailTrackingEvent:
    return AnymailTrackingEvent(
        event_type="unsubscribed", timestamp=at, event_id="E1", message_id="x",
        metadata={"milepost_id": str(message.pk)}, recipient="a@b.example",
    )  # fmt: skip


def test_a_text_that_arrives_after_all_brings_its_number_back():
    message = make_sent()
    apply_receipt(message_id=message.pk, status="undelivered", code="30005", now=NOW)
    assert is_given_up()
    apply_receipt(message_id=message.pk, status="delivered", code="", now=LATER)
    assert not is_given_up()


def test_a_start_brings_its_number_back():
    message = make_sent()
    apply_receipt(message_id=message.pk, status="undelivered", code="30005", now=NOW)
    says(message.journey.patient, "START", now=LATER)
    assert not is_given_up()


def test_what_our_sender_may_be_at_fault_for_gives_no_number_up():
    apply_receipt(message_id=make_sent().pk, status="undelivered", code="21612", now=NOW)
    assert not is_given_up()


def test_a_late_report_of_an_old_stop_does_not_undo_a_start():
    message = make_sent()
    says(message.journey.patient, "STOP", now=NOW)
    says(message.journey.patient, "START", now=LATER)
    apply_receipt(message_id=message.pk, status="undelivered", code="21610", now=LATER + timedelta(minutes=1))
    assert not is_stopped()


def test_an_unsubscribe_told_twice_does_not_undo_a_start_and_a_new_one_stops():
    message = make_sent()
    Message.objects.update(channel="email")
    take_event(unsubscribed(message, NOW), clinic_id=None, now=NOW)
    assert is_stopped()
    says(message.journey.patient, "START", now=LATER)
    take_event(unsubscribed(message, NOW), clinic_id=None, now=LATER + timedelta(hours=1))
    assert not is_stopped()
    again = LATER + timedelta(hours=2)
    take_event(unsubscribed(message, again), clinic_id=None, now=again)
    assert is_stopped()


def test_a_number_with_a_nul_in_it_is_the_callers_fault(client, settings):
    settings.PUBLIC_URL = PUBLIC
    settings.PROVIDERS = {
        "MILEPOST_TWILIO_ACCOUNT_SID": SID,
        "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
        "MILEPOST_TWILIO_FROM": "+12025550143",
    }
    answer = calls_back(
        client, "/hooks/twilio/message", From="+1202\x00555", To="+12025550143", Body="hi", MessageSid="SM1"
    )
    assert answer.status_code == 400
