"""A channel that is slow: what may no longer be sent when its turn comes is not offered, and the order is kept."""

from datetime import timedelta

import pytest

from notifications.channels import Routes
from notifications.channels.base import Channel, Receipt
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import drain
from notifications.dispatcher.due import Share, lock_due
from notifications.dispatcher.send import send
from notifications.dispatcher.start import start
from notifications.models import Message, OutboxEntry
from pathway.models import Reminder
from tests.builders import NOW
from tests.notifications.due import make_due

OUTBOX = Routes({"sms": OutboxChannel()})
pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


class SlowChannel(Channel):
    """Moves the test's clock on with every message that it takes."""

    def __init__(self, *, begins, takes):
        self.now, self.takes = begins, takes
        self.offered = []

    def clock(self):
        return self.now

    def send(self, envelope):
        self.offered.append((envelope, self.now))
        self.now += self.takes
        return Receipt(self.now)

    def look_up(self, sought):
        return None


def test_nothing_is_offered_once_its_usefulness_is_over():
    reminders = [make_due(send_at=NOW - SECOND, useful_until=NOW + 10 * SECOND) for _ in range(6)]
    sms = SlowChannel(begins=NOW, takes=8 * SECOND)
    drained = drain(clock=sms.clock, channels={"sms": sms})
    assert (drained.sent, drained.missed) == (2, 4)
    assert all(at < envelope.useful_until for envelope, at in sms.offered)
    assert sorted(Reminder.objects.values_list("state", flat=True)) == ["missed"] * 4 + ["sent"] * 2
    assert [reminder.journey.work_items.count() for reminder in reminders] == [0, 0, 1, 1, 1, 1]
    assert sorted(Message.objects.values_list("state", flat=True)) == ["failed"] * 4 + ["sent"] * 2
    assert not Message.objects.filter(state="sending").exists()


def test_nothing_is_offered_once_the_sending_hours_are_over():
    evening = NOW.replace(hour=0, minute=59, second=50) + timedelta(days=1)  # 19:59:50 in New York, closed from 20:00
    for _ in range(3):
        make_due(send_at=evening, waits_for_window=True)
    sms = SlowChannel(begins=evening, takes=8 * SECOND)
    drained = drain(clock=sms.clock, channels={"sms": sms})
    assert (drained.sent, drained.waiting) == (2, 1)
    morning = NOW.replace(hour=13) + timedelta(days=1)
    assert Reminder.objects.get(state="planned").run_at == morning


def test_the_outbox_takes_only_those_of_a_group_that_may_still_be_offered():
    make_due(useful_until=NOW + 5 * SECOND)
    make_due()
    started = start(share=Share(10), routes=OUTBOX, clock=lambda: NOW)
    answers = send(started, routes=Routes({"sms": OutboxChannel()}), clock=lambda: NOW + 5 * SECOND)
    assert [type(answer).__name__ for _, answer in answers] == ["NotOffered", "Receipt"]
    assert OutboxEntry.objects.get().reference == started.outgoing[1].message_id


def test_the_start_reads_the_clock_after_it_waited_for_its_rows(monkeypatch):
    make_due(useful_until=NOW + 5 * SECOND)
    now = [NOW]

    def locked_after_a_wait(**named):
        found = lock_due(**named)
        now[0] += 5 * SECOND
        return found

    monkeypatch.setitem(start.__globals__, "lock_due", locked_after_a_wait)
    assert start(share=Share(10), routes=OUTBOX, clock=lambda: now[0]).missed == 1
    assert Reminder.objects.get().started_at is None


def test_messages_due_at_the_same_moment_go_out_in_the_order_of_their_reminders():
    for minutes in (1, 0, 1, 0, 0, 1, 0, 1, 1, 0):
        make_due(send_at=NOW - timedelta(minutes=minutes))
    Reminder.objects.filter(pk__in=Reminder.objects.order_by("-pk").values("pk")[:5]).update(tries=1)
    in_order = list(Reminder.objects.order_by("run_at", "pk").values_list("pk", flat=True))
    assert in_order != sorted(in_order)
    sms = SlowChannel(begins=NOW, takes=timedelta(0))
    drain(clock=sms.clock, channels={"sms": sms})
    messages = Message.objects.in_bulk([envelope.reference for envelope, _ in sms.offered])
    assert [messages[envelope.reference].reminder_id for envelope, _ in sms.offered] == in_order


def test_a_round_takes_its_rows_in_the_order_of_the_queue():
    for minutes in (1, 0, 3, 2, 0, 3):
        make_due(send_at=NOW - timedelta(minutes=minutes))
    in_order = list(Reminder.objects.order_by("run_at", "pk").values_list("pk", flat=True))
    Reminder.objects.filter(pk__in=in_order[:3]).update(tries=1)
    started = start(share=Share(10), routes=OUTBOX, clock=lambda: NOW)
    assert [one.due.pk for one in started.outgoing] == in_order


def test_an_offer_that_could_reach_the_provider_too_late_is_not_begun():
    slow = SlowChannel(begins=NOW, takes=SECOND)
    slow.longest_offer = 10 * SECOND
    late = make_due(useful_until=NOW + 10 * SECOND)
    in_time = make_due(useful_until=NOW + 11 * SECOND)
    drained = drain(clock=slow.clock, channels={"sms": slow})
    assert (drained.missed, drained.sent) == (1, 1)
    assert late.journey.work_items.count() == 1
    assert [envelope.useful_until for envelope, _ in slow.offered] == [in_time.useful_until]
