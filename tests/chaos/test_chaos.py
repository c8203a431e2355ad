"""A short chaos run inside the suite; `make chaos` is the long one."""

import os
import subprocess
import sys

import pytest

from tests.chaos.script import write_script

SEED = "7"


@pytest.mark.servers
def test_whatever_breaks_each_reminder_goes_out_once_in_time_or_a_person_is_told():
    command = [sys.executable, "-m", "tests.chaos", "--seed", SEED, "--reminders", "300", "--seconds", "10"]
    environ = {**os.environ, "MILEPOST_STOP_WITH": str(os.getpid())}
    run = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    print(run.stdout)
    assert run.returncode == 0, run.stdout


def test_the_same_seed_breaks_the_same_things_at_the_same_times():
    first, again, other = (write_script(seed=seed, reminders=100, seconds=10) for seed in (1, 1, 2))
    assert first == again != other
    assert {event.what for event in first.events} == {"kill", "deafen", "flush", "crash", "move", "cancel"}
