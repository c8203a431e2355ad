"""`manage.py demo` as a person runs it: one process tree, from READY to nothing left."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from config.embedded import free_port
from tests.processes import gone, tree_of, wait_for

pytestmark = pytest.mark.embedded

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = {"DATABASE_URL", "REDIS_URL", "MILEPOST_DATA", "MILEPOST_STOP_WITH"}


@dataclass
class Demo:
    """A demo that has said READY."""

    process: subprocess.Popen[str]
    said: str
    port: int
    family: list[psutil.Process]


def open_demo(command: list[str], *, port: int, started: list[subprocess.Popen[str]]) -> Demo:
    """Start `command` and read what it says until the demo is ready."""
    environ = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, cwd=ROOT
    )
    started.append(process)
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            return Demo(process=process, said=said, port=port, family=tree_of(process.pid))
    raise AssertionError(f"the demo did not get ready:\n{said}")


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """The processes a test has started, killed at its end if they still run."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that ran before, for demos that need not make its history anew; to be copied."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    started: list[subprocess.Popen[str]] = []
    first = open_demo(command_for(folder, port=free_port()), port=0, started=started)
    first.process.terminate()
    assert first.process.wait(timeout=40) == 0
    return folder


def command_for(folder: Path, *, port: int) -> list[str]:
    """What starts a small demo in this folder."""
    return [sys.executable, "manage.py", "demo", "--folder", str(folder), "--port", str(port), "--journeys", "2"]


@pytest.fixture
def start_demo(tmp_path: Path, filled: Path, started: list[subprocess.Popen[str]]) -> Callable[[], Demo]:
    """Call it to start a demo in a filled folder of the test's own, on a free port."""
    folder = shutil.copytree(filled, tmp_path / "demo")

    def start() -> Demo:
        port = free_port()
        return open_demo(command_for(folder, port=port), port=port, started=started)

    return start


def is_closed(port: int) -> bool:
    """Whether nothing listens on the loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_new_demo_says_ready_with_the_address_and_the_three_logins(
    tmp_path: Path, started: list[subprocess.Popen[str]]
):
    port = free_port()
    demo = open_demo(command_for(tmp_path / "demo", port=port), port=port, started=started)
    assert f"READY  http://127.0.0.1:{demo.port}" in demo.said
    assert re.findall(r"(\w+) / \S+", demo.said) == ["nurse", "prescriber", "admin"]
    with urlopen(f"http://127.0.0.1:{demo.port}/readyz", timeout=10) as answer:
        assert json.load(answer)["ready"] is True
    names = " ".join(" ".join(member.cmdline()) for member in demo.family)
    assert all(name in names for name in ("valkey-server", "gunicorn", "celery"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_of_the_demo_however_it_ends(start_demo: Callable[[], Demo], number: signal.Signals):
    demo = start_demo()
    demo.process.send_signal(number)
    status = demo.process.wait(timeout=40)
    wait_for(lambda: gone(demo.family), seconds=20)
    assert is_closed(demo.port)
    assert status == (-number if number == signal.SIGKILL else 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_the_demo_when_make_ends(
    number: signal.Signals, tmp_path: Path, filled: Path, started: list[subprocess.Popen[str]]
):
    shutil.copytree(filled, tmp_path / "demo")
    port = free_port()
    make = shutil.which("make") or pytest.fail("make is not installed")
    options = f"--folder {tmp_path / 'demo'} --port {port} --journeys 2"
    # -o: whoever runs this test has built .venv already, and a test must not build it anew.
    demo = open_demo([make, "-o", ".venv/.runtime", "demo", f"ARGS={options}"], port=port, started=started)
    demo.process.send_signal(number)
    demo.process.wait(timeout=40)
    wait_for(lambda: gone(demo.family), seconds=20)
    assert is_closed(port)


@pytest.mark.parametrize("program", ["valkey-server", "gunicorn", "celery"])
def test_the_demo_ends_and_says_why_when_a_program_dies(start_demo: Callable[[], Demo], program: str):
    demo = start_demo()
    victim = next(member for member in demo.family[1:] if any(program in part for part in member.cmdline()))
    victim.kill()
    said, _ = demo.process.communicate(timeout=40)
    assert demo.process.returncode == 1
    assert "The demo has stopped: " in said
    wait_for(lambda: gone(demo.family), seconds=20)


def test_a_second_run_uses_the_data_again_and_says_so(start_demo: Callable[[], Demo], tmp_path: Path):
    made_at = json.loads((tmp_path / "demo" / "data.json").read_text())["made_at"]
    assert "Using the demo data of" in start_demo().said
    assert json.loads((tmp_path / "demo" / "data.json").read_text())["made_at"] == made_at


def test_two_demos_cannot_share_a_folder(start_demo: Callable[[], Demo], tmp_path: Path):
    start_demo()
    with pytest.raises(AssertionError, match="already running"):
        start_demo()


def test_a_taken_port_is_refused_when_it_was_asked_for(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "manage.py", "demo", "--folder", str(tmp_path), "--port", str(port)]
        run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert run.returncode == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in run.stderr
