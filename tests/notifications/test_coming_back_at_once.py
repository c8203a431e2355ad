"""The same things coming back twice at the same moment, and while dispatchers send."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from notifications.channels.base import Receipt
from notifications.dispatcher import drain
from notifications.models import Message, OutboxEntry
from notifications.replies.receipts import apply_receipt
from notifications.replies.stop_by_email import stop_by_link
from notifications.stop_links import stop_url
from pathway.models import JourneyEvent, Reminder, WorkItem
from patients.models import Patient
from tests.builders import NOW, make_patient
from tests.notifications.coming_back import make_sent, number_of, says, text_from
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.pathway.questions import make_question

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 4


def at_once(act: Callable[[], object], times: int = AT_ONCE) -> list[object]:
    """Do the same in several threads at the same moment; what each came to."""
    barrier = Barrier(times)

    def one() -> object:
        try:
            barrier.wait(timeout=10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [run.result(timeout=60) for run in [pool.submit(one) for _ in range(times)]]


@pytest.mark.parametrize(("status", "code"), [("delivered", ""), ("undelivered", "30005")])
def test_the_same_receipt_at_the_same_moment_counts_once(status, code):
    message = make_sent()
    later = NOW + timedelta(minutes=1)
    changed = at_once(lambda: apply_receipt(message_id=message.pk, status=status, code=code, now=later))
    assert sorted(map(bool, changed)) == [False] * (AT_ONCE - 1) + [True]
    assert WorkItem.objects.count() == (status == "undelivered")


def test_receipts_that_contradict_each_other_end_as_delivered():
    for _ in range(5):
        message = make_sent()
        statuses = iter(["undelivered", "delivered", "sent", "failed"])
        at_once(lambda: apply_receipt(message_id=message.pk, status=next(statuses), code="30003", now=NOW))  # noqa: B023
        message.refresh_from_db()
        assert (message.state, message.reminder.state) == ("delivered", "delivered")
        assert not WorkItem.objects.exclude(state="resolved").exists()


def test_the_same_text_at_the_same_moment_is_kept_once():
    patient = make_bare_journey().patient
    received = at_once(lambda: says(patient, "fever", reference="SM1"))
    assert sorted(received) == [False] * (AT_ONCE - 1) + [True]
    assert (Message.objects.count(), WorkItem.objects.count()) == (1, 1)


def test_the_same_answer_at_the_same_moment_counts_once():
    question = make_question(make_sent().reminder)
    at_once(lambda: says(question.journey.patient, "C", reference="SM1"))
    assert Message.objects.filter(incoming=True).count() == 1
    assert JourneyEvent.objects.filter(kind="answered").count() == 1


def test_two_stops_at_the_same_moment_are_confirmed_once():
    patient = make_bare_journey().patient
    at_once(lambda: says(patient, "STOP"))
    assert Message.objects.count() == AT_ONCE
    assert Reminder.objects.filter(origin="answer").count() == 1
    assert JourneyEvent.objects.filter(kind="messages-stopped").count() == 1


def test_the_link_in_an_email_pressed_several_times_at_the_same_moment_counts_once():
    message = make_sent()
    token = stop_url(message.pk).rpartition("/")[2]
    at_once(lambda: stop_by_link(token=token, now=NOW))
    assert Message.objects.filter(incoming=True).count() == 1
    assert Reminder.objects.filter(origin="answer").count() == 1


def test_a_stop_while_a_batch_is_being_sent_holds_for_all_that_was_not_started():
    patient = make_patient()
    journey = make_bare_journey(patient)
    for index in range(6):
        make_due(journey, send_at=NOW - timedelta(minutes=9 - index), text="home", says={}, needs_booked="")

    class StopsMidway(ScriptedChannel):
        def send(self, envelope):
            if not self.offered:
                text_from(number_of(patient), "STOP", clinics=[patient.clinic_id])
            self.offered.append(envelope)
            return Receipt(envelope.offered_at)

    sms = StopsMidway()
    drain(clock=lambda: NOW, limit=2, channels={"sms": sms})
    planned = [envelope for envelope in sms.offered if "no more texts" not in envelope.body]
    assert len(planned) == 2  # those whose sending was begun; the confirmation of the stop may go out as well
    assert Patient.objects.get(pk=patient.pk).stopped_at == NOW
    states = list(Reminder.objects.filter(origin="plan").order_by("send_at").values_list("state", flat=True))
    assert states == ["sent", "sent", "missed", "missed", "missed", "missed"]
    assert WorkItem.objects.filter(kind="missed-message").exists()


def test_receipts_and_replies_while_dispatchers_run_never_deadlock_or_double():
    journeys = [make_bare_journey() for _ in range(6)]
    for journey in journeys:
        for _ in range(4):
            make_due(journey)

    def send_and_answer() -> None:
        for _ in range(3):
            drain_at(NOW)
            for pk in Message.objects.filter(incoming=False).values_list("pk", flat=True):
                apply_receipt(message_id=pk, status="delivered", code="", now=NOW)
            for journey in journeys:
                says(journey.patient, "hello")

    at_once(send_and_answer, times=3)
    assert not Reminder.objects.exclude(state="delivered").exists()
    assert not OutboxEntry.objects.exclude(times_offered=1).exists()
    assert OutboxEntry.objects.count() == 24
