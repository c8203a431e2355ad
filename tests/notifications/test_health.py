"""How the dispatcher's lag is measured."""

from datetime import timedelta

import pytest
from django.db import connection

from notifications.channels import Routes
from notifications.channels.base import LookUp, NoAnswer
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher.due import LOCK, Share, adapted
from notifications.dispatcher.start import start
from notifications.models import StrayMessage
from notifications.queries.health import dispatch_health, dispatch_lag, next_run_at
from pathway.models import Priority, Reminder, WorkItem
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due

pytestmark = pytest.mark.django_db


def test_nothing_due_is_no_lag():
    make_due(send_at=NOW + timedelta(hours=1))
    health = dispatch_health(now=NOW)
    assert (health.lag, health.due, dispatch_lag(now=NOW)) == (timedelta(0), 0, timedelta(0))


def test_the_lag_is_the_age_of_the_oldest_due_unsent_reminder():
    make_due(send_at=NOW - timedelta(minutes=3))
    make_due(send_at=NOW - timedelta(minutes=1))
    health = dispatch_health(now=NOW)
    assert (health.lag, health.due) == (timedelta(minutes=3), 2)
    assert dispatch_lag(now=NOW) == timedelta(minutes=3)
    drain_at(NOW)
    assert dispatch_lag(now=NOW) == timedelta(0)


def test_a_claimed_reminder_that_is_not_sent_still_counts():
    make_due(send_at=NOW - timedelta(minutes=3))
    start(share=Share(10), routes=Routes({"sms": OutboxChannel()}), clock=lambda: NOW)
    assert dispatch_lag(now=NOW) == timedelta(minutes=3)


def test_a_reminder_that_waits_for_a_retry_is_not_lag():
    make_due(send_at=NOW - timedelta(hours=1), run_at=NOW + timedelta(minutes=5))
    assert dispatch_lag(now=NOW) == timedelta(0)


def test_what_a_dispatcher_holds_is_counted_apart_from_what_waits_for_one():
    for _ in range(3):
        make_due()
    start(share=Share(2), routes=Routes({"sms": OutboxChannel()}), clock=lambda: NOW)
    health = dispatch_health(now=NOW)
    assert (health.due, health.claimed) == (1, 2)


def test_a_message_without_an_answer_is_unsettled_until_a_person_has_it():
    make_due(useful_until=NOW + timedelta(hours=3))
    silent = ScriptedChannel(NoAnswer("timeout"))
    silent.evidence = lambda _: LookUp.UNSUPPORTED
    drain_at(NOW, channels={"sms": silent})
    assert dispatch_health(now=NOW).unsettled == 1
    drain_at(NOW + timedelta(minutes=2), channels={"sms": silent})
    health = dispatch_health(now=NOW + timedelta(minutes=2))
    assert (health.unsettled, health.work_items[Priority.ROUTINE]) == (0, 0)
    assert sum(health.work_items.values()) == 1


def test_only_what_is_not_done_is_counted_among_the_work_items():
    clinic = make_bare_journey().clinic
    make_due(useful_until=NOW)
    make_due(useful_until=NOW)
    drain_at(NOW)
    WorkItem.objects.filter(pk=WorkItem.objects.first().pk).update(
        state="resolved", resolved_at=NOW, outcome="Spoke with the patient"
    )
    StrayMessage.objects.create(clinic=clinic, channel="sms", address="+12025550100", why="?", received_at=NOW)
    health = dispatch_health(now=NOW)
    assert (sum(health.work_items.values()), health.strays) == (1, 1)


def test_the_age_of_the_newest_message_is_told_once_there_is_one():
    make_due()
    assert dispatch_health(now=NOW).last_sent_age is None
    drain_at(NOW)
    assert dispatch_health(now=NOW + timedelta(minutes=4)).last_sent_age == timedelta(minutes=4)


def test_the_next_due_time_is_that_of_the_first_planned_reminder():
    assert next_run_at() is None
    make_due(send_at=NOW + timedelta(hours=2))
    make_due(send_at=NOW + timedelta(hours=1))
    assert next_run_at() == NOW + timedelta(hours=1)


def test_a_tick_with_nothing_due_reads_indexes_only_however_many_wait():
    journey = make_bare_journey()
    waiting = [make_due(journey, send_at=NOW + timedelta(days=1)) for _ in range(2)]
    Reminder.objects.bulk_create(
        Reminder(**{**values_of(waiting[0]), "key": f"ride/week-before/more-{number}"}) for number in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    seen = []

    def notice(execute, sql, params, many, context):
        if "pathway_reminder" in sql:
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(notice):
        drain_at(NOW)
        dispatch_lag(now=NOW)
    assert len(seen) >= 4
    lock = LOCK.format(mine="", lock="" if connection.vendor == "sqlite" else "FOR NO KEY UPDATE SKIP LOCKED")
    seen.append((lock, {"now": adapted(NOW), "limit": 100}))
    for sql, params in seen:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}", params)
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "reminder_" in plan
        assert "Seq Scan" not in plan


def values_of(reminder):
    """The columns of a row without its key, for a copy."""
    return {field.attname: getattr(reminder, field.attname) for field in reminder._meta.fields if not field.primary_key}
