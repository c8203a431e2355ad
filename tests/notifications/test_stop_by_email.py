"""Emails say whom to call and where to stop; the link stops what STOP stops, for the one person it was sent to."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from notifications.channels.base import LookUp, NoAnswer
from notifications.channels.outbox import OutboxChannel
from notifications.models import Message, MessageState
from notifications.queries.incoming import incoming_messages
from notifications.rendering import BUILT_IN
from notifications.stop_links import stop_url
from pathway.actions.opt_out import resume_texts
from pathway.models import JourneyEvent, Reminder, WorkItem
from patients.models import AuditEvent, ContactPoint, Patient
from tests.builders import NOW, make_patient
from tests.notifications.coming_back import make_caregiver
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db
SITE = "https://care.example"


@pytest.fixture(autouse=True)
def _site(settings, monkeypatch) -> None:
    settings.PUBLIC_URL = SITE
    monkeypatch.setattr("notifications.views.stop.timezone.now", lambda: NOW)


def make_emailed(language: str = "en", **fields) -> Message:
    """An email about the ride that is out, to a patient whom nothing else reaches."""
    patient = make_patient(language=language)
    patient.contacts.update(kind="email", phone="", email="alma@patient.example")
    return sent(make_due(make_bare_journey(patient), **fields))


def sent(reminder: Reminder) -> Message:
    drain_at(NOW, channels={"email": OutboxChannel()})
    return Message.objects.get(reminder=reminder)


def link_in(message: Message) -> str:
    """The path of the page that an email names for stopping."""
    (found,) = re.findall(rf"{SITE}(/stop/\S+)", message.body)
    return found


def stopped_at(message: Message):
    return Patient.objects.get(pk=message.journey.patient_id).stopped_at


def test_an_email_asks_for_a_call_and_for_no_reply():
    message = make_emailed()
    clinic = message.journey.clinic.name
    assert message.body.splitlines() == [
        f"{clinic}: Your procedure is Thu, Mar 11. An adult must take you home. Do not drive for 24 hours after. "
        "(202) 555-0143",
        "",
        "Please call us to say if you have a ride home or not.",
        "",
        "No one reads replies to this email. Call us: (202) 555-0143",
        f"To stop all our messages: {stop_url(message.pk)}",
    ]
    spanish = make_emailed("es").body
    assert "Responda" not in spanish
    assert "Por favor llame y diga si tiene o no quien le lleve a casa." in spanish
    welcome = make_emailed(base_key="welcome/hello", text="welcome", says={}, needs_booked="")
    assert "about 12 emails" in welcome.body, "the protocol's own words for an email"


def test_an_email_that_nobody_knows_of_goes_out_again_with_the_same_link_in_its_words_and_for_its_header():
    patient = make_patient()
    patient.contacts.update(kind="email", phone="", email="alma@patient.example")
    reminder = make_due(make_bare_journey(patient), resend_unproven=True)
    channel = ScriptedChannel(NoAnswer("timeout"))
    channel.evidence = lambda _: LookUp.UNSUPPORTED
    for minutes in (0, 5):
        drain_at(NOW + timedelta(minutes=minutes), channels={"email": channel})
    first, again = channel.offered
    assert (first.reference, first.body) == (again.reference, again.body)
    assert first.unsubscribe == again.unsubscribe == stop_url(Message.objects.get(reminder=reminder).pk)
    assert first.unsubscribe in first.body


def test_looking_at_the_page_stops_nothing_and_tells_nothing_of_the_patient(client: Client):
    message = make_emailed("es")
    patient = message.journey.patient
    for response in (client.get(link_in(message)), client.head(link_in(message))):
        assert (response.status_code, response["X-Robots-Tag"]) == (200, "noindex, nofollow")
        assert "no-store" in response["Cache-Control"]
    page = client.get(link_in(message)).content.decode()
    assert (page.count("<button"), "No recibir más mensajes" in page, 'lang="es"' in page) == (1, True, True)
    for secret in (patient.given_name, patient.family_name, patient.record_number, "1948", "alma@", "Mar 11"):
        assert secret not in page
    assert stopped_at(message) is None
    assert not Message.objects.filter(incoming=True).exists()


@pytest.mark.parametrize("posted", [{}, {"List-Unsubscribe": "One-Click"}], ids=["the button", "a mail program"])
def test_one_press_stops_all_channels_and_is_confirmed_once_by_email(posted: dict[str, str]):
    message = make_emailed()
    journey = message.journey
    ContactPoint.objects.create(patient=journey.patient, kind="sms", phone="+12025550188", rank=2)
    later = make_due(journey)
    client = Client(enforce_csrf_checks=True)
    response = client.post(link_in(message), posted)
    assert response.status_code == 200
    assert "Our messages have stopped" in response.content.decode()
    assert stopped_at(message) == NOW
    (confirmation,) = Reminder.objects.filter(origin="answer")
    outbox = OutboxChannel()
    drain_at(NOW, channels={"email": outbox, "sms": outbox})
    confirmed = Message.objects.get(reminder=confirmation)
    assert (confirmed.channel, confirmed.address) == ("email", "alma@patient.example")
    assert "You will get no more messages. We will call you about your care." in confirmed.body
    assert "(202) 555-0143" in confirmed.body
    assert not re.search("START|/stop/", confirmed.body)
    later.refresh_from_db()
    assert (later.state, Message.objects.filter(incoming=False).count()) == ("missed", 2), "the rest is for people"
    item = WorkItem.objects.get(kind="call-instead")
    assert item.why.startswith("The patient wants no more messages: used the stop link in an email.")
    assert JourneyEvent.objects.get(kind="messages-stopped").why == "used the stop link in an email"
    assert AuditEvent.objects.filter(what="messages stopped: used the stop link in an email").exists()
    ((entry, _),) = incoming_messages(journey)
    assert (entry.title, entry.state) == ("Patient used the link in an email", "Taken as: no more texts")


def test_a_second_press_does_nothing_until_messages_are_wanted_again(client: Client):
    message = make_emailed()
    client.post(link_in(message))
    assert "have stopped" in client.post(link_in(message)).content.decode()
    assert "have stopped" in client.get(link_in(message)).content.decode()
    assert Message.objects.filter(incoming=True).count() == Reminder.objects.filter(origin="answer").count() == 1
    resume_texts(patient=message.journey.patient, how="changed her mind", by=None, now=NOW)
    assert "Stop our messages?" in client.get(link_in(message)).content.decode()
    client.post(link_in(message))
    assert stopped_at(message) == NOW
    assert Reminder.objects.filter(origin="answer").count() == 2, "a new stop, and its own confirmation"


def test_a_caregivers_link_stops_their_copies_alone_and_not_those_of_who_helps_now(client: Client):
    message = make_emailed()
    caregiver = make_caregiver(message.journey.patient)
    Message.objects.update(recipient="caregiver")
    page = client.get(link_in(message)).content.decode()
    assert "no more copies" in page
    client.post(link_in(message))
    caregiver.refresh_from_db()
    assert (caregiver.stopped_at, stopped_at(message)) == (NOW, None)
    assert Reminder.objects.get(origin="answer").text == "copies-stopped"
    caregiver.delete()
    successor = make_caregiver(
        message.journey.patient, name="Luis Ruiz", consented_at=message.created_at.replace(hour=23)
    )
    assert "have stopped" in client.post(link_in(message)).content.decode()
    successor.refresh_from_db()
    assert successor.stopped_at is None, "whoever was agreed to later had no such email"


def test_a_link_that_nobody_gave_out_opens_and_stops_nothing(client: Client):
    message = make_emailed()
    token = link_in(message).removeprefix("/stop/")
    name, _, signature = token.partition(".")
    other = make_emailed()
    forged = f"{other.pk.hex}.{signature}"
    for wrong in (name, f"{name}.", f"{name}.{signature[:-1]}", forged, "x", "\x00"):
        for response in (client.get(f"/stop/{wrong}"), client.post(f"/stop/{wrong}")):
            assert response.status_code == 404
            assert "llame a su clínica" in response.content.decode()
    assert (stopped_at(message), stopped_at(other)) == (None, None)
    incoming = Message.objects.create(
        journey=message.journey, incoming=True, channel="sms", address="+1", language="en", body="hi",
        state=MessageState.RECEIVED, created_at=NOW,
    )  # fmt: skip
    assert client.post(stop_url(incoming.pk).removeprefix(SITE)).status_code == 404, "only emails of ours have links"


def test_words_that_a_protocol_lacks_are_worded_for_an_email_too():
    reminder = make_due(make_bare_journey(), text="copies-stopped", says={}, needs_booked="")
    reminder.journey.patient.contacts.update(kind="email", phone="", email="alma@patient.example")
    body = sent(reminder).body
    assert "no more copies" in body
    assert "START" in BUILT_IN["copies-stopped"]["en"]
    assert not re.search("START|/stop/", body)
