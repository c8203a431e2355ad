"""The broker only wakes the dispatcher: what it loses is late, never lost, and what it doubles does no harm."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from config.celery import app
from notifications.models import OutboxEntry
from pathway.models import Reminder
from tests.notifications.due import make_due_now
from tests.processes import wait_for

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

OFTEN = {"MILEPOST_DISPATCH_EVERY": "0.5"}


def test_an_emptied_broker_only_delays(start_worker, broker_emptied):
    make_due_now(now=timezone.now())
    for _ in range(5):
        app.send_task("notifications.dispatch_due")
    assert broker_emptied() >= 1
    worker = start_worker(beat=True, environ=OFTEN)
    wait_for(lambda: OutboxEntry.objects.count() == 1, seconds=20)
    broker_emptied()
    make_due_now(now=timezone.now())
    wait_for(lambda: OutboxEntry.objects.count() == 2, seconds=20)
    assert worker.answers()


def test_two_beats_and_a_flood_of_wake_ups_send_each_once(start_worker):
    workers = [start_worker(beat=True, environ=OFTEN) for _ in range(2)]
    now = timezone.now()
    for index in range(40):
        make_due_now(now=now + timedelta(milliseconds=50 * index))
    for _ in range(20):
        app.send_task("notifications.dispatch_due")
    wait_for(lambda: not Reminder.objects.exclude(state="sent").exists(), seconds=30)
    assert len(workers) == 2
    assert OutboxEntry.objects.count() == 40
    assert not OutboxEntry.objects.exclude(times_offered=1).exists()


def test_a_worker_killed_with_work_in_hand_is_replaced_without_a_double(start_worker):
    first = start_worker(beat=True, environ=OFTEN)
    for _ in range(30):
        make_due_now(now=timezone.now())
    first.kill()
    Reminder.objects.filter(state="claimed").update(claimed_until=timezone.now())  # as if a minute had passed
    start_worker(beat=True, environ=OFTEN)
    wait_for(lambda: not Reminder.objects.exclude(state="sent").exists(), seconds=30)
    assert Counter(OutboxEntry.objects.values_list("times_offered", flat=True)) == {1: 30}


def test_a_worker_whose_clock_is_a_minute_ahead_of_beats_still_takes_its_wake_ups(start_worker):
    expires = settings.CELERY_BEAT_SCHEDULE["dispatch"]["options"]["expires"]
    start_worker()
    make_due_now(now=timezone.now())
    app.send_task("notifications.dispatch_due", expires=timezone.now() + timedelta(seconds=expires - 60))
    wait_for(lambda: OutboxEntry.objects.count() == 1, seconds=20)


def test_a_worker_that_comes_back_drops_the_wake_ups_that_piled_up(start_worker):
    for _ in range(50):
        app.send_task("notifications.dispatch_due", expires=timezone.now() - timedelta(seconds=1))
    worker = start_worker()
    wait_for(lambda: worker.log().count("Discarding revoked task") == 50, seconds=20)
    assert "succeeded" not in worker.log()
