"""Questions while everything else runs: other dispatchers, answers, moves. Nothing twice, no deadlock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from notifications.actions.follow_up import follow_up_questions
from notifications.channels import configured_routes
from pathway.actions.journeys import book
from pathway.actions.questions import answer_question
from pathway.models import JourneyEvent, Question, Reminder, WorkItem
from patients.models import ContactKind, ContactPoint
from tests.builders import NOW, make_patient
from tests.notifications.due import make_bare_journey, make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
QUESTIONS = 12


def in_thread(work):
    """Call `work` and leave no connection behind."""
    try:
        return work()
    finally:
        connection.close()


def at_once(*works) -> list:
    """What each of these returns, all of them under way at the same time."""
    with ThreadPoolExecutor(len(works)) as pool:
        runs = [pool.submit(in_thread, work) for work in works]
        return [run.result(timeout=120) for run in runs]


def ask_many(*, answers: str = "ride") -> list[Question]:
    """Questions of different patients, each of whom can be called as well."""
    made = []
    for _ in range(QUESTIONS):
        patient = make_patient()
        ContactPoint.objects.create(patient=patient, kind=ContactKind.EMAIL, email="alma@example.org", rank=2)
        row = make_due(make_bare_journey(patient), state="sent", sent_at=NOW, useful_until=NOW + 9 * DAY)
        made.append(make_question(row, answers=answers))
    return made


def follow_up_for_a_while(now) -> int:
    return sum(follow_up_questions(now=now, limit=3, routes=configured_routes()) for _ in range(12))


def test_two_follow_ups_at_once_share_the_questions_out():
    ask_many()
    works = [lambda: follow_up_for_a_while(NOW + DAY)] * 3
    assert sum(at_once(*works)) == QUESTIONS
    assert Reminder.objects.filter(origin="again").count() == QUESTIONS
    works = [lambda: follow_up_for_a_while(NOW + 4 * DAY)] * 3
    assert sum(at_once(*works)) == QUESTIONS
    assert WorkItem.objects.filter(kind="no-answer").count() == QUESTIONS
    assert JourneyEvent.objects.filter(kind="no-answer").count() == QUESTIONS


def test_whoever_answers_while_being_asked_again_is_left_in_peace():
    questions = ask_many()

    def answer_all():
        for question in questions:
            answer_question(question=question, choice="C", words="C", by=None, now=NOW + DAY)

    at_once(answer_all, lambda: follow_up_for_a_while(NOW + DAY), lambda: follow_up_for_a_while(NOW + 4 * DAY))
    follow_up_for_a_while(NOW + 4 * DAY)
    assert set(Question.objects.values_list("answer", flat=True)) == {"has-ride"}
    assert not Reminder.objects.filter(origin="again").exclude(state="withdrawn").exists()
    assert not WorkItem.objects.exclude(state="resolved").exists()


def test_two_answers_at_once_settle_once():
    questions = ask_many()

    def answer_all():
        for question in questions:
            answer_question(question=question, choice="R", words="R", by=None, now=NOW + DAY)

    at_once(answer_all, answer_all)
    assert JourneyEvent.objects.filter(kind="answered").count() == QUESTIONS
    assert WorkItem.objects.filter(kind="no-ride", state="open").count() == QUESTIONS


def test_answers_follow_ups_and_moves_at_once_never_deadlock():
    questions = ask_many()

    def answer_each(choice):
        for question in questions:
            answer_question(question=question, choice=choice, words=choice, by=None, now=NOW + DAY)

    def move_each():
        for day in (11, 12, 10):
            for question in questions:
                book(journey=question.journey, key="procedure", at=NOW + day * DAY, by=None, now=NOW + DAY)

    at_once(
        lambda: answer_each("C"),
        lambda: answer_each("R"),
        move_each,
        lambda: follow_up_for_a_while(NOW + DAY),
    )
    for question in Question.objects.all():
        assert question.answer in {"has-ride", "no-ride"}
        assert WorkItem.objects.filter(cause=f"answer:no-ride:{question.pk}", state="open").count() == 1
        assert not Reminder.objects.filter(follows=question.reminder_id, origin="again", state="planned").exists()
