"""The outbox as on a phone, and the line that says whether reminders go out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.dispatcher import drain
from notifications.models import Message, OutboxEntry, Recipient
from notifications.queries.outbox import phone_of
from notifications.stop_links import stop_url
from notifications.templatetags.phone_text import phone_text
from pathway.models import Journey, Reminder
from patients.models import AuditEvent, Clinic
from tests.builders import make_clinic
from tests.notifications.coming_back import make_caregiver
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db


def sent_to(journey: Journey) -> Journey:
    """Send what is due of this journey in the next ten days."""
    later = timezone.now() + timedelta(days=10)
    noon = later.astimezone(journey.clinic.tz).replace(hour=12)
    Reminder.objects.filter(journey=journey, step="welcome").update(run_at=noon, useful_until=noon + timedelta(days=1))
    drain(clock=lambda: noon)
    return journey


def test_an_empty_outbox_says_what_fills_it(client: Client) -> None:
    sign_in(client)
    assert "Nothing has gone out yet" in client.get("/outbox/").content.decode()


def test_a_caught_text_stands_on_the_patients_phone(client: Client) -> None:
    nurse = sign_in(client)
    journey = sent_to(journey_in(nurse.clinics.get()))
    for page in ("/outbox/", f"/outbox/{journey.patient_id}/"):
        assert "care texts" in client.get(page).content.decode()
    assert AuditEvent.objects.filter(patient=journey.patient, what="messages").count() == 2


def test_texts_of_the_same_instant_stand_in_the_order_of_their_reminders(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    reminders, now = list(journey.reminders.order_by("pk")[:6]), timezone.now()
    for reminder in reversed(reminders):
        message = Message.objects.create(
            journey=journey, reminder=reminder, channel="sms", address="+12025550101", body=reminder.step,
            language="en", state="sent", created_at=now, sent_at=now,
        )  # fmt: skip
        OutboxEntry.objects.create(
            reference=message.pk, address="+12025550101", channel="sms", body=reminder.step, accepted_at=now
        )
    phone = phone_of(nurse, journey.patient, Recipient.PATIENT)
    assert [bubble.message.body for bubble in phone.bubbles] == [reminder.step for reminder in reminders]


def helped_journey(clinic: Clinic) -> Journey:
    """A journey whose patient and Spanish-speaking daughter have both had their first text."""
    journey = journey_in(clinic)
    make_caregiver(journey.patient, language="es", consented_at=timezone.now() - timedelta(days=1))
    return sent_to(journey)


def test_a_copy_stands_on_the_caregivers_phone_and_not_on_the_patients(client: Client) -> None:
    journey = helped_journey(sign_in(client).clinics.get())
    own = client.get(f"/outbox/{journey.patient_id}/").context["phone"]
    assert "care texts" in own.bubbles[0].message.body
    assert not [bubble for bubble in own.bubbles if bubble.message.body.startswith("Cop")]
    copies = client.get(f"/outbox/{journey.patient_id}/caregiver/")
    phone = copies.context["phone"]
    assert (phone.owner, phone.helps, phone.language) == ("Maria Ruiz (daughter)", "Alma Ruiz", "Español")
    assert {bubble.message.body[:23] for bubble in phone.bubbles} == {"Copia para quien ayuda."}
    assert len(phone.bubbles) == len(own.bubbles)
    assert "Caregiver of Alma Ruiz" in copies.content.decode()


def test_patient_and_caregiver_are_two_conversations_in_the_list(client: Client) -> None:
    helped_journey(sign_in(client).clinics.get())
    listed = [(talk.owner, talk.helps) for talk in client.get("/outbox/").context["talks"].object_list]
    assert sorted(listed) == [("Alma Ruiz", ""), ("Maria Ruiz (daughter)", "Alma Ruiz")]


def test_the_caregiver_writes_back_from_her_own_phone(client: Client) -> None:
    journey = helped_journey(sign_in(client).clinics.get())
    path = f"/outbox/{journey.patient_id}/caregiver/"
    assert "Reply as Maria Ruiz (daughter)" in client.get(path).content.decode()
    client.post(f"{path}reply", {"body": "STOP"})
    journey.patient.refresh_from_db()
    assert (journey.patient.caregiver.stopped_at is None, journey.patient.stopped_at) == (False, None)
    assert [bubble.message.body for bubble in client.get(path).context["phone"].bubbles if bubble.incoming] == ["STOP"]


def test_copies_to_somebody_who_helps_no_more_stay_in_the_outbox(client: Client) -> None:
    journey = helped_journey(sign_in(client).clinics.get())
    journey.patient.caregiver.delete()
    page = client.get(f"/outbox/{journey.patient_id}/caregiver/")
    assert page.context["phone"].owner == "Caregiver"
    assert page.context["reply_form"] is None, "nobody writes from a number that is not known any more"


def test_another_clinics_phones_are_not_found(client: Client) -> None:
    sign_in(client)
    journey = sent_to(journey_in(make_clinic()))
    assert "care texts" not in client.get("/outbox/").content.decode()
    for path in (f"/outbox/{journey.patient_id}/", f"/outbox/{journey.patient_id}/caregiver/"):
        assert client.get(path).status_code == 404


def test_a_refresh_is_only_the_list_and_no_new_read(client: Client) -> None:
    nurse = sign_in(client)
    journey = sent_to(journey_in(nurse.clinics.get()))
    page = client.get(f"/outbox/{journey.patient_id}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert not AuditEvent.objects.filter(patient=journey.patient).exists()


def test_the_number_of_queries_does_not_grow_with_the_conversations(client: Client) -> None:
    nurse = sign_in(client)
    clinic, counts = nurse.clinics.get(), []
    for rows in (2, 12):
        for _ in range(rows):
            sent_to(journey_in(clinic))
        with CaptureQueriesContext(connection) as queries:
            client.get("/outbox/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_our_own_patient_links_can_be_followed(settings) -> None:
    settings.PUBLIC_URL = "https://care.example"
    stop = stop_url(uuid4())
    html = phone_text(f"See https://care.example/p/Ab-_9 or https://evil.example/p/x <b>now</b>\nStop: {stop}")
    assert html.count("<a ") == 2
    assert '<a href="https://care.example/p/Ab-_9"' in html
    assert f'<a href="{stop}"' in html
    assert "&lt;b&gt;now&lt;/b&gt;" in html


def test_the_banner_rises_when_reminders_are_two_minutes_late(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    now = timezone.now()
    Reminder.objects.update(run_at=now + timedelta(days=1))
    assert "Reminders on time" in client.get("/").content.decode()
    late = Reminder.objects.filter(journey=journey, state="planned").first()
    Reminder.objects.filter(pk=late.pk).update(run_at=now - timedelta(minutes=3))
    for page in ("/", "/journeys/", "/outbox/", f"/journeys/{journey.pk}/", "/reminders/alarm"):
        assert "Reminders are not going out" in client.get(page).content.decode()
