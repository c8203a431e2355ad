"""Several processes of one machine count together, whatever becomes of each."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config.embedded import free_port
from notifications.models import OutboxEntry
from tests.notifications.due import make_due_now
from tests.processes import wait_for
from tests.workers import child_environment

COUNT = """
import django, os, sys
django.setup()
from notifications.metrics import counters
from pathway.states import ReminderState
def count(number):
    counters.count_ends([("sms", ReminderState.SENT)] * number)
"""
SAY = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def run(script, folder):
    """Run a script in a process of its own that counts in `folder`; what it printed."""
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    ended = subprocess.run(
        [sys.executable, "-c", COUNT + script], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.stdout + ended.stderr


def sent(text):
    """How many texts were sent, by a text that Prometheus would read."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "milepost_reminders_total" and sample.labels == {"end": "sent", "channel": "sms"}:
                return sample.value
    return None


def test_the_counts_of_processes_that_ended_or_were_killed_stay(tmp_path: Path):
    folder = tmp_path / "made" / "by the process"
    run("count(3)", folder)
    run("count(4); os.kill(os.getpid(), 9)", folder)
    assert sent(run(f"count(1)\n{SAY}", folder)) == 8
    assert len(list(folder.glob("counter_*.db"))) == 1  # one after the other, they share a slot


def test_processes_at_one_time_keep_apart_and_a_forked_one_too(tmp_path: Path):
    fork = "count(1)\nchild = os.fork()\ncount(10)\nos._exit(0) if child == 0 else os.waitpid(child, 0)\n"
    assert sent(run(f"{fork}count(100)\n{SAY}", tmp_path)) == 121
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_parents_slot_is_free_once_it_ends_though_its_child_lives_on(tmp_path: Path):
    # The child takes its own slot and lets go of the parent's, which a third process then goes on with.
    leave = "count(1)\nif os.fork() == 0:\n    os.close(1); os.close(2); count(1); import time; time.sleep(20)\n"
    run(leave, tmp_path)
    wait_for(lambda: (tmp_path / "counter_2.db").exists(), seconds=10)
    assert sent(run(f"count(1)\n{SAY}", tmp_path)) == 3
    assert len(list(tmp_path.glob("counter_*.db"))) == 2


def test_a_folder_that_cannot_be_had_costs_the_figures_only(tmp_path: Path):
    (tmp_path / "file").touch()
    said = run("count(1); print('still here')", tmp_path / "file")
    assert "still here" in said
    assert "figures cannot be kept" in said


@pytest.mark.django_db(transaction=True)
def test_a_dispatcher_serves_its_figures_and_says_when_the_port_is_taken(household, tmp_path: Path):
    port = free_port()
    command = [sys.executable, "manage.py", "dispatch", "--metrics", str(port)]
    environ = child_environment(PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "figures"))
    make_due_now(now=timezone.now())
    household.start("dispatch", command, environ=environ, log=tmp_path / "dispatch.log")
    wait_for(lambda: OutboxEntry.objects.count() == 1, seconds=40)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert "milepost_database_up 1.0" in text
    assert "milepost_due_reminders 0.0" in text
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
    second = subprocess.run([*command, "--once"], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert f"CommandError: port {port} on 127.0.0.1 cannot be used for the figures\n" in second.stderr
    assert "Traceback" not in second.stderr
