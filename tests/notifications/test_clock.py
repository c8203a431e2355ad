"""Whose clock counts: the database's, however far off the machine's is."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notifications import clock as clock_module
from notifications import tasks
from notifications.clock import database_clock, note_offset
from notifications.models import OutboxEntry
from pathway.models import Reminder
from tests.notifications.due import make_due_now

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _not_warned_yet():
    clock_module._warned.clear()


@pytest.fixture
def off_by(monkeypatch):
    """Call it to set this machine's clock, as Django reads it, off by so much."""
    right = timezone.now

    def set_off(offset):
        monkeypatch.setattr(timezone, "now", lambda: right() + offset)

    yield set_off
    monkeypatch.undo()


def database_now():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@pytest.mark.servers
@pytest.mark.django_db
@pytest.mark.parametrize("offset", [MINUTE, -MINUTE, timedelta(days=400)])
def test_the_clock_is_the_databases_whatever_the_machines_says(offset, off_by):
    off_by(offset)
    clock = database_clock(local=timezone.now)
    assert abs(clock() - database_now()) < timedelta(seconds=5)
    assert clock().tzinfo is not None


@pytest.mark.servers
@pytest.mark.django_db
def test_a_slow_answer_of_the_database_never_puts_the_clock_ahead(monkeypatch):
    passed = [0.0]
    monkeypatch.setattr(clock_module, "elapsed", lambda: passed[0])

    def slow(execute, *asked):
        answer = execute(*asked)
        passed[0] += 10
        return answer

    with connection.execute_wrapper(slow):
        clock = database_clock(local=timezone.now)
    assert clock() <= database_now()


@pytest.mark.django_db
def test_a_clock_that_jumps_in_the_middle_of_a_round_does_no_harm(monkeypatch):
    clock = database_clock(local=timezone.now)
    before = clock()
    monkeypatch.setattr(timezone, "now", lambda: datetime(2031, 1, 1, tzinfo=UTC))
    readings = [clock() for _ in range(100)]
    assert readings == sorted(readings)
    assert timedelta(0) <= readings[-1] - before < timedelta(seconds=5)


@pytest.mark.django_db
def test_reading_the_clock_asks_the_database_once(django_assert_num_queries):
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 0):
        clock = database_clock(local=timezone.now)
        for _ in range(10):
            clock()


def test_on_the_machines_own_database_its_clock_goes_on_by_itself():
    clock = clock_module.going_on_from(datetime(2027, 3, 1, tzinfo=UTC), read_at=clock_module.elapsed() - 30)
    assert timedelta(seconds=30) <= clock() - datetime(2027, 3, 1, tzinfo=UTC) < timedelta(seconds=31)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_machine_that_is_a_minute_ahead_sends_nothing_early(off_by):
    early, due = make_due_now(now=timezone.now() + MINUTE / 2), make_due_now(now=timezone.now())
    off_by(MINUTE)
    tasks.dispatch_due()
    early.refresh_from_db()
    due.refresh_from_db()
    assert (early.state, due.state) == ("planned", "sent")
    assert abs(due.sent_at - database_now()) < timedelta(seconds=10)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_machine_that_is_a_minute_behind_sends_nothing_past_its_usefulness(off_by):
    now = timezone.now()
    late = make_due_now(now=now - MINUTE, useful_until=now - MINUTE / 2)
    due = make_due_now(now=now - MINUTE / 2)
    off_by(-MINUTE)
    tasks.dispatch_due()
    assert Reminder.objects.get(pk=late.pk).state == "missed"
    assert Reminder.objects.get(pk=due.pk).state == "sent"
    assert OutboxEntry.objects.count() == 1


@pytest.mark.servers
@pytest.mark.django_db
def test_two_machines_two_minutes_apart_agree_on_when_a_lease_ends(off_by):
    off_by(-MINUTE)
    behind = database_clock(local=timezone.now)
    off_by(MINUTE)
    ahead = database_clock(local=timezone.now)
    assert abs(ahead() - behind()) < timedelta(seconds=5)


def test_a_clock_that_is_far_off_is_warned_of_once_each_time(caplog):
    with caplog.at_level(logging.WARNING):
        for seconds in (1, 6, 7, 61, 0, -6):
            note_offset(timedelta(seconds=seconds))
    assert [record.getMessage() for record in caplog.records] == [
        "this machine's clock is 6 s ahead of the database's, which counts",
        "this machine's clock is 6 s behind the database's, which counts",
    ]
