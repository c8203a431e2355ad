"""Keys pressed in a call: 1 = I understand, 2 = I have a question, or what the call offers, and none."""

import re

import pytest
from django.test import Client

from notifications.channels.spoken import twiml
from notifications.models import Message
from notifications.replies.keys import Heard, press_key
from pathway.answers import ANSWER_SETS, HAS_QUESTION
from pathway.call_keys import call_keys
from pathway.models import Question, WorkItem
from patients.models import ContactPoint
from tests.builders import NOW, make_patient
from tests.notifications.coming_back import PUBLIC, SID, TOKEN, calls_back, make_caregiver, make_sent, state_of
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.notifications.test_drain import sign_hold
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


CALLS = {
    "read": ("medication-plan/ready/apixaban", "plan-ready"),
    "done": ("medication-plan/hold-day/apixaban", "hold-day"),
    "confirm": ("consult/two-days-before", "consult"),
    "ride": ("ride/week-before", "ride"),
    "check-in": ("day-1/how-are-you", "day-1"),
}
"""A reminder of the MILD protocol that asks for each set of answers, and its text."""

MEANS = {
    ("read", "1"): "understood",
    ("done", "1"): "done",
    ("confirm", "1"): "confirmed",
    ("confirm", "3"): "change",
    ("ride", "1"): "has-ride",
    ("ride", "3"): "no-ride",
    ("check-in", "1"): "good",
    ("check-in", "3"): "worse",
    **{(answers, "2"): "question" for answers in CALLS},
}
SPOKEN = {
    ("en", "1"): {
        "read": "have read it",
        "done": "have done",
        "confirm": "confirm",
        "ride": "ride",
        "check-in": "good",
    },
    ("en", "3"): {"confirm": "another time", "ride": "no ride", "check-in": "worse"},
    ("es", "1"): {"read": "leyó", "done": "hizo", "confirm": "confirmar", "ride": "quien le lleve", "check-in": "bien"},
    ("es", "3"): {"confirm": "otra hora", "ride": "no tiene quien", "check-in": "peor"},
}


@pytest.mark.parametrize(("answers", "digits"), MEANS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_key_is_the_answer_that_the_call_said_it_is(answers, digits, language):
    base_key, text = CALLS[answers]
    says = {"day": "2027-03-11", "time": "07:30"}
    journey = make_bare_journey(make_patient(language=language))
    sign_hold(journey)
    reminder = make_due(journey, base_key=base_key, text=text, says=says, needs_booked="")
    ContactPoint.objects.update(kind="voice")
    voice = ScriptedChannel()
    drain_at(NOW, channels={"voice": voice})
    (offered,) = voice.offered
    spoken = twiml(offered.body, language=offered.language, action="", answers=offered.answers)
    before_any_key_counts = spoken.split("<Gather")[0]
    words = SPOKEN.get((language, digits), {}).get(answers, "question" if language == "en" else "pregunta")
    verb = "Press" if language == "en" else "Oprima"
    assert re.search(rf"{verb} {digits} [^.]*{words}", before_any_key_counts)
    press(Message.objects.get(), digits)
    assert Question.objects.get(reminder=reminder).answer == MEANS[answers, digits]


def test_every_choice_of_a_set_has_one_key_of_its_own_in_a_call():
    for answers, one in ANSWER_SETS.items():
        keys = call_keys(answers)
        assert len({key.digit for key in keys}) == len(keys)
        meanings = [one.meaning(key.choice).slug for key in keys]
        assert sorted(meanings) == sorted({meaning.slug for meaning in (*one.meanings.values(), HAS_QUESTION)})
        assert all(set(key.say) == {"en", "es"} for key in keys)


def test_key_1_answers_the_question_and_proves_that_the_call_was_taken():
    call = make_call()
    question = make_question(call.reminder)
    assert press(call, "1") is Heard.UNDERSTOOD
    question.refresh_from_db()
    assert (question.answer, the_key().meaning, the_key().answers) == ("has-ride", "has-ride", call)
    assert state_of(call.reminder_id) == "delivered"


def test_a_patient_who_feels_worse_is_called_at_once_and_told_of_911():
    call = make_call()
    make_question(call.reminder, answers="check-in")
    assert press(call, "3") is Heard.WORSE
    item = WorkItem.objects.get()
    assert (item.kind, item.priority) == ("feels-worse", 1)


def test_a_key_that_needs_a_call_is_never_lost_with_its_question():
    call = make_call()
    make_question(call.reminder, closed_at=NOW)
    assert press(call, "3") is Heard.CALL
    assert WorkItem.objects.get().why.endswith("has no ride. Call back.")


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
