"""Messages that come in: matched to their question, kept in the conversation, and never guessed to a patient."""

from datetime import timedelta

import pytest

from notifications.channels.base import NoAnswer
from notifications.models import Message, StrayMessage
from pathway.models import Journey, Question, WorkItem
from patients.models import ContactPoint
from tests.builders import NOW, make_clinic, make_patient
from tests.notifications.coming_back import make_caregiver, make_sent, number_of, says, text_from
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db


def asked(journey: Journey | None = None, **fields) -> Question:
    """A question that a text put to a patient."""
    message = make_sent(journey=journey) if journey else make_sent()
    return make_question(message.reminder, **fields)


def kept() -> Message:
    return Message.objects.get(incoming=True)


def kinds() -> list[str]:
    return sorted(WorkItem.objects.exclude(state="resolved").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("answers", "body", "meaning"),
    [
        *(
            ("ride", "C", "has-ride"),
            ("ride", "yes, ok", "has-ride"),
            ("ride", "R", "no-ride"),
            ("ride", "no", "no-ride"),
        ),
        *(("confirm", "sí", "confirmed"), ("confirm", "👍🏽", "confirmed"), ("confirm", "cambiar", "change")),
        *(("check-in", "1", "good"), ("check-in", "3", "worse"), ("check-in", "me siento peor", "worse")),
        *(("check-in", "2", "question"), ("read", "c", "understood"), ("confirm", "I have a question", "question")),
    ],
)
def test_an_answer_settles_the_question_that_is_open(answers, body, meaning):
    question = asked(answers=answers)
    says(question.journey.patient, body)
    question.refresh_from_db()
    assert (question.answer, question.closed_at) == (meaning, NOW)
    assert (kept().meaning, kept().answers, kept().body) == (meaning, Message.objects.get(incoming=False), body)
    assert "reply" not in kinds()


@pytest.mark.parametrize(
    ("answers", "body"),
    [
        ("ride", "1"),
        ("ride", "change"),
        ("read", "no"),
        ("check-in", "C"),
        ("ride", "no ok?"),
        ("ride", "yes but late"),
    ],
)
def test_what_the_question_does_not_take_is_read_by_a_person(answers, body):
    question = asked(answers=answers)
    says(question.journey.patient, body)
    question.refresh_from_db()
    assert (question.answer, kinds(), kept().answers) == ("", ["reply"], None)
    assert f"“{body}”" in WorkItem.objects.get().why


@pytest.mark.parametrize("body", ["yes", "Yes", "ok", "sí", "👍", "yes thanks", "I am ok"])
def test_a_plain_yes_to_weak_leg_fever_or_bad_pain_is_no_good_news(body):
    question = asked(answers="check-in")
    says(question.journey.patient, body)
    question.refresh_from_db()
    assert (question.answer, question.closed_at, kinds()) == ("", None, ["reply"])
    assert WorkItem.objects.get().due_at <= NOW + timedelta(hours=4)


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_a_thumb_tapped_on_our_text_is_a_yes_and_on_other_words_of_danger_an_alarm(whose):
    question = asked()
    text = Message.objects.get(incoming=False).body if whose == "ours" else "weak leg, fever"
    says(question.journey.patient, f"👍 to “{text}”")
    question.refresh_from_db()
    assert (question.answer, kinds()) == (("has-ride", []) if whose == "ours" else ("", ["danger-words"]))


def test_an_answer_goes_to_the_newest_question_that_takes_it():
    journey = make_bare_journey()
    old, new = asked(journey, asked_at=NOW - timedelta(days=1)), asked(journey, answers="read", asked_at=NOW)
    type(old).objects.update(closed_at=None)  # as if they were of two steps, so that the second does not replace it
    says(journey.patient, "R")
    says(journey.patient, "C")
    old.refresh_from_db(), new.refresh_from_db()
    assert (old.answer, new.answer) == ("no-ride", "understood")


def test_a_second_thought_is_about_the_same_question():
    question = asked()
    says(question.journey.patient, "C")
    says(question.journey.patient, "R", now=NOW + timedelta(minutes=3))
    question.refresh_from_db()
    assert question.answer == "no-ride"


def test_an_answer_to_nothing_is_read_by_a_person():
    journey = make_bare_journey()
    says(journey.patient, "C")
    assert (kinds(), kept().meaning) == (["reply"], "answer")


def test_free_words_stand_in_the_conversation_with_a_task_to_read_them():
    journey = make_bare_journey()
    says(journey.patient, "Can my dog come along?")
    assert (kept().journey, kept().meaning, kept().state, kept().recipient) == (journey, "words", "received", "patient")
    assert WorkItem.objects.get().why == "The patient wrote: “Can my dog come along?”"
    assert WorkItem.objects.get().due_at > NOW


def test_more_words_join_a_task_that_waits_and_never_one_that_somebody_has_or_put_off():
    patient = make_bare_journey().patient
    says(patient, "One thing")
    says(patient, "And another")
    assert WorkItem.objects.get().why == "The patient wrote: “One thing” The patient wrote: “And another”"
    WorkItem.objects.update(state="snoozed", snoozed_until=NOW + timedelta(days=1), snooze_reason="later")
    says(patient, "Still waiting")
    assert WorkItem.objects.get(state="open").why == "The patient wrote: “Still waiting”"


