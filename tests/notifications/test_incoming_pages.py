"""What staff see of what comes in: the journey's timeline, unknown numbers, the stop, and the demo's reply."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Message, StrayMessage
from pathway.models import Journey, JourneyEvent, WorkItem
from patients.models import AuditEvent, Patient
from tests.builders import make_clinic
from tests.notifications.coming_back import make_caregiver, says, text_from
from tests.pathway.pages import journey_in, sign_in
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def entry_of(client: Client, message: Message) -> str:
    page = page_of(client, f"/journeys/{message.journey_id}/")
    return page.split(f'id="message-{message.pk}"')[1].split('<li class="')[0]


def wrote(journey: Journey, body: str) -> Message:
    says(journey.patient, body, now=timezone.now())
    return Message.objects.filter(incoming=True).latest("created_at")


@pytest.mark.parametrize(
    ("body", "taken", "tone"),
    [
        ("Where do I park?", "Task to read it", "warn"),
        ("C", "Answers no open question: task to read it", "warn"),
        ("chest pain <now>", "Words of danger: urgent task", "bad"),
        ("STOP", "Taken as: no more texts", "warn"),
        ("HELP", "Asked for help: answered", "live"),
    ],
)
def test_what_the_patient_wrote_stands_on_the_timeline_with_what_it_was_taken_for(client, body, taken, tone):
    nurse = sign_in(client)
    entry = entry_of(client, wrote(journey_in(nurse.clinics.get()), body))
    assert "Patient wrote" in entry
    assert f'<span class="tag {tone}">{taken}</span>' in entry
    assert body.replace("<", "&lt;").replace(">", "&gt;") in entry


def test_an_answer_says_what_it_means(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    make_question(journey.reminders.get(step="ride"), asked_at=timezone.now())
    assert '<span class="tag good">Answer: has a ride</span>' in entry_of(client, wrote(journey, "yes"))


def test_a_caregiver_is_named(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    make_caregiver(journey.patient)
    text_from("+12025550177", "On our way", clinics=[journey.clinic_id], now=timezone.now())
    assert "Maria Ruiz (daughter) wrote" in entry_of(client, Message.objects.get(incoming=True))


def test_a_reply_and_a_danger_are_tasks_on_today(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    wrote(journey, "Where do I park?")
    wrote(journey, "I can't walk")
    page = page_of(client, "/")
    assert "Message to read" in page
    assert "Words of danger" in page
    assert page.index("Words of danger") < page.index("Message to read")


def test_the_journeys_page_asks_no_more_for_more_messages(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    make_caregiver(journey.patient)
    counts = []
    for _ in range(2):
        for _ in range(5):
            text_from("+12025550177", "hello", clinics=[journey.clinic_id], now=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            page_of(client, f"/journeys/{journey.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_stop_told_to_a_nurse_holds_at_once_and_is_taken_back_with_a_reason(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    path = f"/journeys/{journey.pk}"
    assert client.post(f"{path}/stop-texts", {"how": ""}).status_code == 422
    page = client.post(f"{path}/stop-texts", {"how": "told us at the desk"}, follow=True).content.decode()
    assert "No more messages: told us at the desk" in page
    assert "Patient wants texts again" in page
    assert Patient.objects.get().stopped_at is not None
    assert WorkItem.objects.get(kind="call-instead").journey == journey
    assert client.post(f"{path}/resume-texts", {"how": ""}).status_code == 422
    page = client.post(f"{path}/resume-texts", {"how": "misheard"}, follow=True).content.decode()
    assert "Messages again: misheard" in page
    assert Patient.objects.get().stopped_at is None
    assert JourneyEvent.objects.filter(by=nurse, kind__startswith="messages-").count() == 2
    assert AuditEvent.objects.filter(by=nurse, verb="change").count() == 2


def test_another_clinics_patient_cannot_be_stopped_or_answered_for(client: Client):
    sign_in(client)
    journey = journey_in(make_clinic())
    assert client.post(f"/journeys/{journey.pk}/stop-texts", {"how": "x"}).status_code == 404
    assert client.post(f"/journeys/{journey.pk}/resume-texts", {"how": "x"}).status_code == 404
    assert client.post(f"/outbox/{journey.patient_id}/reply", {"body": "STOP"}).status_code == 404
    assert Patient.objects.get().stopped_at is None


def stray(clinic=None, body="who is this", **fields) -> StrayMessage:
    return StrayMessage.objects.create(
        **{
            "clinic": clinic, "channel": "sms", "address": "+12025550666", "body": body, "why": "No patient.",
            "received_at": timezone.now(), **fields,
        }
    )  # fmt: skip


def test_unknown_numbers_are_linked_from_today_and_settled_once(client: Client):
    nurse = sign_in(client)
    assert "unknown number" not in page_of(client, "/")
    row = stray(nurse.clinics.get())
    assert "1 message from unknown numbers" in page_of(client, "/")
    assert "who is this" in page_of(client, "/messages/unknown/")
    path = f"/messages/unknown/{row.pk}/settle"
    answer = client.post(path, {"outcome": " "})
    assert (answer.status_code, "Say what came of it." in answer.content.decode()) == (422, True)
    assert "wrong number" in client.post(path, {"outcome": "wrong number"}, follow=True).content.decode()
    row.refresh_from_db()
    assert (row.settled_by, row.outcome) == (nurse, "wrong number")
    page = client.post(path, {"outcome": "again"}, follow=True).content.decode()
    assert "has settled this: wrong number" in page
    assert "unknown number" not in page_of(client, "/")


def test_danger_from_an_unknown_number_is_said_on_today_and_stands_first(client: Client):
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    stray(clinic, body="hello there", received_at=timezone.now() - timedelta(hours=1))
    text_from("+12025550667", "chest pain", clinics=[clinic.pk], now=timezone.now())
    assert "with words of danger" in page_of(client, "/")
    page = page_of(client, "/messages/unknown/")
    assert page.index("chest pain") < page.index("hello there")


def test_unknown_numbers_are_seen_by_their_clinic_and_those_of_no_clinic_by_admins(client: Client):
    sign_in(client)
    theirs, nobodys = stray(make_clinic(), body="for the others"), stray(body="for nobody")
    page = page_of(client, "/messages/unknown/")
    assert "for the others" not in page
    assert "for nobody" not in page
    for row in (theirs, nobodys):
        assert client.post(f"/messages/unknown/{row.pk}/settle", {"outcome": "x"}).status_code == 404
    sign_in(client, role="admin")
    page = page_of(client, "/messages/unknown/")
    assert "for the others" not in page
    assert "for nobody" in page


def test_in_the_demo_a_visitor_replies_as_the_patient(client: Client):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    wrote(journey, "hello")
    path = f"/outbox/{journey.patient_id}/"
    assert "Reply as Alma Ruiz" in page_of(client, path)
    page = client.post(f"{path}reply", {"body": "I have chest pain"}, follow=True).content.decode()
    assert "I have chest pain" in page
    assert WorkItem.objects.get(kind="danger-words").journey == journey
    client.post(f"{path}reply", {"body": "STOP"})
    assert Patient.objects.get().stopped_at is not None
    client.post(f"{path}reply", {"body": ""})
    assert Message.objects.count() == 3


@pytest.mark.parametrize("how", ["production", "provider"])
def test_nobody_replies_as_a_patient_where_texts_are_real(client: Client, settings, how):
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    wrote(journey, "hello")
    if how == "production":
        settings.PRODUCTION = True
    else:
        settings.CHANNELS = {"sms": "tests.notifications.due.ScriptedChannel"}
    path = f"/outbox/{journey.patient_id}/"
    assert "Reply as Alma Ruiz" not in page_of(client, path)
    assert client.post(f"{path}reply", {"body": "STOP"}).status_code == 404
    assert Patient.objects.get().stopped_at is None
