"""Keys pressed in a call: 1 = I understand, 2 = I have a question, another one, and none."""

import pytest
from django.test import Client

from notifications.models import Message
from notifications.replies.keys import Heard, press_key
from pathway.models import Question, WorkItem
from tests.builders import NOW
from tests.notifications.coming_back import PUBLIC, SID, TOKEN, calls_back, make_caregiver, make_sent, state_of
from tests.notifications.due import make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db


def make_call(**fields) -> Message:
    """A call that is out."""
    message = make_sent(**fields)
    Message.objects.update(channel="voice")
    message.refresh_from_db()
    return message


def press(message: Message, digits: str, call: str = "CA1") -> Heard:
    return press_key(message_id=message.pk, digits=digits, call=call, now=NOW)[0]


def the_key() -> Message:
    return Message.objects.get(incoming=True)


def test_key_1_is_the_plain_yes_of_the_question():
    call = make_call()
    question = make_question(call.reminder)
    assert press(call, "1") is Heard.UNDERSTOOD
    question.refresh_from_db()
    assert (question.answer, the_key().meaning, the_key().answers) == ("has-ride", "has-ride", call)
    assert state_of(call.reminder_id) == "delivered"


def test_key_1_of_a_call_that_asked_nothing_is_kept():
    call = make_call(base_key="bathing/going-home", text="home", says={}, needs_booked="")
    assert press(call, "1") is Heard.UNDERSTOOD
    assert (the_key().meaning, the_key().body, WorkItem.objects.count()) == ("understood", "1", 0)


def test_key_1_answers_what_the_call_asked_again():
    first = make_due(state="sent", sent_at=NOW)
    question = make_question(first)
    again = make_call(journey=first.journey, origin="again", follows=first)
    press(again, "1")
    question.refresh_from_db()
    assert question.answer == "has-ride"


@pytest.mark.parametrize("asks", [True, False])
def test_key_2_has_somebody_call_back(asks):
    call = make_call()
    if asks:
        make_question(call.reminder)
    assert press(call, "2") is Heard.QUESTION
    assert (WorkItem.objects.get().kind, the_key().meaning) == ("patient-question", "question")


@pytest.mark.parametrize("digits", ["5", "0", "#", "12"])
def test_another_key_is_kept_and_taken_for_nothing(digits):
    call = make_call()
    question = make_question(call.reminder)
    assert press(call, digits) is Heard.NOTHING
    question.refresh_from_db()
    assert (question.answer, the_key().meaning, WorkItem.objects.count()) == ("", "", 0)


def test_no_key_is_no_answer_and_proves_nothing():
    call = make_call()
    assert press(call, "") is Heard.NOTHING
    assert not Message.objects.filter(incoming=True).exists()
    assert state_of(call.reminder_id) == "sent"


def test_the_same_key_of_the_same_call_counts_once():
    call = make_call()
    for _ in range(2):
        press(call, "2")
    assert (Message.objects.filter(incoming=True).count(), WorkItem.objects.count()) == (1, 1)


def test_the_last_key_of_a_call_stands():
    call = make_call()
    question = make_question(call.reminder)
    press(call, "1")
    press(call, "2")
    question.refresh_from_db()
    assert question.answer == "question"


def test_a_caregivers_key_is_never_the_patients_answer():
    call = make_call()
    make_caregiver(call.journey.patient)
    Message.objects.update(recipient="caregiver")
    question = make_question(call.reminder)
    press(call, "1")
    press(call, "2")
    question.refresh_from_db()
    assert question.answer == ""
    assert WorkItem.objects.get().why.startswith("The caregiver pressed 2")


def test_a_key_to_what_a_correction_has_replaced_answers_nothing():
    call = make_call()
    question = make_question(call.reminder, closed_at=NOW)
    press(call, "1")
    assert Question.objects.get(pk=question.pk).answer == ""


@pytest.mark.parametrize(
    ("digits", "language", "words"),
    [
        ("1", "en", '<Say language="en-US">Thank you. Goodbye.</Say>'),
        ("2", "es", '<Say language="es-US">Gracias. Le vamos a llamar. Adiós.</Say>'),
        ("7", "en", "Please call your clinic."),
        ("", "es", "Por favor llame a su clínica."),
    ],
)
def test_the_call_says_what_the_key_was_taken_for(client: Client, settings, digits, language, words):
    settings.PUBLIC_URL = PUBLIC
    settings.PROVIDERS = {
        "MILEPOST_TWILIO_ACCOUNT_SID": SID,
        "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
        "MILEPOST_TWILIO_FROM": "+12025550143",
    }
    call = make_call()
    Message.objects.update(language=language)
    answer = calls_back(client, f"/hooks/twilio/voice/{call.pk}/key", CallSid="CA1", Digits=digits)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert words in answer.content.decode()
    forged = calls_back(client, f"/hooks/twilio/voice/{call.pk}/key", token="wrong", CallSid="CA2", Digits="2")
    assert forged.status_code == 403
