"""The simulator: repeatable, complete in its accounts, and strict about what must never happen."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from notifications.simulator.parts import simulate
from notifications.simulator.report import Report
from patients.models import Clinic

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def simulated(django_db_blocker):
    """Runs simulations as the command does."""

    def run(**numbers) -> Report:
        with django_db_blocker.unblock():
            return simulate(**{"journeys": 30, "weeks": 8, "seed": 7, "faults": 0.05} | numbers)

    return run


def test_a_simulation_with_faults_violates_nothing_and_accounts_for_every_reminder(simulated):
    report = simulated()

    assert report.violations == []
    assert report.duplicates == 0
    assert report.planned > 30 * 5
    ends = (report.sent, report.missed, report.withdrawn, report.failed, report.unknown, report.pending)
    assert report.planned == sum(ends)
    assert report.sent > report.planned / 2
    assert report.work_items > 0


def test_the_same_seed_tells_the_same_story_and_another_seed_another(simulated):
    first, again, other = (simulated(journeys=6, weeks=6, seed=seed) for seed in (7, 7, 8))

    assert replace(first, wall_seconds=0) == replace(again, wall_seconds=0)
    assert replace(other, wall_seconds=0, seed=7) != replace(first, wall_seconds=0)


def test_on_several_processes_it_tells_the_same_story_and_its_progress(simulated):
    played: list[int] = []
    numbers = {"journeys": 4, "weeks": 4, "parts": 2}
    alone, together = simulated(**numbers), simulated(**numbers, processes=2, progress=played.append)

    assert replace(alone, wall_seconds=0) == replace(together, wall_seconds=0)
    assert alone.violations == []
    assert alone.planned > 0


def test_faults_make_reminders_late_and_no_faults_leave_only_the_beat(simulated):
    calm, stormy = simulated(journeys=6, faults=0.0), simulated(journeys=6, faults=0.3)

    assert 0 < calm.lateness.max < 60
    assert stormy.lateness.max > calm.lateness.max
    assert stormy.violations == []
    assert stormy.duplicates == 0


def test_the_configured_database_is_left_alone(simulated, db):
    Clinic.objects.create(name="Real Clinic", zone="America/Chicago", phone="+12025550143", address="here")

    simulated(journeys=2, weeks=2)

    assert [clinic.name for clinic in Clinic.objects.all()] == ["Real Clinic"]


def test_the_command_prints_one_json_object(capsys, django_db_blocker):
    with django_db_blocker.unblock():
        call_command("simulate", "--journeys=3", "--weeks=3", "--seed=2", "--json")

    printed = json.loads(capsys.readouterr().out)
    assert set(printed["lateness"]) == {"p50", "p99", "max"}
    named = "planned sent missed withdrawn corrected duplicates pending unknown failed work_items wall_seconds seed"
    assert set(named.split()) <= set(printed)
    assert printed["seed"] == 2


def run_command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "simulate", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--journeys", "0"], "--journeys"),
        (["--journeys", "many"], "--journeys"),
        (["--weeks", "-1"], "--weeks"),
        (["--seed", "x"], "--seed"),
        (["--faults", "1.5"], "--faults"),
        (["--faults", "nan"], "--faults"),
        (["--colour", "blue"], "--colour"),
    ],
)
def test_wrong_arguments_are_answered_in_one_line(arguments, named):
    done = run_command(*arguments)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert named in done.stderr


def test_it_runs_before_migrate_and_with_a_database_that_is_not_there(tmp_path):
    done = run_command(
        "--journeys=1", "--weeks=1", "--json",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing", TMPDIR=str(tmp_path),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["journeys"] == 1
    assert list(tmp_path.iterdir()) == []
