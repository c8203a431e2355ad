"""Silence: asked once more on another way, then a nurse is told, and never after an answer."""

from datetime import timedelta

import pytest

from notifications.actions.follow_up import follow_up_questions
from notifications.channels import Routes
from notifications.channels.outbox import OutboxChannel
from notifications.models import Message
from pathway.actions.journeys import cancel, record
from pathway.actions.questions import answer_question, tell_soon
from pathway.models import JourneyEvent, Milestone, Priority, Question, Reminder, WorkItem
from pathway.queries.questions import next_follow_up_at
from patients.models import ContactKind, ContactPoint
from tests.builders import NOW, make_patient
from tests.notifications.due import make_bare_journey, make_due
from tests.pathway.questions import make_question

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASK_AT, TELL_AT = NOW + DAY, NOW + DAY + 12 * HOUR

ROUTES = Routes(dict.fromkeys(("sms", "voice", "email"), OutboxChannel()))


def asked(*, second_way: bool = True, patient=None, useful_for: timedelta = 6 * DAY, **fields) -> Question:
    """A question that a text put at `NOW`, to a patient who can be called as well unless told otherwise."""
    patient = patient or make_patient()
    contact = patient.contacts.get()
    if second_way:
        ContactPoint.objects.create(patient=patient, kind=ContactKind.VOICE, phone=contact.phone, rank=2)
    journey = fields.pop("journey", None) or make_bare_journey(patient)
    row = make_due(journey, state="sent", sent_at=NOW, useful_until=NOW + useful_for, **fields)
    Message.objects.create(
        journey=journey, reminder=row, channel="sms", address=contact.address, language="en", body="Your procedure",
        state="sent", created_at=NOW, sent_at=NOW,
    )  # fmt: skip
    return make_question(row)


def follow_up(now, limit: int = 50) -> int:
    return follow_up_questions(now=now, limit=limit, routes=ROUTES)


@pytest.mark.django_db
def test_silence_is_asked_about_once_more_in_the_same_words():
    question = asked()
    original = question.reminder
    assert next_follow_up_at() == ASK_AT
    assert follow_up(ASK_AT - HOUR) == 0
    assert follow_up(ASK_AT) == 1
    again = Reminder.objects.get(origin="again")
    assert (again.key, again.base_key, again.text) == (f"{original.key}/again", original.base_key, original.text)
    assert (again.follows, again.says, again.useful_until) == (original, original.says, original.useful_until)
    assert (again.state, again.run_at, again.waits_for_window) == ("planned", ASK_AT, True)
    question.refresh_from_db()
    assert (question.asked_again_at, question.told_at, question.tell_at) == (ASK_AT, None, NOW + 2 * DAY)
    assert not WorkItem.objects.exists()
    assert follow_up(ASK_AT) == 0, "asked once more, not every few seconds"
    assert next_follow_up_at() == NOW + 2 * DAY


@pytest.mark.django_db
def test_silence_after_that_is_a_task_that_shows_the_time_left():
    question = asked(patient=make_patient(language="es"))
    follow_up(ASK_AT)
    Reminder.objects.filter(origin="again").update(state="sent", sent_at=ASK_AT)
    assert follow_up(NOW + 2 * DAY) == 1
    item = WorkItem.objects.get()
    assert (item.kind, item.priority) == ("no-answer", Priority.SOON)
    assert item.due_at == question.reminder.useful_until
    assert item.why == (
        "Call: no answer to the text “Your ride home”, asked twice. It matters until Sun, Mar 7, 2027, 10:00 AM."
    )
    assert item.say.startswith("Pregunte quién lleva al paciente a casa")
    question.refresh_from_db()
    assert (question.told_at, question.closed_at) == (NOW + 2 * DAY, None)
    assert JourneyEvent.objects.filter(kind="no-answer").count() == 1
    assert follow_up(NOW + 3 * DAY) == 0, "told once"
    assert next_follow_up_at() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("safety", "left", "priority", "due_in"),
    [
        (True, DAY, Priority.URGENT, HOUR),
        (True, 3 * DAY, Priority.SOON, 3 * DAY),
        (False, 5 * HOUR, Priority.URGENT, HOUR),
    ],
)
def test_how_pressing_a_silence_is_follows_from_what_it_is_about_and_the_time_left(safety, left, priority, due_in):
    asked(safety=safety, useful_for=TELL_AT - NOW + left)
    Question.objects.update(ask_again_at=None)
    follow_up(TELL_AT)
    item = WorkItem.objects.get()
    assert (item.priority, item.due_at) == (priority, TELL_AT + due_in)


