"""What a nurse reads about a question: the answer, the silence, and what follows from either."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import Message
from pathway.actions.questions import answer_question
from pathway.models import Journey, Question, Reminder
from patients.models import Caregiver
from tests.notifications.due import make_due
from tests.notifications.test_journey_page import entry_of, page_of
from tests.pathway.pages import item_of, journey_in, sign_in
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def asked(client: Client) -> Question:
    """A question that was put two hours ago, on the journey of a clinic whose nurse is signed in."""
    journey = journey_in(sign_in(client).clinics.get())
    at = timezone.now() - 2 * HOUR
    return make_question(make_due(journey, state="sent", sent_at=at, send_at=at, useful_until=at + 50 * HOUR))


def shown(client: Client, question: Question) -> str:
    return entry_of(page_of(client, question.journey), question.reminder)


def follow(question: Question, origin: str, **fields) -> Reminder:
    row = question.reminder
    key = f"{row.key}/{origin}"
    return make_due(question.journey, origin=origin, follows=row, key=key, **{"send_at": timezone.now(), **fields})


def clock(question: Question, instant) -> str:
    local = instant.astimezone(question.journey.patient.tz)
    return f"{local.hour % 12 or 12}:{local:%M %p}"


def test_an_answer_stands_with_its_text_and_in_the_history(client: Client, asked: Question) -> None:
    now = timezone.now()
    answer_question(question=asked, choice="R", words="no one can come", by=None, now=now)
    assert "Alma answered R: has no ride, " in shown(client, asked)
    assert clock(asked, now) in shown(client, asked)
    page = page_of(client, asked.journey)
    assert "Alma answered R: has no ride (“no one can come”)" in page
    assert "by the patient" in page
    assert "No ride home" in page, "the task beside it"


def test_a_question_of_the_patients_own_is_said_so(client: Client, asked: Question) -> None:
    answer_question(question=asked, choice="question", words="what time?", by=None, now=timezone.now())
    assert "Alma has a question, " in shown(client, asked)


def test_silence_says_what_comes_next(client: Client, asked: Question) -> None:
    assert "No answer yet; asks again " in shown(client, asked)
    Question.objects.update(ask_again_at=None)
    assert "No answer yet; a nurse is told " in shown(client, asked)
    Question.objects.update(told_at=timezone.now())
    assert "No answer: a nurse was told, " in shown(client, asked)
    Question.objects.update(told_at=None, closed_at=timezone.now())
    assert "No answer, and none is needed any more" in shown(client, asked)


def test_asking_again_is_a_quiet_line_of_its_own_with_its_way(client: Client, asked: Question) -> None:
    Question.objects.update(asked_again_at=timezone.now())
    again = follow(asked, "again")
    assert "No answer yet; asks again " in shown(client, asked)
    now = timezone.now()
    Reminder.objects.filter(pk=again.pk).update(state="sent", sent_at=now)
    Message.objects.create(
        journey=asked.journey, reminder=again, channel="voice", address="+12025550142", language="en", body="Hello",
        state="sent", created_at=now, sent_at=now,
    )  # fmt: skip
    text = shown(client, asked)
    assert f"No answer yet; asked again {clock(asked, now)}" in text
    assert f', by phone. <a href="#reminder-{again.pk}">See it</a>' in text
    line = entry_of(page_of(client, asked.journey), again)
    assert "Asked again: your ride home" in line
    assert "Call to +12025550142: sent" in line
    assert "bubble" not in line


def test_a_copy_is_a_quiet_line_with_its_real_state(client: Client, asked: Question) -> None:
    copy = follow(asked, "copy", state="missed", reason="The caregiver has no phone.")
    line = entry_of(page_of(client, asked.journey), copy)
    assert "Copy to the caregiver: your ride home" in line
    assert "Missed" in line
    assert "The caregiver has no phone." in line


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"phone": "+12025550142"}, "not agreed to yet"),
        ({"phone": "+12025550142", "consented_at": True}, '<span class="tag good">since'),
        ({"consented_at": True}, "no phone for them"),
        ({"phone": "+12025550142", "consented_at": True, "stopped_at": True}, '<span class="tag warn">stopped'),
    ],
)
def test_who_gets_copies_stands_beside_the_timeline(client: Client, asked: Question, fields, words) -> None:
    now = timezone.now()
    fields = {name: now if value is True else value for name, value in fields.items()}
    Caregiver.objects.create(patient=asked.journey.patient, name="Lucía Peña", **fields)
    assert words in page_of(client, asked.journey)


def test_tasks_about_answers_have_titles_and_show_the_time_left(client: Client, asked: Question) -> None:
    item_of(asked.journey, kind="no-answer", minutes=90)
    page = page_of(client, asked.journey)
    assert "<strong>No answer</strong>" in page
    assert "1 h 29" in page


def test_questions_cost_the_page_no_query_of_their_own(client: Client, asked: Question) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page_of(client, asked.journey)
        counts.append(len(queries))
        add_questions(asked.journey)
    assert counts[0] == counts[1]


def add_questions(journey: Journey) -> None:
    at = timezone.now() - HOUR
    for _ in range(5):
        make_question(make_due(journey, state="sent", sent_at=at, send_at=at))