def test_a_later_thanks_never_hides_an_earlier_worry():
    patient = make_bare_journey().patient
    says(patient, "I am confused about my pills " + "and more " * 40)
    for _ in range(3):
        says(patient, "thx")
    why = WorkItem.objects.get().why
    assert why.startswith("The patient wrote: “I am confused about my pills")
    says(patient, "and one thing more " * 20)
    assert WorkItem.objects.get().why.endswith("More came since: see the journey's page.")


@pytest.mark.parametrize(
    "body", ["I can't walk", "cant pee", "fever", "bleeding a lot", "chest pain", "no puedo caminar", "tengo fiebre"]
)
def test_words_of_danger_raise_an_urgent_task_at_once(body):
    patient = make_bare_journey().patient
    says(patient, body)
    item = WorkItem.objects.get()
    assert (item.kind, item.priority, kept().meaning) == ("danger-words", 1, "danger")
    assert body in item.why
    assert item.due_at <= NOW + timedelta(hours=1)


def test_danger_is_heard_beside_an_answer_and_the_answer_counts_as_well():
    question = asked(answers="check-in")
    says(question.journey.patient, "3")
    says(question.journey.patient, "can't move", now=NOW + timedelta(minutes=1))
    assert set(kinds()) == {"danger-words", "feels-worse"}


def test_each_message_of_danger_has_a_task_of_its_own():
    patient = make_bare_journey().patient
    says(patient, "fever")
    WorkItem.objects.update(state="snoozed", snoozed_until=NOW + timedelta(days=1), snooze_reason="later")
    says(patient, "now chest pain")
    assert WorkItem.objects.filter(kind="danger-words", state="open").get().why.endswith("“now chest pain”")


def test_what_to_say_about_danger_is_in_the_patients_language():
    patient = make_bare_journey(make_patient(language="es")).patient
    says(patient, "dolor de pecho")
    assert WorkItem.objects.get().say.startswith("¿Le pasa ahora?")


def test_the_same_message_twice_is_kept_once():
    patient = make_bare_journey().patient
    assert says(patient, "hello", reference="SM7")
    assert not says(patient, "hello", reference="SM7", now=NOW + timedelta(hours=1))
    assert (Message.objects.count(), WorkItem.objects.count()) == (1, 1)
    assert text_from("+12025550666", "who?", reference="SM8")
    assert not text_from("+12025550666", "who?", reference="SM8")
    assert StrayMessage.objects.count() == 1


@pytest.mark.parametrize("address", ["+12025550666", "12345", "OAKCLINIC", "+0", "garbage@x"])
def test_an_unknown_number_is_kept_and_guessed_to_nobody(address):
    clinic = make_bare_journey().clinic
    text_from(address, "C I have chest pain", clinics=[clinic.pk])
    stray = StrayMessage.objects.get()
    assert (stray.address, stray.body, stray.clinic) == (address, "C I have chest pain", clinic)
    assert stray.why == "No patient has this number. Danger: chest pain."
    assert not Message.objects.exists()
    assert not WorkItem.objects.exists()


def test_a_patient_of_another_clinic_is_an_unknown_number():
    patient = make_bare_journey().patient
    text_from(number_of(patient), "C", clinics=[make_clinic().pk])
    assert StrayMessage.objects.exists()
    assert not Message.objects.exists()


def couple() -> tuple[Journey, Journey]:
    """Two patients of one clinic with one number."""
    clinic = make_clinic()
    return tuple(make_bare_journey(make_patient(clinic, phone="+12025550101")) for _ in range(2))


def test_a_couples_answer_goes_to_the_only_one_who_was_asked():
    first, second = couple()
    question = asked(second)
    says(first.patient, "yes")
    question.refresh_from_db()
    assert (question.answer, kept().journey) == ("has-ride", second)


@pytest.mark.parametrize("body", ["C", "where do I park?"])
def test_a_message_of_a_couple_that_could_be_of_either_is_guessed_to_neither(body):
    first, second = couple()
    questions = [asked(first), asked(second)]
    says(first.patient, body)
    assert not Message.objects.filter(incoming=True).exists()
    stray = StrayMessage.objects.get()
    assert (stray.why, stray.clinic) == ("Several people share this number.", first.clinic)
    assert not Question.objects.filter(pk__in=[one.pk for one in questions], answered_at__isnull=False).exists()
    items = WorkItem.objects.filter(kind="shared-number")
    assert {item.journey for item in items} == {first, second}
    assert all(body in item.why for item in items)


def test_danger_from_a_shared_number_is_urgent_for_both():
    first, second = couple()
    says(first.patient, "chest pain")
    items = WorkItem.objects.filter(kind="danger-words", priority=1)
    assert {item.journey for item in items} == {first, second}
    assert "share" in items[0].why


