"""How the dispatcher's lag is measured."""

from datetime import timedelta

import pytest

from notifications.dispatcher.claim import claim
from notifications.queries.health import dispatch_health, dispatch_lag, next_run_at
from tests.builders import NOW
from tests.notifications.due import drain_at, make_due

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
    claim(now=NOW, limit=10)
    assert dispatch_lag(now=NOW) == timedelta(minutes=3)


def test_a_reminder_that_waits_for_a_retry_is_not_lag():
    make_due(send_at=NOW - timedelta(hours=1), run_at=NOW + timedelta(minutes=5))
    assert dispatch_lag(now=NOW) == timedelta(0)


def test_every_state_is_counted_also_those_with_none():
    make_due()
    make_due(useful_until=NOW)
    drain_at(NOW)
    counts = dispatch_health(now=NOW).by_state
    assert (counts["sent"], counts["missed"], counts["failed"]) == (1, 1, 0)


def test_the_next_due_time_is_that_of_the_first_planned_reminder():
    assert next_run_at() is None
    make_due(send_at=NOW + timedelta(hours=2))
    make_due(send_at=NOW + timedelta(hours=1))
    assert next_run_at() == NOW + timedelta(hours=1)
