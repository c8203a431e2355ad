"""A call that an answering machine took is not delivered to the person, and silence after it is no answer."""

from datetime import timedelta

import pytest
from django.test import Client

from notifications.models import Message
from notifications.queries.messages import message_row
from notifications.replies.keys import press_key
from notifications.replies.receipts import apply_receipt
from pathway.models import Question, WorkItem
from tests.builders import NOW
from tests.notifications.coming_back import PUBLIC, SID, TOKEN, calls_back, make_sent, state_of

pytestmark = pytest.mark.django_db
FASTING = {"base_key": "fasting/evening-before", "text": "fasting", "step": "fasting", "safety": True}
SAYS = {"day": "2027-03-11", "arrival": "09:00", "fast_from": "2027-03-11T04:00"}


@pytest.fixture(autouse=True)
def account(settings) -> None:
    """The account whose provider calls back."""
    settings.PUBLIC_URL = PUBLIC
    settings.PROVIDERS = {
        "MILEPOST_TWILIO_ACCOUNT_SID": SID,
        "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
        "MILEPOST_TWILIO_FROM": "+12025550143",
    }


def make_call(**fields) -> Message:
    """A call that is out, about the ride unless told otherwise."""
    message = make_sent(**fields)
    Message.objects.update(channel="voice")
    message.refresh_from_db()
    return message


def told_by_provider(client: Client, message: Message, **fields: str) -> Message:
    """The provider tells how the call went."""
    path = f"/hooks/twilio/status/{message.pk}"
    assert calls_back(client, path, CallSid="CA1", **fields).status_code == 204
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(
    "answered_by", ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"]
)
def test_a_machine_is_not_the_person_whatever_comes_after_it(client: Client, answered_by):
    message = told_by_provider(client, make_call(), AnsweredBy=answered_by)
    told_by_provider(client, message, CallStatus="completed")
    assert (message.state, message.delivered_at) == ("machine", None)
    assert state_of(message.reminder_id) == "sent"
    assert message_row(message).state == "Left on an answering machine"


def test_the_end_of_the_call_may_come_first(client: Client):
    message = told_by_provider(client, make_call(), CallStatus="completed")
    assert message.state == "sent"
    assert told_by_provider(client, message, AnsweredBy="machine_start").state == "machine"


def test_a_call_whose_end_says_who_took_it(client: Client):
    message = told_by_provider(client, make_call(), CallStatus="completed", AnsweredBy="machine_end_beep")
    assert message.state == "machine"


def test_a_person_is_delivered_to(client: Client):
    message = told_by_provider(client, make_call(), AnsweredBy="human")
    assert (message.state, state_of(message.reminder_id)) == ("delivered", "delivered")


def test_where_the_provider_cannot_tell_it_stays_sent(client: Client):
    message = told_by_provider(client, make_call(), AnsweredBy="unknown")
    assert told_by_provider(client, message, CallStatus="completed", AnsweredBy="unknown").state == "sent"


def test_a_fax_machine_is_nobody_and_the_next_way_is_tried(client: Client):
    message = make_call()
    message.journey.patient.contacts.create(kind="email", email="alma@patient.example", rank=2)
    assert told_by_provider(client, message, AnsweredBy="fax").state == "failed"
    assert state_of(message.reminder_id) == "planned"


def test_the_question_still_waits_for_an_answer(client: Client):
    message = make_call()
    before = Question.objects.get()
    told_by_provider(client, message, AnsweredBy="machine_start")
    question = Question.objects.get()
    assert (question.closed_at, question.answer) == (None, "")
    assert (question.ask_again_at, question.tell_at) == (before.ask_again_at, before.tell_at)
    assert not WorkItem.objects.exists()


def test_a_key_proves_a_person_where_the_provider_heard_a_machine(client: Client):
    message = told_by_provider(client, make_call(), AnsweredBy="machine_start")
    press_key(message_id=message.pk, digits="1", call="CA1", now=NOW)
    message.refresh_from_db()
    assert (message.state, state_of(message.reminder_id)) == ("delivered", "delivered")
    assert Question.objects.get().answer == "has-ride"


def test_the_fast_told_to_a_machine_is_a_call_at_once_until_somebody_presses_a_key(client: Client, monkeypatch):
    monkeypatch.setattr("notifications.webhooks.twilio.timezone.now", lambda: NOW)
    message = told_by_provider(client, make_call(**FASTING, says=SAYS), AnsweredBy="machine_start")
    item = WorkItem.objects.get()
    assert (item.kind, item.get_priority_display(), item.due_at) == ("on-a-machine", "Urgent", NOW + timedelta(hours=1))
    assert item.why == "Call: the text “No food” was left on an answering machine. Nobody may have heard it."
    assert item.say
    told_by_provider(client, message, AnsweredBy="machine_start")
    assert WorkItem.objects.count() == 1

    press_key(message_id=message.pk, digits="1", call="CA1", now=NOW)
    item.refresh_from_db()
    assert item.state == "resolved"


def test_a_machine_before_the_worker_records_is_not_overwritten():
    message = make_call()
    Message.objects.update(state="sending", sent_at=None)
    assert apply_receipt(message_id=message.pk, status="machine_start", code="", now=NOW)
    message.refresh_from_db()
    assert (message.state, message.sent_at) == ("machine", NOW)


def test_the_machine_of_one_of_two_calls_says_nothing_of_the_other():
    message = make_call()
    Message.objects.update(provider_reference="CA2")
    assert not apply_receipt(message_id=message.pk, status="machine_start", code="", reference="CA1", now=NOW)
