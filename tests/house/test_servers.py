"""The servers and fixtures that the other tests stand on."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from django.contrib.auth import get_user_model
from django.db import connection

from config.celery import app as celery_app
from config.processes import ChildFailedError, Household
from tests import servers
from tests.processes import gone, tree_of, wait_for
from tests.sockets import OutwardConnectionError
from tests.workers import Worker


def test_the_suite_runs_on_the_database_that_was_asked_for(db: None):
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[servers.on()]


def test_another_process_sees_what_a_test_commits(database_url: str):
    get_user_model().objects.create_user("seen-from-outside")
    code = "import django; django.setup(); from patients.models import Staff; print(*Staff.objects.all())"
    environ = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    seen = subprocess.run([sys.executable, "-c", code], env=environ, check=True, capture_output=True, text=True)
    assert seen.stdout.strip() == "seen-from-outside"


def test_the_broker_is_a_real_valkey(broker: redis.Redis):
    assert broker.ping()
    assert "valkey_version" in broker.info("server")


def test_an_emptied_broker_has_forgotten_its_tasks(broker: redis.Redis, broker_emptied: Callable[[], int]):
    celery_app.send_task("tests.nobody_runs_this")
    assert broker.llen("celery") == 1
    assert broker_emptied() >= 1
    assert broker.llen("celery") == 0


@pytest.mark.servers
def test_a_real_worker_answers(celery_worker: Worker):
    assert celery_worker.answers()


@pytest.mark.servers
def test_a_worker_runs_the_dispatcher_on_the_database_of_the_test(celery_worker: Worker):
    celery_app.send_task("notifications.dispatch_due")
    wait_for(lambda: "Task notifications.dispatch_due" in celery_worker.log() and "succeeded" in celery_worker.log())


@pytest.mark.servers
def test_a_killed_worker_is_gone_and_another_takes_over(start_worker: Callable[..., Worker]):
    first = start_worker(beat=True)
    family = tree_of(first.pid)
    first.kill()
    wait_for(lambda: gone(family))
    assert start_worker().answers()


def test_a_child_that_fails_is_named_with_the_end_of_its_log(household: Household, tmp_path: Path):
    child = household.start("greeter", [sys.executable, "-c", "print('no greeting'); exit(3)"], log=tmp_path / "log")
    child.process.wait()
    ended = household.first_ended()
    assert ended is child
    assert isinstance(ended.failure(), ChildFailedError)
    assert "greeter ended with status 3" in str(ended.failure())
    assert "no greeting" in str(ended.failure())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_household_leaves_no_grandchild_and_no_folder_however_it_ends(number: signal.Signals, tmp_path: Path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    stubborn = (
        "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "subprocess.Popen(['sleep', '600']); time.sleep(600)"
    )
    code = f"""
import pathlib, signal, sys, time
from config.processes import Household
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
with Household(grace=0.5) as household:
    household.keep_clean(pathlib.Path({str(folder)!r}))
    household.start("stubborn", [sys.executable, "-c", {stubborn!r}])
    print("started", flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    wait_for(lambda: len(tree_of(process.pid)) >= 4)
    family = tree_of(process.pid)
    process.send_signal(number)
    process.wait(timeout=30)
    wait_for(lambda: gone(family), seconds=20)
    assert not folder.exists()


def test_a_killed_test_run_leaves_no_server_behind():
    code = (
        "import time; from tests import servers; servers.start_servers(); print('started', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    family = tree_of(process.pid)
    assert any("valkey" in member.name() for member in family)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: gone(family), seconds=20)


def test_nothing_but_this_machine_is_reached():
    with pytest.raises(OutwardConnectionError), socket.socket() as link:
        link.connect(("192.0.2.1", 80))
    with pytest.raises(OutwardConnectionError):
        socket.getaddrinfo("example.org", 80)


def test_workers_do_not_share_a_broker_database():
    assert servers.numbered("redis://127.0.0.1:7000/0", 2) == "redis://127.0.0.1:7000/2"
    assert servers.numbered("redis+socket:///tmp/v.sock", 2) == "redis+socket:///tmp/v.sock?virtual_host=2"
