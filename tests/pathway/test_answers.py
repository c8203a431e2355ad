"""An answer settles its question, and opens the task that follows from it."""

from datetime import timedelta

import pytest

from pathway.actions.questions import answer_question
from pathway.actions.work_items import resolve_item
from pathway.answers import ANSWER_SETS, QUESTION, NotAnAnswer
from pathway.models import JourneyEvent, Priority, Question, Reminder, WorkItem
from pathway.queries.questions import answered_questions, open_questions
from tests.builders import NOW, make_patient, make_staff
from tests.notifications.due import make_bare_journey, make_due
from tests.pathway.questions import make_question

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def asked(*, answers: str = "ride", useful_for: timedelta = 5 * DAY, **fields) -> Question:
    """A question that a text has put at `NOW`."""
    reminder = make_due(state="sent", sent_at=NOW, useful_until=NOW + useful_for, **fields)
    return make_question(reminder, answers=answers)


def answer(question: Question, choice: str, *, now=NOW + HOUR, words: str = "") -> str:
    return answer_question(question=question, choice=choice, words=words or choice, by=None, now=now)


@pytest.mark.django_db
def test_an_answer_settles_the_question_and_is_in_the_history():
    question = asked()
    assert answer(question, "C", words="c, my son") == "has-ride"
    question.refresh_from_db()
    assert (question.answer, question.answered_at, question.closed_at) == ("has-ride", NOW + HOUR, NOW + HOUR)
    event = JourneyEvent.objects.get(kind="answered")
    assert event.why == "c, my son"
    assert event.detail == {"reminder": question.reminder.key, "choice": "C", "meaning": "has-ride"}
    assert not WorkItem.objects.exists()


@pytest.mark.django_db
def test_no_ride_is_a_task_that_is_urgent_when_little_time_is_left():
    answer(asked(), "R", words="no tengo")
    item = WorkItem.objects.get()
    assert (item.kind, item.priority, item.due_at) == ("no-ride", Priority.SOON, NOW + 5 * HOUR)
    assert item.why == (
        "To the text “Your ride home” the patient answered R: has no ride home. Without an adult to take them home "
        "the procedure cannot go ahead. In their words: “no tengo”"
    )
    late = asked(useful_for=DAY)
    answer(late, "R")
    item = WorkItem.objects.get(journey=late.journey)
    assert (item.priority, item.due_at) == (Priority.URGENT, NOW + 2 * HOUR)


@pytest.mark.django_db
def test_the_task_speaks_the_patients_language():
    journey = make_bare_journey(make_patient(language="es"))
    answer(asked(journey=journey), "R")
    assert WorkItem.objects.get().say.startswith("Pregunte quién puede venir")


@pytest.mark.django_db
def test_feeling_worse_is_urgent_within_the_hour():
    answer(asked(answers="check-in"), "3")
    item = WorkItem.objects.get()
    assert (item.kind, item.priority, item.due_at) == ("feels-worse", Priority.URGENT, NOW + 2 * HOUR)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ANSWER_SETS))
def test_every_set_takes_a_question(name):
    assert answer(asked(answers=name), QUESTION) == "question"
    assert WorkItem.objects.get().kind == "patient-question"


@pytest.mark.django_db
def test_a_key_of_another_set_is_no_answer():
    question = asked()
    with pytest.raises(NotAnAnswer, match="'3' is none of C, R, question"):
        answer(question, "3")
    question.refresh_from_db()
    assert question.closed_at is None


@pytest.mark.django_db
def test_the_same_answer_twice_counts_once():
    question = asked()
    answer(question, "R")
    answer(question, "R", now=NOW + 2 * HOUR)
    question.refresh_from_db()
    assert question.answered_at == NOW + HOUR
    assert WorkItem.objects.count() == JourneyEvent.objects.filter(kind="answered").count() == 1


@pytest.mark.django_db
def test_a_refusal_after_a_consent_is_not_lost():
    question = asked()
    answer(question, "C")
    assert answer(question, "R", now=NOW + 2 * HOUR) == "no-ride"
    question.refresh_from_db()
    assert (question.answer, question.closed_at) == ("no-ride", NOW + HOUR)
    assert WorkItem.objects.get().kind == "no-ride"
    assert JourneyEvent.objects.filter(kind="answered").last().detail["instead_of"] == "has-ride"


@pytest.mark.django_db
def test_a_consent_after_a_refusal_stays_with_the_task_of_the_refusal():
    question = asked()
    answer(question, "R")
    answer(question, "C", now=NOW + 2 * HOUR)
    item = WorkItem.objects.get()
    assert item.state == "open"
    assert item.why.endswith("Then answered C: has a ride.")


@pytest.mark.django_db
def test_a_refusal_again_after_its_task_was_done_is_a_new_task():
    question = asked()
    answer(question, "R")
    nurse = make_staff(question.journey.clinic)
    resolve_item(item=WorkItem.objects.get(), outcome="His son comes.", by=nurse, now=NOW + 2 * HOUR)
    answer(question, "R", now=NOW + DAY)
    assert WorkItem.objects.filter(state="open").count() == 1


@pytest.mark.django_db
def test_one_look_at_the_plan_answers_every_open_question_about_it():
    journey = make_bare_journey()
    first, second, ride = (
        asked(journey=journey, answers="read", base_key="medication-plan/ready/apixaban", text="plan-ready"),
        asked(journey=journey, answers="read", base_key="medication-plan/ready/metformin", text="plan-ready"),
        asked(journey=journey),
    )
    answer(second, "C")
    assert open_questions([journey.patient_id]) == [ride]
    first.refresh_from_db()
    assert first.answer == "understood"


@pytest.mark.django_db
def test_whoever_answers_is_not_asked_again():
    question = asked()
    again = make_due(question.journey, origin="again", follows=question.reminder, send_at=NOW + DAY)
    under_way = make_due(
        question.journey, origin="again", follows=question.reminder, state="claimed", started_at=NOW,
        claim_token="5f1e7bd4-4a0c-4f46-b3a3-5d2bca4b5b0e", claimed_until=NOW + DAY,
    )  # fmt: skip
    answer(question, "C")
    again.refresh_from_db()
    under_way.refresh_from_db()
    assert (again.state, again.reason) == ("withdrawn", "Answered meanwhile.")
    assert under_way.state == "claimed", "a provider may have it already"


@pytest.mark.django_db
def test_open_questions_are_those_of_these_patients_newest_first(django_assert_num_queries):
    journey = make_bare_journey()
    older, newer = asked(journey=journey), asked(journey=journey)
    Question.objects.filter(pk=newer.pk).update(asked_at=NOW + HOUR)
    asked()
    with django_assert_num_queries(1):
        found = open_questions([journey.patient_id])
        assert [one.reminder.key for one in found] == [newer.reminder.key, older.reminder.key]
        assert found[0].journey.patient.clinic == found[0].journey.clinic
    answer(newer, "C")
    assert open_questions([journey.patient_id]) == [older]
    assert answered_questions([journey.patient_id], since=NOW) == [newer]
    assert answered_questions([journey.patient_id], since=NOW + DAY) == []
    assert Reminder.objects.count() == 3