@pytest.mark.django_db
def test_a_late_answer_ends_the_task_about_the_silence():
    question = asked(second_way=False)
    follow_up(ASK_AT)
    answer_question(question=question, choice="C", words="C", by=None, now=ASK_AT + HOUR)
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("resolved", "Answered: has a ride.")


@pytest.mark.django_db
def test_without_another_way_a_nurse_is_told_at_once():
    question = asked(second_way=False)
    assert follow_up(ASK_AT) == 1
    item = WorkItem.objects.get()
    assert "asked once. No other way to ask is left." in item.why
    assert not Reminder.objects.filter(origin="again").exists()
    question.refresh_from_db()
    assert (question.told_at, question.ask_again_at, question.asked_again_at) == (ASK_AT, None, None)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["opted_out_at", "undeliverable_at"])
def test_a_way_that_does_not_work_is_no_other_way(field):
    question = asked()
    question.journey.patient.contacts.filter(kind="voice").update(**{field: NOW})
    follow_up(ASK_AT)
    assert WorkItem.objects.get().kind == "no-answer"


@pytest.mark.django_db
def test_a_patient_who_stopped_the_messages_is_called_instead():
    question = asked()
    type(question.journey.patient).objects.update(stopped_at=NOW + HOUR)
    follow_up(ASK_AT)
    assert "The patient stopped the messages." in WorkItem.objects.get().why
    assert not Reminder.objects.filter(origin="again").exists()


@pytest.mark.django_db
def test_whoever_took_back_the_consent_is_called_instead():
    question = asked()
    question.journey.patient.consents.update(revoked_at=NOW + HOUR)
    follow_up(ASK_AT)
    assert "The patient has not agreed to messages." in WorkItem.objects.get().why


@pytest.mark.django_db
def test_an_answered_question_is_left_alone():
    question = asked()
    answer_question(question=question, choice="C", words="C", by=None, now=NOW + HOUR)
    assert follow_up(TELL_AT) == 0
    assert not WorkItem.objects.exists()


@pytest.mark.django_db
def test_an_answer_takes_back_the_asking_again():
    question = asked()
    follow_up(ASK_AT)
    answer_question(question=question, choice="C", words="C", by=None, now=ASK_AT)
    assert Reminder.objects.get(origin="again").state == "withdrawn"
    assert follow_up(NOW + 3 * DAY) == 0


@pytest.mark.django_db
def test_a_question_of_an_ended_journey_closes_in_silence():
    question = asked()
    cancel(journey=question.journey, reason="not now", by=None, now=NOW + HOUR)
    assert follow_up(TELL_AT) == 0
    other = asked()
    type(other.journey).objects.filter(pk=other.journey_id).update(state="withdrawn")
    assert follow_up(TELL_AT) == 1
    other.refresh_from_db()
    assert (other.closed_at, other.told_at) == (TELL_AT, None)
    assert not WorkItem.objects.filter(kind="no-answer").exists()


@pytest.mark.django_db
def test_what_has_happened_is_not_asked_about():
    question = asked()
    record(journey=question.journey, key="procedure", at=NOW + 2 * HOUR, by=None, now=NOW + 3 * HOUR)
    Question.objects.update(closed_at=None)
    follow_up(ASK_AT)
    question.refresh_from_db()
    assert question.closed_at == ASK_AT
    assert Milestone.objects.get(journey=question.journey, key="procedure").status == "done"
    assert not WorkItem.objects.filter(kind="no-answer").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "closed", "waits"),
    [("sent", True, False), ("missed", True, False), ("planned", False, True), ("withdrawn", False, False)],
)
def test_a_superseded_question_waits_for_its_correction_and_closes_with_it(state, closed, waits):
    question = asked()
    correction = make_due(
        question.journey, base_key="ride/week-before/correction", text="correction", state=state, sent_at=NOW
    )
    Reminder.objects.filter(pk=question.reminder_id).update(superseded_by=correction)
    assert follow_up(ASK_AT) == 1
    question.refresh_from_db()
    assert (question.closed_at is not None) is closed
    assert (question.ask_again_at == ASK_AT + timedelta(minutes=15)) is waits
    assert Reminder.objects.filter(origin="again").exists() is (state == "withdrawn")
    assert not WorkItem.objects.exists()


