"""The demo's programs: Valkey, the web server and the Celery worker with its beat, on data in one folder."""

import fcntl
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from config.embedded import start_valkey
from config.processes import Child, Household, wait_until

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
STAYS_FRESH = timedelta(hours=20)
"""The demo's reminders go out around the moment it was made; a day later there is little left to watch."""

PORTS_TRIED = 20
NOT_OURS = (
    *("DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "MILEPOST_PRODUCTION", "MILEPOST_DEBUG"),
    *("MILEPOST_SMS", "MILEPOST_VOICE", "MILEPOST_EMAIL"),
)
NOT_OURS_EITHER = ("MILEPOST_TWILIO_", "MILEPOST_EMAIL_", "MILEPOST_ANYMAIL")
"""Variables, and beginnings of some, that the demo's programs never see: it must not touch a real database or write to
a real phone."""


class DemoError(Exception):
    """The demo cannot start; the message says why and what to do."""


class FolderError(DemoError):
    """The folder for the demo's data cannot be used; the message names it and says why."""


@dataclass(frozen=True)
class Folder:
    """Where the demo keeps everything: database, broker's socket, beat's schedule, logs."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "milepost.sqlite3"

    @property
    def facts(self) -> Path:
        """The logins and the link, written when the data is complete."""
        return self.path / "data.json"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    def prepare(self) -> None:
        """Clear away the logs and beat's schedule of an earlier run."""
        shutil.rmtree(self.path / "logs", ignore_errors=True)
        (self.path / "logs").mkdir()
        for left_over in self.path.glob("beat*"):
            left_over.unlink()

    def made_at(self) -> datetime | None:
        """When the data was made (UTC); None when there is none, or it was never finished."""
        if not (self.facts.exists() and self.database.exists()):
            return None
        return datetime.fromisoformat(json.loads(self.facts.read_text())["made_at"])

    def put_aside(self) -> None:
        """Move the data, finished or not, to `previous/`, replacing what is there."""
        shutil.rmtree(self.path / "previous", ignore_errors=True)
        (self.path / "previous").mkdir()
        for file in [*self.path.glob("milepost.sqlite3*"), *self.path.glob("data.json")]:
            file.rename(self.path / "previous" / file.name)


@contextmanager
def only_one(folder: Folder) -> Iterator[None]:
    """Make the folder, for its owner only, and hold its lock.

    Raises `FolderError` when there can be no such folder, `DemoError` when a demo already runs on it.
    """
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = (folder.path / "lock").open("w")
    except FileExistsError:
        raise FolderError(f"{folder.path} is not a folder") from None
    except OSError as error:
        raise FolderError(f"{folder.path} cannot be used: {error.strerror}") from error
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"a demo is already running on {folder.path}: stop it first, or give --folder") from None
        yield


def listen(port: int, *, exactly: bool) -> socket.socket:
    """A socket that listens on loopback `port`, or on one of the next when it is taken and not asked for `exactly`.

    The web server inherits it, so nobody can take the port in between. Raises `DemoError` when none is free.
    """
    for candidate in [port] if exactly else range(port, port + PORTS_TRIED):
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, candidate))
            door.listen(64)
        except (OSError, OverflowError):
            door.close()
            continue
        return door
    last = "" if exactly else f" to {port + PORTS_TRIED - 1}"
    raise DemoError(f"port {port}{last} on {HOST} cannot be used (taken, or not allowed): give another with --port")


class DemoSite:
    """Starts the demo's programs one after the other, in a household that stops them."""

    def __init__(self, household: Household, folder: Folder, door: socket.socket) -> None:
        self.household = household
        self.folder = folder
        self.door = door
        self.address = f"http://{HOST}:{door.getsockname()[1]}"
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in NOT_OURS and not name.startswith(NOT_OURS_EITHER)
        }
        self.environ = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MILEPOST_DATA": str(folder.path),
            "MILEPOST_PUBLIC_URL": self.address,
            "PYTHONUNBUFFERED": "1",
        }

    def start_broker(self) -> None:
        broker = start_valkey(self.household, self.folder.path)
        self.environ["REDIS_URL"] = broker.url

    def manage(self, *arguments: str, log: Path | None = None) -> None:
        """Run one `manage.py` command to its end. Raises `ChildFailedError` with the end of its log."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        child = self.household.start(f"manage.py {arguments[0]}", command, environ=self.environ, log=log)
        if child.process.wait():
            raise child.failure()
        self.household.stop_child(child)

    def fill(self, *, journeys: int) -> Mapping[str, Any]:
        """Bring the tables and the data up to date; returns what `demo_data` wrote down."""
        self.manage("migrate", "--noinput", log=self.folder.log("migrate"))
        self.manage("demo_data", str(self.folder.facts), "--journeys", str(journeys))
        facts: Mapping[str, Any] = json.loads(self.folder.facts.read_text())
        return facts

    def start_worker(self) -> Child:
        """Start the worker with beat inside it."""
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "-s", str(self.folder.path / "beat")]
        command += ["-P", "threads", "-c", "4", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        return self.household.start(
            "celery worker", command, environ=self.environ, log=self.folder.log("worker"), cwd=BASE_DIR
        )

    def start_web(self) -> Child:
        """Start gunicorn on the socket that is already open, and close our own end of it."""
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{self.door.fileno()}"]
        command += ["--worker-class", "gthread", "--threads", "8", "--no-control-socket", "--graceful-timeout", "3"]
        web = self.household.start(
            "web server",
            command,
            environ=self.environ,
            log=self.folder.log("web"),
            cwd=BASE_DIR,
            pass_fds=[self.door.fileno()],
        )
        self.door.close()
        return web

    def start_all(self) -> None:
        """Start worker and web server; returns when both are at work. Raises `ChildFailedError` otherwise."""
        worker, web = self.start_worker(), self.start_web()
        wait_until(self.is_served, web, seconds=60)
        wait_until(lambda: " ready." in self.folder.log("worker").read_text(errors="replace"), worker, seconds=60)

    def is_served(self) -> bool:
        """Whether the web server answers its health check."""
        link = HTTPConnection(self.address.removeprefix("http://"), timeout=5)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            link.close()


def watch(household: Household) -> None:
    """Wait for ever, unless a child ends. Raises `ChildFailedError`, which names it."""
    while True:
        ended = household.first_ended()
        if ended:
            raise ended.failure()
        time.sleep(0.2)
