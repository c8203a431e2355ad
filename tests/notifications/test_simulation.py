"""The simulator: repeatable, complete in its accounts, and strict about what must never happen."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from notifications.models import Message
from notifications.simulator.answering import Answering
from notifications.simulator.checks import violations
from notifications.simulator.clock import SimulatedClock
from notifications.simulator.parts import simulate
from notifications.simulator.provider import FaultyProvider, Taken
from notifications.simulator.report import Report
from notifications.simulator.run import Run
from notifications.simulator.simulation import STARTS_AT, make_stage, one_life
from pathway.actions.questions import answer_question
from pathway.actions.work_items import open_item
from pathway.answers import QUESTION
from pathway.models import Question, Reminder
from patients.models import Clinic, ContactKind
from tests.notifications.due import make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simulated(django_db_blocker):
    """Runs simulations as the command does."""

    def run(**numbers) -> Report:
        with django_db_blocker.unblock():
            return simulate(**{"journeys": 30, "weeks": 8, "seed": 7, "faults": 0.05} | numbers)

    return run


def test_a_simulation_with_faults_violates_nothing_and_accounts_for_every_reminder(simulated):
    report = simulated()

    assert report.violations == []
    assert report.duplicates == 0
    assert report.planned > 30 * 5
    ends = (report.sent, report.missed, report.withdrawn, report.failed, report.unknown, report.pending)
    assert report.planned == sum(ends)
    assert report.sent > report.planned / 2
    assert report.work_items > 0


def test_the_same_seed_tells_the_same_story_and_another_seed_another(simulated):
    first, again, other = (simulated(journeys=6, weeks=6, seed=seed) for seed in (7, 7, 8))

    assert replace(first, wall_seconds=0) == replace(again, wall_seconds=0)
    assert replace(other, wall_seconds=0, seed=7) != replace(first, wall_seconds=0)


def test_on_several_processes_it_tells_the_same_story_and_its_progress(simulated):
    played: list[int] = []
    numbers = {"journeys": 4, "weeks": 4, "parts": 2}
    alone, together = simulated(**numbers), simulated(**numbers, processes=2, progress=played.append)

    assert replace(alone, wall_seconds=0) == replace(together, wall_seconds=0)
    assert alone.violations == []
    assert alone.planned > 0


def test_faults_make_reminders_late_and_no_faults_leave_only_the_beat(simulated):
    calm, stormy = simulated(journeys=6, faults=0.0), simulated(journeys=6, faults=0.3)

    assert 0 < calm.lateness.max < 60
    assert stormy.lateness.max > calm.lateness.max
    assert stormy.violations == []
    assert stormy.duplicates == 0


def test_the_configured_database_is_left_alone(simulated, db):
    Clinic.objects.create(name="Real Clinic", zone="America/Chicago", phone="+12025550143", address="here")

    simulated(journeys=2, weeks=2)

    assert [clinic.name for clinic in Clinic.objects.all()] == ["Real Clinic"]


@pytest.fixture
def played(transactional_db):
    """A short simulation without faults, in the test's own database: run, provider, and a way to ask the checks."""
    clock, stage = SimulatedClock(STARTS_AT), make_stage(now=STARTS_AT)
    lives = [one_life(seed=3, index=index, weeks=6) for index in range(8)]
    provider = FaultyProvider(clock=clock, seed=3, faults=0.0)
    run = Run(lives, stage=stage, clock=clock, channels={kind.value: provider for kind in ContactKind}, seed=3)
    run.play_until(STARTS_AT + timedelta(weeks=6))

    def rules(ledger: list[Taken]) -> set[str]:
        return {found.rule for found in violations(run.casts, stage=stage, ledger=ledger, now=clock())}

    assert rules(provider.ledger) == set()
    return provider.ledger, rules


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


def test_the_command_prints_one_json_object(capsys, django_db_blocker):
    with django_db_blocker.unblock():
        call_command("simulate", "--journeys=3", "--weeks=3", "--seed=2", "--json")

    printed = json.loads(capsys.readouterr().out)
    assert set(printed["lateness"]) == {"p50", "p99", "max"}
    named = "planned sent missed withdrawn corrected duplicates pending unknown failed work_items wall_seconds seed"
    assert set(named.split()) <= set(printed)
    assert printed["seed"] == 2


def run_command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "simulate", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--journeys", "0"], "--journeys"),
        (["--journeys", "many"], "--journeys"),
        (["--weeks", "-1"], "--weeks"),
        (["--seed", "x"], "--seed"),
        (["--faults", "1.5"], "--faults"),
        (["--faults", "nan"], "--faults"),
        (["--colour", "blue"], "--colour"),
    ],
)
def test_wrong_arguments_are_answered_in_one_line(arguments, named):
    done = run_command(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_it_runs_before_migrate_and_with_a_database_that_is_not_there(tmp_path):
    done = run_command(
        "--journeys=1", "--weeks=1", "--json",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing", TMPDIR=str(tmp_path),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["journeys"] == 1
    assert list(tmp_path.iterdir()) == []
