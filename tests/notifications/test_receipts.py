"""Receipts: late, doubled, out of order, and while a worker still sends; a status never steps back."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest

from notifications.channels import Routes
from notifications.channels.base import NoAnswer
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE
from notifications.models import Message, MessageState
from notifications.replies.receipts import AFTER, REPORTS, Report, apply_receipt
from pathway.models import JourneyEvent, Question, Reminder, WorkItem
from patients.models import ContactPoint
from tests.builders import NOW
from tests.notifications.coming_back import make_caregiver, make_sent, state_of
from tests.notifications.due import ScriptedChannel, drain_at, make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db
OUTBOX = Routes({"sms": OutboxChannel(), "voice": OutboxChannel(), "email": OutboxChannel()})
LATER = NOW + timedelta(minutes=5)


def receipt(message: Message, status: str, code: str = "", now=LATER, **named) -> bool:
    changed = apply_receipt(message_id=message.pk, status=status, code=code, now=now, routes=OUTBOX, **named)
    message.refresh_from_db()
    return changed


def another_way(message: Message, kind: str = "voice") -> ContactPoint:
    return ContactPoint.objects.create(patient=message.journey.patient, kind=kind, phone="+12025550188", rank=2)


def test_sent_is_not_delivered():
    message = make_sent()
    receipt(message, "sent")
    assert (message.state, state_of(message.reminder_id)) == ("sent", "sent")
    receipt(message, "delivered")
    assert (message.state, message.delivered_at, message.sent_at) == ("delivered", LATER, NOW)
    assert state_of(message.reminder_id) == "delivered"


def test_every_status_of_the_provider_is_in_the_table_and_every_pair_is_decided():
    assert set(REPORTS.values()) == set(Report)
    assert set(AFTER) == set(MessageState)
    rank = {"sending": 0, "unknown": 0, "sent": 1, "machine": 2, "failed": 3, "delivered": 4}
    for before, found in AFTER.items():
        assert all(rank[after] > rank[before] for after in found.values())


@pytest.mark.parametrize(("first", "second"), list(product(REPORTS, REPORTS)))
def test_a_status_never_steps_back(first, second):
    message = make_sent()
    rank = {"sent": 1, "machine": 2, "failed": 3, "delivered": 4}
    receipt(message, first)
    before = rank[message.state]
    receipt(message, second)
    assert rank[message.state] >= before
    best = max(rank[str(AFTER[MessageState.SENDING][REPORTS[one]])] for one in (first, second))
    assert rank[message.state] == best


def test_a_doubled_receipt_changes_nothing_the_second_time():
    message = make_sent()
    assert receipt(message, "delivered")
    assert not receipt(message, "delivered", now=LATER + timedelta(hours=1))
    assert message.delivered_at == LATER


def test_a_doubled_failure_asks_for_one_call():
    message = make_sent()
    assert receipt(message, "undelivered", "30005")
    assert not receipt(message, "undelivered", "30005")
    assert WorkItem.objects.count() == 1
    assert JourneyEvent.objects.filter(kind="reminder-not-sent").count() == 1


@pytest.mark.parametrize("status", ["delivered", "failed", "sent"])
def test_a_receipt_for_a_message_nobody_knows_changes_nothing(status):
    assert not apply_receipt(message_id=uuid4(), status=status, code="", now=NOW)


def test_a_status_nobody_knows_changes_nothing():
    message = make_sent()
    assert not receipt(message, "levitated")
    assert message.state == "sent"


def test_out_of_order_delivered_then_sent_stays_delivered():
    message = make_sent()
    receipt(message, "delivered")
    assert not receipt(message, "sent")
    assert not receipt(message, "undelivered", "30003")
    assert (message.state, state_of(message.reminder_id), message.error) == ("delivered", "delivered", "")


def test_what_did_not_arrive_goes_the_next_way_at_once():
    message = make_sent()
    another_way(message)
    receipt(message, "undelivered", "30003")
    row = Reminder.objects.get()
    assert (message.state, message.error) == ("failed", "30003")
    assert (row.state, row.run_at, row.send_at, row.started_at) == ("planned", LATER, NOW, None)
    assert drain_at(LATER).sent == 1
    assert Message.objects.exclude(pk=message.pk).get().channel == "voice"
    assert not WorkItem.objects.exists()


def test_what_did_not_arrive_and_has_no_other_way_goes_to_a_person():
    message = make_sent()
    receipt(message, "undelivered", "30005")
    item = WorkItem.objects.get()
    assert (state_of(message.reminder_id), item.kind) == ("failed", "failed-message")
    assert "did not arrive (30005)" in item.why
    contact = ContactPoint.objects.get()
    assert (contact.undeliverable_at, contact.undeliverable_reason) == (LATER, "no such number or address")


def test_a_phone_that_is_off_is_tried_again_next_time():
    message = make_sent()
    receipt(message, "undelivered", "30003")
    assert ContactPoint.objects.get().undeliverable_at is None


def test_a_landline_is_not_written_to_again_but_may_be_called():
    message = make_sent()
    voice = another_way(message)
    receipt(message, "undelivered", "30006")
    assert list(ContactPoint.objects.filter(undeliverable_at=None)) == [voice]


def test_what_did_not_arrive_and_is_of_no_use_any_more_is_missed():
    message = make_sent(useful_until=LATER)
    another_way(message)
    receipt(message, "undelivered", "30003")
    assert (state_of(message.reminder_id), WorkItem.objects.get().kind) == ("missed", "missed-message")


def test_what_a_correction_has_replaced_is_not_sent_again():
    message = make_sent()
    another_way(message)
    correction = make_due(message.journey, base_key="ride/week-before/correction")
    Reminder.objects.filter(pk=message.reminder_id).update(superseded_by=correction)
    receipt(message, "undelivered", "30003")
    assert state_of(message.reminder_id) == "failed"
    assert not WorkItem.objects.exists()


def test_somebody_who_opted_out_at_the_provider_has_stopped_everything():
    message = make_sent()
    another_way(message)
    receipt(message, "failed", "21610")
    message.journey.patient.refresh_from_db()
    assert message.journey.patient.stopped_at == LATER
    assert state_of(message.reminder_id) == "failed"
    assert set(WorkItem.objects.values_list("kind", flat=True)) == {"failed-message", "call-instead"}
    assert not Reminder.objects.filter(origin="answer").exists()


def test_a_caregiver_who_opted_out_at_the_provider_gets_no_more_copies_and_the_patient_all_messages():
    message = make_sent()
    caregiver = make_caregiver(message.journey.patient)
    Reminder.objects.update(origin="copy")
    Message.objects.update(recipient="caregiver", address="+12025550177")
    receipt(message, "failed", "21610")
    caregiver.refresh_from_db()
    assert caregiver.stopped_at == LATER
    assert message.journey.patient.stopped_at is None
    assert state_of(message.reminder_id) == "failed"
    assert not WorkItem.objects.exists()


@pytest.mark.parametrize("status", ["no-answer", "busy", "canceled", "failed"])
def test_a_call_that_nobody_took_goes_the_next_way(status):
    message = make_sent()
    Message.objects.update(channel="voice")
    receipt(message, status)
    assert state_of(message.reminder_id) == "planned"
    assert drain_at(LATER).sent == 1
    assert Message.objects.exclude(pk=message.pk).get().channel == "sms"


@pytest.mark.parametrize("status", ["human", "answered"])
def test_a_call_that_a_person_took_is_delivered(status):
    message = make_sent()
    receipt(message, "ringing")
    receipt(message, "in-progress")
    receipt(message, "completed")
    assert message.state == "sent", "a machine completes a call as well"
    receipt(message, status)
    assert state_of(message.reminder_id) == "delivered"


def unanswered() -> Message:
    """A text whose provider did not answer."""
    make_due()
    drain_at(NOW, channels={"sms": ScriptedChannel(NoAnswer("timeout"))})
    return Message.objects.get()


@pytest.mark.parametrize(("status", "state"), [("queued", "sent"), ("sent", "sent"), ("delivered", "delivered")])
def test_a_receipt_settles_what_nobody_knew(status, state):
    message = unanswered()
    assert state_of(message.reminder_id) == "unknown"
    receipt(message, status, reference="SM1")
    assert (message.state, message.sent_at, message.provider_reference) == (state, LATER, "SM1")
    assert state_of(message.reminder_id) == state
    assert Reminder.objects.get().sent_at == LATER


def test_a_receipt_ends_the_call_about_a_text_that_nobody_could_prove():
    message = unanswered()
    drain_at(NOW + timedelta(days=2), channels={"sms": ScriptedChannel()})
    assert WorkItem.objects.get().kind == "unproven-message"
    receipt(message, "delivered")
    item = WorkItem.objects.get()
    assert (item.state, item.outcome) == ("resolved", "The text arrived after all.")
    assert state_of(message.reminder_id) == "delivered"


def test_a_text_that_arrives_after_it_was_given_up_ends_the_call():
    message = make_sent()
    receipt(message, "undelivered", "30003")
    assert WorkItem.objects.exclude(state="resolved").count() == 1
    receipt(message, "delivered")
    assert state_of(message.reminder_id) == "delivered"
    assert WorkItem.objects.exclude(state="resolved").count() == 0


def test_a_text_that_arrives_while_it_waits_for_the_next_way_is_not_sent_twice():
    message = make_sent()
    another_way(message)
    receipt(message, "undelivered", "30003")
    receipt(message, "delivered")
    assert state_of(message.reminder_id) == "delivered"
    assert drain_at(LATER).claimed == 0


def test_an_old_text_that_arrives_after_its_words_changed_is_told_to_a_person():
    message = make_sent()
    another_way(message)
    receipt(message, "undelivered", "30003")
    Reminder.objects.update(says={"day": "2027-03-12"})
    receipt(message, "delivered")
    assert state_of(message.reminder_id) == "planned"
    item = WorkItem.objects.get()
    assert item.kind == "arrived-after-all"
    assert message.body[:60] in item.why


def test_a_withdrawn_text_that_arrives_is_told_to_a_person():
    message = unanswered()
    Reminder.objects.update(state="withdrawn")
    receipt(message, "delivered")
    assert (state_of(message.reminder_id), WorkItem.objects.get().kind) == ("withdrawn", "arrived-after-all")


def test_a_failure_of_an_older_message_changes_nothing_of_the_newer():
    message = make_sent()
    another_way(message)
    receipt(message, "undelivered", "30003")
    drain_at(LATER)
    Message.objects.filter(pk=message.pk).update(state="sent")
    receipt(message, "failed", "30003")
    assert (message.state, state_of(message.reminder_id)) == ("failed", "sent")


def test_the_failure_of_one_of_two_copies_says_nothing_of_the_other():
    message = make_sent()
    Message.objects.update(provider_reference="SM2")
    assert not receipt(message, "failed", "30003", reference="SM1")
    assert receipt(message, "failed", "30003", reference="SM2")


class CallsBackFirst(ScriptedChannel):
    """A provider that calls back before it answers; `dies`: the worker never hears the answer."""

    def __init__(self, status, *, dies=False):
        super().__init__()
        self.status, self.dies = status, dies

    def send(self, envelope):
        taken = super().send(envelope)
        apply_receipt(message_id=envelope.reference, status=self.status, code="", now=NOW, routes=OUTBOX)
        if self.dies:
            raise SystemExit
        return taken


@pytest.mark.parametrize(("status", "state"), [("queued", "sent"), ("delivered", "delivered")])
def test_a_receipt_before_the_workers_answer_is_neither_lost_nor_overwritten(status, state):
    make_due()
    drain_at(NOW, channels={"sms": CallsBackFirst(status)})
    assert (Message.objects.get().state, Reminder.objects.get().state) == (state, state)


def test_a_failure_before_the_workers_answer_goes_the_next_way():
    reminder = make_due()
    ContactPoint.objects.create(patient=reminder.journey.patient, kind="voice", phone="+12025550188", rank=2)
    drain_at(NOW, channels={"sms": CallsBackFirst("failed"), "voice": OutboxChannel()})
    told = list(Message.objects.order_by("channel").values_list("channel", "state"))
    assert told == [("sms", "failed"), ("voice", "sent")]
    assert state_of(reminder.pk) == "sent"


@pytest.mark.parametrize(("status", "state"), [("queued", "sent"), ("delivered", "delivered")])
def test_a_receipt_before_a_worker_dies_settles_the_reminder(status, state):
    reminder = make_due()
    with pytest.raises(SystemExit):
        drain_at(NOW, channels={"sms": CallsBackFirst(status, dies=True)})
    drain_at(NOW + LEASE + timedelta(seconds=1), channels={"sms": ScriptedChannel()})
    assert (state_of(reminder.pk), Message.objects.count()) == (state, 1)


@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_a_receipt_that_settles_a_reminder_puts_its_question_once(status):
    message = unanswered()
    receipt(message, status)
    receipt(message, "delivered")
    question = Question.objects.get()
    assert (question.reminder_id, question.answers, question.asked_at) == (message.reminder_id, "ride", LATER)


def test_a_text_that_asked_again_and_did_not_arrive_brings_the_nurse_forward():
    first = make_due(state="sent", sent_at=NOW)
    question = make_question(first)
    again = make_sent(journey=first.journey, origin="again", follows=first)
    receipt(again, "undelivered", "30003")
    question.refresh_from_db()
    assert (state_of(again.reminder_id), question.tell_at) == ("failed", LATER)
    assert not WorkItem.objects.exists()
