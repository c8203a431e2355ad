"""A text that takes another back and cannot go out: the nurse who calls in its place must not say the opposite."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.channels.base import ChannelError, Refusal
from notifications.replies.receipts import apply_receipt
from pathway.actions.calls import SAY, words_to_say
from pathway.actions.journeys import book, cancel
from pathway.actions.replan import replan
from pathway.models import Journey, WorkItem
from pathway.protocol_file import load, read_shipped
from patients.models import ContactPoint
from tests.builders import NOW, make_journey, make_patient
from tests.notifications.coming_back import make_sent
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db

PROCEDURE = NOW + timedelta(days=4)
THE_DAY_BEFORE = PROCEDURE - timedelta(hours=15)


def told_to_fast(language: str = "en") -> Journey:
    """A patient who knows when to come and from when not to eat, and whose phone then stops taking texts."""
    journey = make_journey(make_patient(language=language), procedure_at=PROCEDURE)
    channel, at = ScriptedChannel(), NOW
    while at <= THE_DAY_BEFORE:
        drain_at(at, channels={"sms": channel})
        at += timedelta(hours=1)
    assert any("Do not eat" in one.body or "No coma" in one.body for one in channel.offered)
    WorkItem.objects.all().delete()
    ContactPoint.objects.update(undeliverable_at=THE_DAY_BEFORE)
    return journey


def calls(journey: Journey) -> list[WorkItem]:
    return list(WorkItem.objects.filter(journey=journey, state="open", cause__startswith="call:"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_cancellation_that_never_went_is_called_one_and_nobody_says_not_to_eat(language):
    journey = told_to_fast(language)
    cancel(journey=journey, reason="fever", by=None, now=THE_DAY_BEFORE)
    drain_at(THE_DAY_BEFORE, channels={"sms": ScriptedChannel()})
    [item] = calls(journey)
    assert "“Procedure”, as the patient knows it, is off" in item.why
    assert "was not sent" in item.why
    assert item.say.startswith("The visit is off" if language == "en" else "La cita se cancela")
    assert "eat" not in item.say
    assert "comer" not in item.say


def test_no_call_is_promised_by_a_text_that_never_went():
    journey = told_to_fast()
    cancel(journey=journey, reason="fever", by=None, now=THE_DAY_BEFORE)
    drain_at(THE_DAY_BEFORE, channels={"sms": ScriptedChannel()})
    assert not WorkItem.objects.filter(journey=journey, kind="promised-call").exists()


def test_the_call_about_an_unsent_cancellation_outlives_the_next_planning():
    journey = told_to_fast()
    cancel(journey=journey, reason="fever", by=None, now=THE_DAY_BEFORE)
    drain_at(THE_DAY_BEFORE, channels={"sms": ScriptedChannel()})
    replan(journey, by=None, now=THE_DAY_BEFORE + timedelta(hours=1))
    assert len(calls(journey)) == 1


def test_a_move_that_could_not_be_told_names_the_change_and_not_the_old_words():
    journey = told_to_fast()
    book(journey=journey, key="procedure", at=PROCEDURE - timedelta(hours=2), by=None, now=THE_DAY_BEFORE)
    drain_at(THE_DAY_BEFORE, channels={"sms": ScriptedChannel()})
    item = next(one for one in calls(journey) if "fasting" in one.cause)
    assert "“Procedure”, as the patient knows it, has changed" in item.why
    assert item.say.startswith("The time of the procedure has changed")


def test_a_paused_medicine_plan_that_could_not_be_told_never_says_what_to_hold():
    due = make_due(
        base_key="medication-plan/ready/apixaban/cancelled", step="medication-plan", text="plan-paused", says={},
        needs_booked="", safety=True,
    )  # fmt: skip
    refusal = ChannelError(code="30007", message="x", what=Refusal.FILTERED)
    drain_at(NOW, channels={"sms": ScriptedChannel(refusal)})
    [item] = calls(due.journey)
    assert "“Your medicine plan”, as the patient knows it, is off" in item.why
    assert "what to hold" not in item.say
    assert "do not stop or start" in item.say


def test_a_cancellation_on_an_answering_machine_is_named_as_one():
    message = make_sent(
        base_key="fasting/evening-before/cancelled", step="fasting", text="cancelled", says={}, safety=True,
        needs_booked="",
    )  # fmt: skip
    apply_receipt(message_id=message.pk, status="machine_start", code="", now=NOW)
    item = WorkItem.objects.get(kind="on-a-machine")
    assert "is off" in item.why
    assert "eat" not in item.say


def test_the_call_is_promised_once_the_provider_has_the_text():
    due = make_due(base_key="ride/week-before/cancelled", text="cancelled", says={}, needs_booked="")
    assert not WorkItem.objects.exists()
    drain_at(NOW, channels={"sms": ScriptedChannel()})
    item = WorkItem.objects.get(journey=due.journey)
    assert (item.kind, item.state) == ("promised-call", "open")


@pytest.mark.parametrize("ending", SAY)
def test_a_protocol_without_words_of_its_own_for_such_a_call_has_some(ending: str):
    shipped = load(read_shipped("spinal-cord-stimulator-trial"), name="trial.toml")
    trial = replace(shipped, calls={})
    text = {"/correction": "correction-fasting", "/cancelled": "cancelled"}[ending]
    journey = make_due().journey
    for journey.patient.language, words in SAY[ending].items():
        assert words_to_say(journey, trial, f"fasting/evening-before{ending}", text, now=NOW) == words
