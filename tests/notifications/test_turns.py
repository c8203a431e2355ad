"""Whose turn it is: an account's rate over all dispatchers, and a backlog that is fair and most urgent first."""

from datetime import timedelta

import pytest

from notifications.channels import Routes
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher.budget import take_tokens
from notifications.dispatcher.due import Share, urgent_due
from notifications.dispatcher.lanes import BACKLOG_AFTER, lanes_of
from notifications.models import Message
from pathway.models import Reminder
from tests.builders import NOW, make_clinic, make_patient
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def limited(account, per_second):
    """A channel whose account may take so many a second."""
    channel = ScriptedChannel(honours_reference=True)
    channel.account, channel.per_second = account, per_second
    return channel


def make_due_in(clinic, count, **fields):
    """Due reminders of one clinic, each of its own patient."""
    return [make_due(make_bare_journey(make_patient(clinic)), **fields) for _ in range(count)]


def test_no_more_goes_out_than_the_account_may_be_handed():
    make_due_in(make_clinic(), 30)
    sms = limited("ours", 2.0)
    assert drain_at(NOW, channels={"sms": sms}).sent == 10  # five seconds' worth in a full bucket
    assert drain_at(NOW, channels={"sms": sms}).claimed == 0
    assert Reminder.objects.filter(state="planned").count() == 20  # not leased either: nothing waits in vain
    assert drain_at(NOW + 3 * SECOND, channels={"sms": sms}).sent == 6
    assert drain_at(NOW + 60 * SECOND, channels={"sms": sms}).sent == 10


def test_what_is_not_started_costs_no_token():
    make_due_in(make_clinic(), 3)
    sms = limited("ours", 2.0)
    assert drain_at(NOW, channels={"sms": sms}).sent == 3
    assert take_tokens("ours", wanted=50, per_second=2.0, now=NOW) == 7


def test_a_slow_account_sends_at_least_one_at_a_time():
    make_due_in(make_clinic(), 2)
    sms = limited("ours", 0.1)
    assert drain_at(NOW, channels={"sms": sms}).sent == 1
    assert drain_at(NOW + 9 * SECOND, channels={"sms": sms}).sent == 0
    assert drain_at(NOW + 10 * SECOND, channels={"sms": sms}).sent == 1


def test_a_clinic_whose_account_has_nothing_left_holds_up_no_other():
    slow, quick = make_clinic(), make_clinic()
    make_due_in(slow, 20, send_at=NOW - SECOND)
    make_due_in(quick, 20)
    routes = Routes({"sms": OutboxChannel()}, {slow.pk: {"sms": limited("slow", 1.0)}})
    assert drain_at(NOW, channels=routes).sent == 25
    assert Message.objects.filter(journey__clinic=quick, state="sent").count() == 20


def test_clinics_without_limits_share_one_lane_and_those_of_one_account_another():
    free, limited_one = OutboxChannel(), limited("shared", 3.0)
    assert [lane.rates for lane in lanes_of(Routes({"sms": free}))] == [{}]
    routes = Routes({"sms": free}, {1: {"sms": limited_one}, 2: {"sms": limited_one}, 3: {"email": OutboxChannel()}})
    everyone, theirs = lanes_of(routes)
    assert (everyone.clinics, set(everyone.but_not), everyone.rates) == (None, {1, 2}, {})
    assert (set(theirs.clinics), theirs.rates) == ({1, 2}, {"shared": 3.0})


def test_a_backlog_goes_most_urgent_first_and_gives_each_clinic_its_turn():
    crowded, small = make_clinic(), make_clinic()
    long_ago = NOW - timedelta(hours=1)
    make_due_in(crowded, 6, send_at=long_ago, useful_until=NOW + timedelta(days=2))
    urgent = make_due_in(crowded, 2, send_at=NOW - SECOND, useful_until=NOW + timedelta(minutes=20))
    theirs = make_due_in(small, 2, send_at=NOW - SECOND, useful_until=NOW + timedelta(days=3))
    first = urgent_due(now=NOW, share=Share(100), limit=100)
    assert first[:2] == [one.pk for one in urgent]
    assert {one.pk for one in theirs} < set(first)
    sms = ScriptedChannel()
    drain_at(NOW, channels={"sms": sms}, limit=2)
    reminders = {message.pk: message.reminder_id for message in Message.objects.all()}
    order = [reminders[envelope.reference] for envelope in sms.offered]
    assert order[2:4] == [one.pk for one in urgent]  # after the group that showed that there is a backlog
    assert len(order) == len(set(order)) == 10


def test_before_a_backlog_the_queue_is_the_order():
    make_due_in(make_clinic(), 3, send_at=NOW - BACKLOG_AFTER)
    (urgent,) = make_due_in(make_clinic(), 1, useful_until=NOW + timedelta(minutes=5))
    sms = ScriptedChannel()
    drain_at(NOW, channels={"sms": sms}, limit=2)
    assert Message.objects.get(pk=sms.offered[-1].reference).reminder_id == urgent.pk
