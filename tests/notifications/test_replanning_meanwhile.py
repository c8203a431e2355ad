"""Procedures are moved and cancelled while dispatchers run: no deadlock, no old words, nothing twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from notifications.dispatcher import drain
from notifications.models import Message, OutboxEntry
from pathway.actions.journeys import book, cancel
from pathway.models import Journey, Reminder
from tests.builders import NOW, make_journey

pytestmark = pytest.mark.django_db(transaction=True)

JOURNEYS = 12
DUE = NOW + timedelta(days=7, minutes=1)  # the ride reminder of a procedure two weeks after NOW is due then


def in_thread(work):
    """Call `work` and leave no connection behind."""
    try:
        return work()
    finally:
        connection.close()


def drain_for_a_while():
    """Many drains in a row, small claims, so that they meet the replans."""
    for _ in range(25):
        drain(clock=lambda: DUE, limit=3)


def move_back_and_forth(journeys):
    """Move every procedure a day earlier, back and again, and call one in three off: each plan has something due."""
    for turn in range(3):
        for index, journey in enumerate(journeys):
            if index % 3 == 0 and turn == 2:
                cancel(journey=journey, reason="ill", by=None, now=DUE)
            else:
                book(journey=journey, key="procedure", at=NOW + timedelta(days=13 + turn % 2), by=None, now=DUE)


def test_moving_and_cancelling_while_dispatchers_run_never_deadlocks_or_doubles():
    journeys = [make_journey() for _ in range(JOURNEYS)]
    halves = [journeys[: JOURNEYS // 2], journeys[JOURNEYS // 2 :]]
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(in_thread, drain_for_a_while) for _ in range(2)]
        runs += [pool.submit(in_thread, lambda half=half: move_back_and_forth(half)) for half in halves]
        for run in runs:
            run.result(timeout=120)
    drain(clock=lambda: DUE)
    assert not OutboxEntry.objects.exclude(times_offered=1).exists()
    per_reminder = Counter(Message.objects.filter(state="sent").values_list("reminder_id", flat=True))
    assert set(per_reminder.values()) == {1}
    assert OutboxEntry.objects.count() == sum(per_reminder.values())
    assert not Reminder.objects.filter(state__in=["claimed", "unknown"]).exists()
    assert not Reminder.objects.filter(state="planned", run_at__lte=DUE).exists()


def test_what_a_journey_is_told_last_is_what_is_true():
    journeys = [make_journey() for _ in range(JOURNEYS)]
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(in_thread, drain_for_a_while) for _ in range(2)]
        runs.append(pool.submit(in_thread, lambda: move_back_and_forth(journeys)))
        for run in runs:
            run.result(timeout=120)
    drain(clock=lambda: DUE)
    for journey in Journey.objects.exclude(state="cancelled"):
        booked = journey.milestones.get(key="procedure").at.astimezone(journey.patient.tz).date().isoformat()
        rides = journey.reminders.filter(base_key__startswith="ride/week-before").order_by("sent_at", "id")
        told = [reminder.says["day"] for reminder in rides.filter(state="sent")]
        to_come = [reminder.says["day"] for reminder in rides.filter(state__in=["planned", "missed"])]
        assert (told + to_come)[-1] == booked
