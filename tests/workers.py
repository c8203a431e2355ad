"""Real Celery workers against the test database, for tests that stop them, kill them or wait for them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from config.celery import app
from config.processes import Child, Household, wait_until


def database_url() -> str:
    """A `DATABASE_URL` of the database that this test uses, for another process."""
    database = connection.settings_dict
    name = str(database["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    password = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{database['USER']}{password}@{quote(database['HOST'], safe='')}{port}/{name}"


def child_environment(**extra: str) -> dict[str, str]:
    """The environment that makes a child use this test's database and broker."""
    return {**os.environ, "DATABASE_URL": database_url(), "REDIS_URL": settings.REDIS_URL, **extra}


class Worker:
    """A worker process: its name on the broker, its child process, its log."""

    def __init__(self, household: Household, child: Child, name: str) -> None:
        self.household = household
        self.child = child
        self.name = name

    @property
    def pid(self) -> int:
        return self.child.process.pid

    def answers(self) -> bool:
        """Whether it replies to Celery's ping within a second."""
        return bool(app.control.ping(destination=[self.name], timeout=1))

    def log(self) -> str:
        """What it has written so far."""
        return self.child.log.read_text(errors="replace") if self.child.log else ""

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out: the worker finishes nothing."""
        self.child.kill()
        self.household.stop_child(self.child)

    def stop(self) -> None:
        """SIGTERM, as a deployment does: the worker finishes what it has begun."""
        self.household.stop_child(self.child)


def start_worker(
    household: Household,
    folder: Path,
    *,
    beat: bool = False,
    threads: int = 2,
    environ: Mapping[str, str] | None = None,
) -> Worker:
    """Start a worker and wait until it answers. `beat` adds the clock that wakes the dispatcher.

    Raises `ChildFailedError`, with the end of its log, if it does not answer within 30 seconds.
    """
    number = len(household.children)
    name = f"test-{os.getpid()}-{number}@localhost"
    log = folder / f"worker-{number}.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-P",
        "threads",
        "-c",
        str(threads),
        "-n",
        name,
    ]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    if beat:
        command += ["-B", "-s", str(folder / f"beat-{number}")]
    child = household.start("celery worker", command, environ=child_environment(**(environ or {})), log=log)
    worker = Worker(household, child, name)
    wait_until(worker.answers, child, seconds=30)
    return worker
