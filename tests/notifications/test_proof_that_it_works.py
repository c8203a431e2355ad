"""A number that was given up, or a stop, and what proves afterwards that it is no longer so."""

from datetime import timedelta

import pytest
from anymail.signals import AnymailTrackingEvent

from notifications.models import Message
from notifications.replies.email_events import take_event
from notifications.replies.receipts import apply_receipt
from pathway.models import JourneyEvent
from patients.models import ContactPoint, Patient
from tests.builders import NOW, make_patient
from tests.notifications.coming_back import calls_back, make_caregiver, make_sent, says, text_from

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


@pytest.mark.parametrize("words", ["START", "C", "where do I park?", "STOP"])
def test_whatever_comes_from_a_number_brings_it_back(words: str):
    message = make_sent()
    apply_receipt(message_id=message.pk, status="undelivered", code="30005", now=NOW)
    assert is_given_up()
    says(message.journey.patient, words, now=LATER)
    assert not is_given_up()


def test_a_text_brings_back_its_own_number_alone_also_of_a_patient_without_a_journey():
    patient = make_patient()
    patient.contacts.create(kind="voice", phone="+12025550188", rank=2)
    ContactPoint.objects.update(undeliverable_at=NOW, undeliverable_reason="no such number or address")
    says(patient, "hello?", now=LATER)
    assert list(patient.contacts.filter(undeliverable_at=None).values_list("kind", flat=True)) == ["sms"]


@pytest.mark.parametrize(("wrote", "given_up"), [(LATER, False), (None, True)])
def test_a_late_report_that_a_number_is_dead_counts_less_than_a_text_from_it(wrote, given_up: bool):
    message = make_sent()
    if wrote is not None:
        says(message.journey.patient, "C", now=wrote)
    apply_receipt(message_id=message.pk, status="undelivered", code="30005", now=LATER + timedelta(minutes=1))
    assert is_given_up() == given_up


@pytest.mark.parametrize("known_here", [True, False], ids=["her stop came here too", "the provider alone knew of it"])
def test_a_late_report_of_a_caregivers_old_stop_does_not_undo_her_start(known_here: bool):
    message = make_sent()
    caregiver = make_caregiver(message.journey.patient)
    Message.objects.update(recipient="caregiver", address="+12025550177")
    clinics = [message.journey.clinic_id]
    if known_here:
        text_from("+12025550177", "STOP", clinics=clinics, now=NOW)
    text_from("+12025550177", "START", clinics=clinics, now=LATER)
    apply_receipt(message_id=message.pk, status="undelivered", code="21610", now=LATER + timedelta(minutes=1))
    caregiver.refresh_from_db()
    assert (caregiver.stopped_at, is_stopped()) == (None, False)
    events = JourneyEvent.objects.filter(kind="copies-resumed").values_list("why", flat=True)
    assert list(events) == ["Maria Ruiz (daughter) texted START"] * known_here
    Message.objects.filter(pk=message.pk).update(offered_at=LATER + timedelta(hours=1), state="sent", sent_at=LATER)
    apply_receipt(message_id=message.pk, status="undelivered", code="21610", now=LATER + timedelta(hours=2))
    caregiver.refresh_from_db()
    assert caregiver.stopped_at is not None, "a stop of after her START is one"


def test_what_our_sender_may_be_at_fault_for_gives_no_number_up():
    apply_receipt(message_id=make_sent().pk, status="undelivered", code="21612", now=NOW)
    assert not is_given_up()


@pytest.mark.parametrize("known_here", [True, False], ids=["the stop came here too", "the provider alone knew of it"])
def test_a_late_report_of_an_old_stop_does_not_undo_a_start(known_here: bool):
    message = make_sent()
    if known_here:
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


@pytest.mark.usefixtures("shared_account")
def test_a_number_with_a_nul_in_it_is_the_callers_fault(client):
    answer = calls_back(
        client, "/hooks/twilio/message", From="+1202\x00555", To="+12025550143", Body="hi", MessageSid="SM1"
    )
    assert answer.status_code == 400
