"""Commands that cannot do their work say so in one line, with an exit code to branch on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PLAN = ("plan", "mild", "--procedure", "2027-03-14T07:30", "--zone", "America/New_York")


def run(*arguments: str, data: Path, stdout: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Run a command in its own process, on a database that is not there yet."""
    environ = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environ | {"MILEPOST_DATA": str(data)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def said(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error."""
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk at hand")
def test_a_full_disk_under_the_output_ends_with_1(tmp_path: Path):
    with Path("/dev/full").open("w") as full:
        ended = run(*PLAN, data=tmp_path, stdout=full.fileno())
    assert ended.returncode == 1
    assert "No space left on device" in said(ended)


def test_a_pipe_that_nobody_reads_ends_with_1(tmp_path: Path):
    reading, writing = os.pipe()
    os.close(reading)
    ended = run(*PLAN, data=tmp_path, stdout=writing)
    os.close(writing)
    assert ended.returncode == 1
    assert "Broken pipe" in said(ended)


@pytest.mark.parametrize("command", [("protocol", "publish"), ("import_schedule", "docs/examples/schedule.csv")])
def test_a_database_without_tables_ends_with_2_and_names_migrate(command: tuple[str, ...], tmp_path: Path):
    ended = run(*command, data=tmp_path)
    assert ended.returncode == 2
    assert "manage.py migrate" in said(ended)


@pytest.mark.parametrize("inside", ["", "/below"])
def test_a_demo_folder_that_can_be_none_ends_with_2(inside: str, tmp_path: Path):
    (tmp_path / "file").touch()
    ended = run("demo", "--folder", f"{tmp_path / 'file'}{inside}", data=tmp_path)
    assert ended.returncode == 2
    assert said(ended).startswith("CommandError: --folder: ")


@pytest.mark.parametrize("arguments", [("--journeys", "-3"), ("--journeys", "many"), ("--port", "70000")])
def test_a_number_that_the_demo_cannot_use_ends_with_2(arguments: tuple[str, str], tmp_path: Path):
    ended = run("demo", *arguments, data=tmp_path)
    assert ended.returncode == 2
    assert said(ended).startswith(f"argument {arguments[0]}: ")


def test_no_progress_is_drawn_where_no_terminal_is(tmp_path: Path):
    ended = run("simulate", "--journeys", "2", "--weeks", "1", data=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
