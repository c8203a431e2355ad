"""The dead man's switch: a monitor hears from us while reminders go out, and only then."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications import ping, tasks
from notifications.management.commands import dispatch
from notifications.ping import DeadMansSwitch
from tests.notifications.due import make_due

SECRET = "8f14e45f-the-secret-part"
ON_TIME = timedelta(0)


class Monitor:
    """A monitor on loopback: it notes what it is asked, and answers with `status`, at once or after `release`."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200
        self.release = threading.Event()
        self.release.set()
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                monitor.heard.append(self.path)
                monitor.release.wait(10)
                self.send_response(monitor.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def monitor(settings) -> Iterator[Monitor]:
    monitor = Monitor()
    settings.PING_URL = monitor.url
    yield monitor
    monitor.release.set()
    monitor.server.shutdown()
    monitor.server.server_close()


@pytest.fixture
def switch() -> DeadMansSwitch:
    return DeadMansSwitch()


def told(switch: DeadMansSwitch, *, lag: timedelta = ON_TIME) -> None:
    """A round that worked, and the end of the ping that it caused, if it did."""
    switch.round_worked(lag=lag)
    switch.finish()


def a_minute_passes(switch: DeadMansSwitch) -> None:
    if switch.told_at is not None:
        switch.told_at -= ping.EVERY.total_seconds()


def test_rounds_that_work_are_told_once_a_minute(monitor, switch):
    for _ in range(5):
        told(switch)
    assert monitor.heard == [f"/{SECRET}"]
    a_minute_passes(switch)
    told(switch)
    assert len(monitor.heard) == 2


def test_a_queue_that_is_late_by_more_than_two_minutes_is_not_called_well(monitor, switch):
    told(switch, lag=timedelta(minutes=2, seconds=1))
    assert monitor.heard == []
    told(switch, lag=timedelta(minutes=2))
    assert len(monitor.heard) == 1


def test_without_an_address_nothing_is_told(switch, settings):
    settings.PING_URL = ""
    told(switch)
    assert switch.telling is None


def test_sending_does_not_wait_for_a_monitor_that_is_slow(monitor, switch):
    monitor.release.clear()
    switch.round_worked(lag=ON_TIME)
    first = switch.telling
    assert first.is_alive()
    a_minute_passes(switch)
    switch.round_worked(lag=ON_TIME)
    assert switch.telling.is_alive()
    monitor.release.set()
    first.join(10)
    switch.finish()


def test_a_monitor_that_fails_is_logged_once_without_the_secret_and_again_when_it_recovers(monitor, switch, caplog):
    monitor.status = 503
    with caplog.at_level(logging.INFO):
        for status in (503, 500, 200, 200):
            monitor.status = status
            told(switch)
            a_minute_passes(switch)
    assert [record.getMessage() for record in caplog.records if record.name == ping.__name__] == [
        "the monitor at 127.0.0.1 could not be told that reminders go out: it answered 503",
        "the monitor at 127.0.0.1 is told again that reminders go out",
    ]
    assert SECRET not in caplog.text
    assert len(monitor.heard) == 4


@pytest.mark.parametrize("url", [f"http://127.0.0.1:1/{SECRET}", f"gopher://127.0.0.1/{SECRET}", f"http://[{SECRET}"])
def test_an_address_that_nobody_answers_at_does_no_harm(url, switch, settings, caplog):
    settings.PING_URL = url
    told(switch)
    assert "could not be told" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_celerys_task_tells_the_monitor(monitor, monkeypatch):
    monkeypatch.setattr(tasks, "switch", DeadMansSwitch())
    tasks.dispatch_due()
    tasks.switch.finish()
    assert len(monitor.heard) == 1


@pytest.mark.django_db(transaction=True)
def test_a_round_that_broke_off_or_left_the_queue_late_is_not_told(monitor, monkeypatch):
    monkeypatch.setattr(tasks, "switch", DeadMansSwitch())
    make_due(send_at=timezone.now() - timedelta(minutes=5))
    monkeypatch.setattr(tasks, "drain", lambda **_: 1 / 0)
    tasks.dispatch_due()
    monkeypatch.setattr(tasks, "drain", lambda **_: dispatch.Drained())
    tasks.dispatch_due()
    assert tasks.switch.telling is None


@pytest.mark.django_db(transaction=True)
def test_a_single_round_of_the_command_tells_the_monitor_before_it_ends(monitor):
    call_command("dispatch", once=True, stdout=StringIO())
    assert len(monitor.heard) == 1