@pytest.mark.django_db
def test_a_text_that_did_not_arrive_is_nobodys_silence():
    """It is sent another way first; what cannot be sent is a call already."""
    retried, failed = asked(), asked()
    Reminder.objects.filter(pk=retried.reminder_id).update(state="planned")
    Reminder.objects.filter(pk=failed.reminder_id).update(state="failed")
    assert follow_up(ASK_AT) == 2
    retried.refresh_from_db()
    failed.refresh_from_db()
    assert (retried.ask_again_at, failed.closed_at) == (ASK_AT + timedelta(minutes=15), ASK_AT)
    sent_at = ASK_AT + timedelta(minutes=5)
    Reminder.objects.filter(pk=retried.reminder_id).update(state="sent", sent_at=sent_at)
    follow_up(ASK_AT + timedelta(minutes=15))
    retried.refresh_from_db()
    assert (retried.asked_at, retried.ask_again_at) == (sent_at, sent_at + 2 * DAY), "the silence begins anew"
    assert not Reminder.objects.filter(origin="again").exists()


@pytest.mark.django_db
def test_a_correction_is_asked_about_in_the_words_of_the_plan():
    """Its own words take back "our last text", which would then be itself."""
    asked(base_key="ride/week-before/correction", text="correction")
    follow_up(ASK_AT)
    assert Reminder.objects.get(origin="again").text == "ride"


@pytest.mark.django_db
def test_after_a_long_outage_a_nurse_is_told_and_nobody_is_asked_again():
    question = asked()
    assert follow_up(TELL_AT + HOUR) == 1
    question.refresh_from_db()
    assert (question.asked_again_at, question.ask_again_at, question.told_at) == (None, None, TELL_AT + HOUR)
    assert not Reminder.objects.filter(origin="again").exists()
    assert follow_up(TELL_AT + HOUR) == 0


@pytest.mark.django_db
def test_when_asking_again_fails_a_nurse_hears_of_it_at_the_next_round():
    question = asked()
    follow_up(ASK_AT)
    again = Reminder.objects.get(origin="again")
    Reminder.objects.filter(pk=again.pk).update(state="missed")
    tell_soon(followers=[again.pk], now=ASK_AT + HOUR)
    assert follow_up(ASK_AT + HOUR) == 1
    assert "asked once." in WorkItem.objects.get().why
    question.refresh_from_db()
    assert question.told_at == ASK_AT + HOUR


@pytest.mark.django_db
def test_a_question_that_cannot_be_read_goes_to_a_person_and_stops_no_other():
    broken, fine = asked(), asked()
    Reminder.objects.filter(pk=broken.reminder_id).update(base_key="gone/from-the-protocol")
    Question.objects.filter(pk=broken.pk).update(tell_at=ASK_AT + HOUR, ask_again_at=ASK_AT)
    Reminder.objects.filter(pk=broken.reminder_id).update(sent_at=NOW + HOUR)
    assert follow_up(ASK_AT) == 2
    item = WorkItem.objects.get()
    assert (item.journey_id, item.kind) == (broken.journey_id, "no-answer")
    assert "What it needs to know cannot be read." in item.why
    assert Reminder.objects.get(origin="again").follows_id == fine.reminder_id


@pytest.mark.django_db
def test_many_are_followed_up_in_a_constant_number_of_queries(django_assert_max_num_queries):
    for _ in range(6):
        asked()
        asked(second_way=False)
    with django_assert_max_num_queries(25):
        assert follow_up(ASK_AT, limit=20) == 12


@pytest.mark.django_db
def test_nothing_due_costs_two_reads(django_assert_num_queries):
    asked()
    with django_assert_num_queries(2):
        assert follow_up(NOW) == 0
