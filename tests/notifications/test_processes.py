"""Real processes: many dispatchers on the same rows, and dispatchers killed with -9 at any line."""

import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from notifications.dispatcher import LEASE, drain
from notifications.models import Message, OutboxEntry
from notifications.tasks import dispatch_due
from pathway.models import Reminder
from tests.builders import NOW
from tests.notifications.due import drain_at, make_bare_journey, make_due, make_due_now
from tests.notifications.mortal import LINES
from tests.processes import wait_for
from tests.workers import child_environment

pytestmark = pytest.mark.django_db(transaction=True)


def start_dispatcher(go: Path, *, line: str = "none", limit: int = 500) -> subprocess.Popen:
    """A dispatcher in a process of its own that begins when `go` exists."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.mortal", line, str(limit), str(go)],
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )


def make_many_due(number: int) -> None:
    """Due reminders of a few journeys."""
    journeys = [make_bare_journey() for _ in range(5)]
    for index in range(number):
        make_due(journeys[index % 5])


def assert_each_was_sent_exactly_once(number: int) -> None:
    """Every reminder is sent, by one message, which the outbox was offered once."""
    assert Counter(Reminder.objects.values_list("state", flat=True)) == {"sent": number}
    sent = Counter(Message.objects.filter(state="sent").values_list("reminder_id", flat=True))
    assert len(sent) == number
    assert set(sent.values()) == {1}
    assert OutboxEntry.objects.count() == number
    assert not OutboxEntry.objects.exclude(times_offered=1).exists()
    references = set(Message.objects.filter(state="sent").values_list("id", flat=True))
    assert references == set(OutboxEntry.objects.values_list("reference", flat=True))


def test_processes_that_claim_the_same_rows_send_each_once(tmp_path):
    make_many_due(150)
    go = tmp_path / "go"
    dispatchers = [start_dispatcher(go, limit=10) for _ in range(3)]
    for one in dispatchers:
        assert one.stdout.readline() == "READY\n"
    go.touch()
    shares = [one.communicate(timeout=60)[0].split() for one in dispatchers]
    assert [one.returncode for one in dispatchers] == [0, 0, 0]
    assert sum(int(sent) for _, sent in shares) == 150
    if connection.vendor == "postgresql":  # SQLite has one writer, which may be the same one fifteen times
        assert sum(int(sent) > 0 for _, sent in shares) >= 2
    assert_each_was_sent_exactly_once(150)


def test_threads_that_claim_the_same_rows_send_each_once():
    make_many_due(60)

    def drain_in_thread(_) -> int:
        try:
            return drain(clock=lambda: NOW, limit=5).sent
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(drain_in_thread, range(4))) == 60
    assert_each_was_sent_exactly_once(60)


@pytest.mark.parametrize("line", LINES)
def test_a_dispatcher_killed_at_any_line_loses_nothing_and_doubles_nothing(line, tmp_path):
    make_many_due(30)
    go = tmp_path / "go"
    go.touch()
    victim = start_dispatcher(go, line=line)
    victim.communicate(timeout=60)
    assert victim.returncode == -signal.SIGKILL
    drain_at(NOW + LEASE)
    assert_each_was_sent_exactly_once(30)


@pytest.mark.parametrize("line", ["after-start", "half-sent", "mid-record"])
def test_two_rescuers_of_the_same_dead_dispatcher_do_no_harm(line, tmp_path):
    make_many_due(30)
    go = tmp_path / "go"
    go.touch()
    start_dispatcher(go, line=line).communicate(timeout=60)

    def drain_in_thread(_) -> int:
        try:
            return drain(clock=lambda: NOW + LEASE, limit=7).rescued
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(drain_in_thread, range(2))) == 30
    drain_at(NOW + 3 * LEASE)
    assert_each_was_sent_exactly_once(30)


def test_the_task_sends_what_is_due_by_the_real_clock():
    make_due_now(now=timezone.now())
    assert dispatch_due()["sent"] == 1


def test_dispatch_once_says_what_it_did_and_ends():
    make_due_now(now=timezone.now())
    before = signal.getsignal(signal.SIGTERM)
    for words in ("1 claimed, 1 sent", "nothing was due"):
        out = StringIO()
        call_command("dispatch", once=True, stdout=out)
        assert out.getvalue().strip() == words
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_dispatch_sends_what_falls_due_and_stops_cleanly(number):
    command = [sys.executable, "manage.py", "dispatch"]
    process = subprocess.Popen(command, env=child_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith("READY")
        make_due_now(now=timezone.now())
        wait_for(lambda: OutboxEntry.objects.count() == 1, seconds=5)
        process.send_signal(number)
        assert "stopped" in process.communicate(timeout=10)[0]
        assert process.returncode == 0
    finally:
        process.kill()