def test_a_caregivers_words_stand_in_the_patients_conversation_and_name_who_wrote():
    question = asked()
    make_caregiver(question.journey.patient)
    text_from("+12025550177", "C", clinics=[question.journey.clinic_id])
    question.refresh_from_db()
    assert question.answer == ""
    assert (kept().recipient, kept().journey) == ("caregiver", question.journey)
    assert WorkItem.objects.get().why == "Maria Ruiz (daughter), the caregiver, wrote: “C”"


def test_danger_from_a_caregiver_is_urgent_for_the_patient():
    journey = make_bare_journey()
    make_caregiver(journey.patient)
    text_from("+12025550177", "mom can't walk", clinics=[journey.clinic_id])
    assert (WorkItem.objects.get().journey, kinds()) == (journey, ["danger-words"])


def test_a_patient_who_is_another_ones_caregiver_answers_for_themselves_and_the_other_is_told():
    clinic = make_clinic()
    wife, husband = (make_bare_journey(make_patient(clinic)) for _ in range(2))
    make_caregiver(husband.patient, phone=number_of(wife.patient))
    question = asked(wife)
    asked(husband)
    says(wife.patient, "C")
    question.refresh_from_db()
    assert question.answer == "has-ride"
    says(wife.patient, "what about him?")
    assert {(item.journey_id, item.kind) for item in WorkItem.objects.all()} == {
        (wife.pk, "reply"),
        (husband.pk, "shared-number"),
    }


def test_a_second_phone_of_the_patient_is_the_patient():
    question = asked()
    ContactPoint.objects.create(patient=question.journey.patient, kind="voice", phone="+12025550155", rank=2)
    text_from("+12025550155", "C", clinics=[question.journey.clinic_id])
    question.refresh_from_db()
    assert question.answer == "has-ride"


def test_the_journey_under_way_has_the_conversation():
    old = make_bare_journey(state="completed")
    new = make_bare_journey(old.patient, enrolled_at=NOW - timedelta(days=90))
    says(old.patient, "hello")
    assert kept().journey == new


def both(first: str, second: str) -> tuple[Question, Question]:
    """Two open questions of one patient, the second the newer."""
    journey = make_bare_journey()
    old = asked(journey, answers=first, asked_at=NOW - timedelta(hours=5))
    new = asked(journey, answers=second, asked_at=NOW)
    Question.objects.update(closed_at=None)
    return old, new


@pytest.mark.parametrize(
    ("first", "second", "body", "answers"),
    [
        ("ride", "read", "Yes I have a ride", ("has-ride", "")),
        ("confirm", "ride", "confirm my appointment", ("confirmed", "")),
        ("confirm", "ride", "R I want to change my appointment", ("change", "")),
        ("confirm", "ride", "I don't have a ride", ("", "no-ride")),
        ("ride", "read", "R", ("no-ride", "")),
        ("ride", "check-in", "C", ("has-ride", "")),
        ("ride", "check-in", "3", ("", "worse")),
        ("ride", "read", "C", ("", "")),
        ("confirm", "ride", "R", ("", "")),
        ("confirm", "ride", "yes", ("", "")),
        ("confirm", "check-in", "yes", ("", "")),
        ("read", "ride", "no", ("", "")),
        ("ride", "read", "C my visit", ("", "")),
    ],
)
def test_with_two_questions_open_the_words_decide_or_a_person_does(first, second, body, answers):
    old, new = both(first, second)
    says(old.journey.patient, body)
    old.refresh_from_db(), new.refresh_from_db()
    assert (old.answer, new.answer) == answers
    if answers == ("", ""):
        assert kinds() == ["reply"]
        assert "Not answered yet" in WorkItem.objects.get().why


@pytest.mark.parametrize("body", ["I will be there", "understood", "confirm my appointment", "R change my visit"])
def test_words_about_something_else_are_no_word_about_the_ride(body):
    question = asked()
    says(question.journey.patient, body)
    question.refresh_from_db()
    assert (question.answer, kinds()) == ("", ["reply"])


class AnsweredAtOnce(ScriptedChannel):
    """A provider that is slow to answer: the patient replies before it says that it took the text."""

    def __init__(self, journey: Journey, reply: str, *answers) -> None:
        super().__init__(*answers)
        self.journey, self.reply = journey, reply

    def send(self, envelope):
        says(self.journey.patient, self.reply)
        return super().send(envelope)


@pytest.mark.parametrize("outcome", [[], [NoAnswer("timeout")]])
def test_an_answer_quicker_than_the_record_of_the_text_settles_its_question(outcome):
    journey = make_bare_journey()
    make_due(journey)
    drain_at(NOW, channels={"sms": AnsweredAtOnce(journey, "C", *outcome)})
    question = Question.objects.get()
    assert (question.answer, question.closed_at, kinds()) == ("has-ride", NOW, [])


def test_an_answer_while_a_text_is_under_way_that_could_be_to_another_is_guessed_to_neither():
    journey = make_bare_journey()
    old = asked(journey, answers="read")
    make_due(journey)
    drain_at(NOW, channels={"sms": AnsweredAtOnce(journey, "C")})
    old.refresh_from_db()
    assert (old.answer, set(Question.objects.values_list("answer", flat=True)), kinds()) == ("", {""}, ["reply"])
