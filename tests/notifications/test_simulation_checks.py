"""The checks of a simulation: each sees the one fault it is there for, in an otherwise clean story."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from notifications.models import Message
from notifications.simulator.answering import Answering
from notifications.simulator.checks import violations
from notifications.simulator.clock import SimulatedClock
from notifications.simulator.provider import FaultyProvider, Taken
from notifications.simulator.run import Run
from notifications.simulator.simulation import STARTS_AT, make_stage, one_life
from notifications.simulator.throwaway import throwaway_database
from pathway.actions.questions import answer_question
from pathway.actions.work_items import open_item
from pathway.answers import QUESTION
from pathway.models import Question, Reminder
from patients.models import ContactKind
from tests.notifications.due import make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def story(django_db_blocker):
    """A short simulation without faults, in a database of its own: what the provider took, and the checks to ask."""
    with django_db_blocker.unblock(), throwaway_database():
        yield played_to_its_end()


def played_to_its_end():
    clock, stage = SimulatedClock(STARTS_AT), make_stage(now=STARTS_AT)
    lives = [one_life(seed=3, index=index, weeks=6) for index in range(8)]
    provider = FaultyProvider(clock=clock, seed=3, faults=0.0)
    run = Run(lives, stage=stage, clock=clock, channels={kind.value: provider for kind in ContactKind}, seed=3)
    run.play_until(STARTS_AT + timedelta(weeks=6))

    def rules(ledger: list[Taken]) -> set[str]:
        return {found.rule for found in violations(run.casts, stage=stage, ledger=ledger, now=clock())}

    assert rules(provider.ledger) == set()
    return provider.ledger, rules


@pytest.fixture
def played(story):
    """The same story for every test; what a test changes in it is taken back."""
    with transaction.atomic():
        yield story
        transaction.set_rollback(True)


def test_the_checks_see_a_message_that_was_sent_twice(played):
    ledger, rules = played
    assert rules([*ledger, ledger[0]]) == {"sent twice"}


def test_the_checks_see_a_message_in_the_night(played):
    ledger, rules = played
    at_night = replace(ledger[0], offered_at=ledger[0].offered_at.replace(hour=8))  # before 4 in every zone
    assert "sent outside the window" in rules([at_night, *ledger[1:]])


def test_the_checks_see_a_message_that_came_too_late(played):
    ledger, rules = played
    late = replace(ledger[0], offered_at=ledger[0].offered_at + timedelta(days=90))
    assert "sent when of no use" in rules([late, *ledger[1:]])


def test_the_checks_see_a_medicine_in_words(played):
    ledger, rules = played
    assert rules([replace(ledger[0], body="Stop your Apixaban"), *ledger[1:]]) == {"a medicine by name"}


def test_the_checks_see_a_message_that_the_provider_never_had(played):
    ledger, rules = played
    assert rules(ledger[1:]) == {"sent, but unknown to the provider"}


def test_the_checks_see_a_reminder_that_is_gone(played):
    ledger, rules = played
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pathway_reminder WHERE state = 'planned' AND superseded_by_id IS NULL")
        assert cursor.rowcount > 0
    assert rules(ledger) == {"gone"}


@pytest.fixture
def asked(played):
    """A question that was put in a simulation and is of no use any more, and a way to ask the checks."""
    ledger, rules = played
    once = Reminder.objects.filter(base_key="ride/week-before", state="sent", followers=None)
    sent = once.filter(question__told_at=None).first()
    question = make_question(sent, told_at=None)
    assert question.reminder.useful_until < STARTS_AT + timedelta(weeks=6)
    return question, lambda more=(): rules([*ledger, *more])


def test_the_checks_see_a_silence_that_nobody_heard_of(asked):
    question, rules = asked
    assert rules() == {"nobody answered and nobody was told"}
    Question.objects.filter(pk=question.pk).update(told_at=question.tell_at)
    assert rules() == {"told to nobody"}
    at = question.tell_at
    open_item(
        journey=question.journey, kind="no-answer", cause=f"no-answer:{question.pk}", why="No answer", due_at=at, now=at
    )
    assert rules() == set()
    Question.objects.filter(pk=question.pk).update(told_at=question.reminder.useful_until + timedelta(days=1))
    assert rules() == {"told when it was of no use"}


def test_the_checks_see_somebody_asked_again_after_an_answer(asked):
    question, rules = asked
    answer_question(question=question, choice="C", words="C", by=None, now=question.asked_at + timedelta(hours=1))
    assert rules() == set()
    at = question.asked_at + timedelta(hours=2)
    again = make_due(question.journey, origin="again", follows=question.reminder, state="sent", sent_at=at, send_at=at)
    message = Message.objects.create(
        journey=question.journey, reminder=again, channel="voice", address="x", language="en", body="Hello",
        state="sent", created_at=at, sent_at=at,
    )  # fmt: skip
    taken = Taken(message.pk, "voice", "x", "Hello", offered_at=at, accepted_at=at)
    assert "asked again after an answer" in rules([taken])


def test_simulated_patients_answer_as_the_seed_says(asked):
    question, _ = asked
    for number in range(40):
        make_question(make_due(question.journey, key=f"asked/{number}", state="sent", sent_at=STARTS_AT))
    first, again, other = (Answering(seed=seed) for seed in (1, 1, 2))
    for answering in (first, again, other):
        answering.hear()
    assert first.replies == again.replies != other.replies
    assert {"C", "R", QUESTION} <= {reply.choice for reply in first.replies}
    silent = {question.pk for question in Question.objects.all()} - {reply.question_id for reply in first.replies}
    assert silent, "some never answer"
    Question.objects.update(answer="", answered_at=None, closed_at=None)
    while (at := first.next_at) is not None:
        first.answer(now=at)
    assert set(Question.objects.filter(answer="").values_list("pk", flat=True)) == silent
