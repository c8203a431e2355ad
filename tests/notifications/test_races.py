"""Between the stages of a drain: cancellations, replans, lost leases, other dispatchers."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from notifications.channels import Routes
from notifications.channels.base import ChannelError
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE, drain
from notifications.dispatcher.due import Share
from notifications.dispatcher.record import record
from notifications.dispatcher.rescue import rescue
from notifications.dispatcher.send import send
from notifications.dispatcher.settle import settle
from notifications.dispatcher.start import start
from notifications.models import DeliveryAttempt, Message, OutboxEntry
from pathway.actions.journeys import book, cancel
from pathway.models import Reminder
from tests.builders import NOW, make_journey
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db

OUTBOX = Routes({"sms": OutboxChannel()})
LEASE_OVER = NOW + LEASE


def start_now(now=NOW, limit=10):
    """Begin the sending of what is due."""
    return start(share=Share(limit), routes=OUTBOX, clock=lambda: now)


def started_by_a_worker_that_dies(*, offered):
    """A reminder whose worker got as far as the start, or as far as the provider."""
    reminder = make_due()
    started = start_now()
    if offered:
        send(started, routes=OUTBOX, clock=lambda: NOW)
    return reminder


def test_a_start_is_a_lease_with_a_token_and_a_message_written_before_any_offer():
    reminder = make_due()
    started = start_now()
    reminder.refresh_from_db()
    assert (reminder.state, reminder.claim_token, reminder.claimed_until) == ("claimed", started.token, LEASE_OVER)
    assert (reminder.started_at, reminder.tries) == (NOW, 1)
    message = Message.objects.get()
    assert (message.pk, message.state, message.offered_at) == (started.outgoing[0].message_id, "sending", NOW)
    assert not OutboxEntry.objects.exists()
    assert start_now().taken == 0


def test_rounds_go_by_due_time_and_take_no_more_than_asked():
    late, early = make_due(send_at=NOW - timedelta(minutes=1)), make_due(send_at=NOW - timedelta(hours=1))
    assert [one.due.pk for one in start_now(limit=1).outgoing] == [early.pk]
    assert [one.due.pk for one in start_now(limit=1).outgoing] == [late.pk]


def test_a_round_may_be_for_some_clinics_only():
    ours, theirs = make_due(), make_due()
    share = Share(10, clinics=[theirs.clinic_id])
    started = start(share=share, routes=OUTBOX, clock=lambda: NOW)
    assert [one.due.pk for one in started.outgoing] == [theirs.pk]
    ours.refresh_from_db()
    assert ours.state == "planned"


@pytest.mark.servers
def test_a_cancellation_that_is_being_written_is_neither_waited_for_nor_overtaken(transactional_db):
    due = NOW + timedelta(days=7, minutes=1)
    journey = make_journey()
    Reminder.objects.exclude(base_key="ride/week-before").delete()
    Reminder.objects.update(run_at=due)
    written, looked = threading.Event(), threading.Event()

    def cancel_slowly():
        with transaction.atomic():
            cancel(journey=journey, reason="patient ill", by=None, now=due)
            written.set()
            looked.wait(10)
        connection.close()

    thread = threading.Thread(target=cancel_slowly)
    thread.start()
    assert written.wait(10)
    assert drain_at(due).claimed == 0  # the row is the cancellation's
    looked.set()
    thread.join()
    assert drain_at(due).claimed == 0
    assert Reminder.objects.get(base_key="ride/week-before").state == "withdrawn"
    assert not Message.objects.exists()


@pytest.mark.servers
def test_a_cancellation_waits_for_a_start_that_is_being_written_and_then_corrects(transactional_db):
    journey = make_journey(milestones={"consult": NOW + timedelta(days=2, hours=5)})
    Reminder.objects.exclude(base_key="consult/two-days-before").delete()
    due = Reminder.objects.get().send_at
    begun = threading.Event()

    class Hesitates(OutboxChannel):
        def send_many(self, envelopes, *, may_offer):
            begun.set()
            time.sleep(0.2)
            return super().send_many(envelopes, may_offer=may_offer)

    def drain_slowly():
        drain_at(due, channels={"sms": Hesitates()})
        connection.close()

    thread = threading.Thread(target=drain_slowly)
    thread.start()
    assert begun.wait(10)
    cancel(journey=journey, reason="patient ill", by=None, now=due)
    thread.join()
    drain_at(due)
    states = dict(Reminder.objects.values_list("base_key", "state"))
    assert states == {"consult/two-days-before": "sent", "consult/two-days-before/cancelled": "sent"}
    assert OutboxEntry.objects.count() == 2


@pytest.mark.parametrize("how", ["stopped", "opted-out", "revoked"])
def test_a_patient_who_said_stop_a_moment_ago_is_left_in_peace(how):
    reminder = make_due()
    patient = reminder.journey.patient
    if how == "stopped":
        type(patient).objects.update(stopped_at=NOW)
    elif how == "opted-out":
        patient.contacts.update(opted_out_at=NOW)
    else:
        patient.consents.update(revoked_at=NOW)
    assert drain_at(NOW).missed == 1
    assert reminder.journey.work_items.count() == 1
    assert not OutboxEntry.objects.exists()


def test_nothing_starts_once_its_usefulness_or_the_window_is_over():
    make_due(useful_until=NOW + timedelta(seconds=5))
    assert start_now(NOW + timedelta(seconds=5)).outgoing == []
    assert Reminder.objects.get().state == "missed"
    make_due(send_at=NOW.replace(hour=0, minute=59) + timedelta(days=1))  # 19:59 in New York
    assert start_now(NOW.replace(hour=1) + timedelta(days=1)).outgoing == []
    assert list(Reminder.objects.values_list("state", flat=True)) == ["missed", "missed"]


def test_a_worker_that_died_after_sending_is_settled_by_look_up():
    reminder = started_by_a_worker_that_dies(offered=True)
    drained = drain_at(LEASE_OVER)
    assert (drained.rescued, drained.settled, drained.claimed) == (1, 1, 0)
    reminder.refresh_from_db()
    assert (reminder.state, reminder.sent_at) == ("sent", NOW)
    assert OutboxEntry.objects.get().times_offered == 1
    assert DeliveryAttempt.objects.get().outcome == "unknown"


def test_a_worker_that_died_before_sending_is_settled_by_sending():
    reminder = started_by_a_worker_that_dies(offered=False)
    assert drain_at(LEASE_OVER).sent == 1
    reminder.refresh_from_db()
    assert (reminder.state, Message.objects.count(), OutboxEntry.objects.count()) == ("sent", 1, 1)


def test_a_worker_that_died_and_a_message_of_no_more_use_is_still_looked_up():
    reminder = started_by_a_worker_that_dies(offered=True)
    assert drain_at(NOW + timedelta(days=3)).settled == 1
    reminder.refresh_from_db()
    assert reminder.state == "sent"


def test_an_answer_that_comes_after_the_rescue_is_still_believed():
    reminder = make_due()
    started = start_now()
    answered = send(started, routes=OUTBOX, clock=lambda: NOW)
    rescue(now=LEASE_OVER, limit=10)
    assert record(answered, started, now=LEASE_OVER, seed=0).total() == 0
    assert Message.objects.get().state == "sent"
    drain_at(LEASE_OVER, channels={"sms": ScriptedChannel()})
    reminder.refresh_from_db()
    assert (reminder.state, OutboxEntry.objects.count()) == ("sent", 1)


def test_an_answer_after_the_row_was_planned_again_sends_nothing_twice():
    reminder = make_due()
    started = start_now()
    answered = send(started, routes=OUTBOX, clock=lambda: NOW)
    rescue(now=LEASE_OVER, limit=10)
    settle(now=LEASE_OVER, limit=10, routes=Routes({"sms": nothing_taken()}))
    record(answered, started, now=LEASE_OVER, seed=0)
    assert drain_at(LEASE_OVER).sent == 1
    reminder.refresh_from_db()
    assert (reminder.state, OutboxEntry.objects.get().times_offered) == ("sent", 1)


def nothing_taken():
    """A provider that says it never took anything."""
    channel = ScriptedChannel()
    channel.look_up = lambda _: None
    return channel


def test_an_answer_for_a_row_that_somebody_else_holds_changes_nothing_of_it():
    reminder = make_due()
    started = start_now()
    answered = send(started, routes=OUTBOX, clock=lambda: NOW)
    other = uuid4()
    Reminder.objects.update(claim_token=other)
    assert record(answered, started, now=NOW, seed=0).total() == 0
    reminder.refresh_from_db()
    assert (reminder.state, reminder.claim_token) == ("claimed", other)


def test_two_settlers_do_not_act_on_the_same_evidence():
    started_by_a_worker_that_dies(offered=True)
    rescue(now=LEASE_OVER, limit=10)
    second = []

    class Slow(OutboxChannel):
        def look_up(self, sought):
            second.append(settle(now=LEASE_OVER, limit=10, routes=OUTBOX))
            return super().look_up(sought)

    assert settle(now=LEASE_OVER, limit=10, routes=Routes({"sms": Slow()})) == 1
    assert second == [0]


def test_a_lease_that_runs_out_while_sending_gives_the_rest_back_unoffered():
    for _ in range(3):
        make_due()
    ticks = iter([timedelta(0)] * 7 + [LEASE] * 50)
    sms = ScriptedChannel()
    drained = drain(clock=lambda: NOW + next(ticks), channels={"sms": sms})
    assert (drained.retried, drained.sent) == (3, 3)
    assert len(sms.offered) == 3
    assert DeliveryAttempt.objects.filter(outcome="temporary").count() == 3


def test_a_dispatcher_that_is_asked_to_stop_finishes_its_group_and_takes_no_other():
    for _ in range(3):
        make_due()
    asked = iter([False, True])
    drained = drain_at(NOW, stopping=lambda: next(asked, True), limit=2)
    assert (drained.claimed, drained.sent) == (2, 2)
    assert Reminder.objects.filter(state="planned", claim_token=None).count() == 1


def test_no_transaction_is_held_while_a_provider_is_called(transactional_db):
    make_due()
    seen = []

    class Watching(OutboxChannel):
        def send_many(self, envelopes, *, may_offer):
            seen.append(connection.in_atomic_block)
            return super().send_many(envelopes, may_offer=may_offer)

    drain_at(NOW, channels={"sms": Watching()})
    assert seen == [False]


def test_offering_a_reference_twice_keeps_one_entry_and_counts():
    reminder = make_due()
    started = start_now()
    first = send(started, routes=OUTBOX, clock=lambda: NOW)
    again = send(started, routes=OUTBOX, clock=lambda: NOW + timedelta(seconds=9))
    assert first[0][1] == again[0][1]
    assert OutboxEntry.objects.get().times_offered == 2
    assert not isinstance(again[0][1], ChannelError)
    assert reminder.pk == first[0][0].due.pk


def ride_of_a_planned_journey():
    """A planned journey with nothing but its ride reminder left, and the moment it is due."""
    journey = make_journey()
    Reminder.objects.exclude(base_key="ride/week-before").delete()
    return journey, Reminder.objects.get().send_at


def test_old_words_that_a_provider_refused_are_never_offered_again_after_a_move():
    journey, due = ride_of_a_planned_journey()

    class MovesMeanwhile(ScriptedChannel):
        def send(self, envelope):
            if not self.offered:
                book(journey=journey, key="procedure", at=NOW + timedelta(days=15), by=None, now=due)
            return super().send(envelope)

    sms = MovesMeanwhile(ChannelError(permanent=False, code="busy", message="later"))
    for minutes in (0, 5, 2000):
        drain_at(due + timedelta(minutes=minutes), channels={"sms": sms})
    assert "Mar 15" in sms.offered[0].body
    assert sms.offered[1:]
    assert all("Mar 16" in one.body for one in sms.offered[1:])


def test_a_row_that_turns_out_right_after_a_replan_goes_out():
    journey, due = ride_of_a_planned_journey()
    journey.plan_version += 1
    journey.save()
    assert drain_at(due).sent == 1


def test_a_journey_that_cannot_be_planned_goes_to_a_person_and_stops_nobody(monkeypatch):
    overtaken = make_due()
    type(overtaken.journey).objects.update(plan_version=7)
    make_due()

    def broken(journey, **_):
        raise RuntimeError("no plan")

    monkeypatch.setattr("notifications.dispatcher.overtaken.replan", broken)
    drained = drain_at(NOW)
    assert (drained.sent, drained.missed) == (1, 1)
    assert "could not be made anew" in overtaken.journey.work_items.get().why
