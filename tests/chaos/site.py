"""All the processes of a chaos run, and what may be done to them."""

import json
import os
import re
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from config.embedded import free_port, start_valkey
from config.processes import Child, Household, wait_until
from tests.postgres import CRASH_SAFE, make_cluster
from tests.provider import SID, TOKEN

ROOT = Path(__file__).resolve().parents[2]
WORKERS, BEATS, THREADS = 3, 2, 2
TICK = "1"
"""Seconds between two ticks of a beat: a run is short, and a tick that is lost should cost little."""

SENDER = "+12025550100"


class Site:
    """PostgreSQL, Valkey, the provider and whom it calls back, three workers and two beats.

    `askew` (seconds) is how wrong one clock is.
    """

    def __init__(self, household: Household, folder: Path, *, seed: int, faults: str, askew: float) -> None:
        self.household, self.folder, self.seed, self.faults = household, folder, seed, faults
        self.clocks = [askew, *[0.0] * (WORKERS - 1)]
        self.workers: list[Child] = []
        self.started = 0
        self.cluster = make_cluster(folder / "postgres")
        self.start_postgres()
        self.broker_url = start_valkey(household, folder / "valkey", tcp=True).url
        self.port = free_port()
        self.ledger = folder / "ledger.jsonl"
        self.provider_url = self.start_provider()

    @property
    def environ(self) -> dict[str, str]:
        """What makes a program a part of this site."""
        return {
            **os.environ,
            "DATABASE_URL": f"{self.cluster.url}/postgres",
            "REDIS_URL": self.broker_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "MILEPOST_DISPATCH_EVERY": TICK,
            "MILEPOST_LOG": "WARNING",
            "MILEPOST_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "MILEPOST_TWILIO_URL": self.provider_url,
            "MILEPOST_TWILIO_ACCOUNT_SID": SID,
            "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
            "MILEPOST_TWILIO_FROM": SENDER,
            "MILEPOST_EMAIL": "notifications.channels.outbox.OutboxChannel",
        }

    # --- Life ---------------------------------------------------------------------------------------------------

    def start_postgres(self) -> None:
        """Start the database, or start it again. It remembers when each transaction was committed, for the checks."""
        settings = {**CRASH_SAFE, "track_commit_timestamp": "on"}
        self.postgres = self.cluster.start(self.household, settings=settings)

    def start_provider(self) -> str:
        """Start the provider; its address."""
        log = self.folder / "provider.log"
        command = [sys.executable, "-m", "tests.provider", "--seed", str(self.seed), "--faults", self.faults]
        command += ["--latency", "0.02", "--ledger", str(self.ledger), "--callbacks"]
        child = self.household.start("provider", command, log=log, cwd=ROOT)
        wait_until(lambda: "READY" in log.read_text(), child, seconds=30)
        found = re.search(r"READY (\S+)", log.read_text())
        assert found is not None
        return found[1]

    def start_crew(self) -> None:
        """Start the web, all workers and beats; back when these answer and the beats have begun to tick."""
        self.web = self.start_web()
        self.workers = [self.start_worker(number) for number in range(WORKERS)]
        beats = [self.start_beat(number) for number in range(BEATS)]
        wait_until(self.web_answers, self.web, seconds=90)
        for worker in self.workers:
            wait_until(self.all_answer, worker, seconds=90)
        for number, beat in enumerate(beats):
            wait_until(lambda at=self.folder / f"beat-{number}": any(at.parent.glob(f"{at.name}*")), beat, seconds=90)

    def start_beat(self, number: int) -> Child:
        """Start a beat. It writes its schedule down when it begins to tick."""
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "WARNING"]
        command += ["-s", str(self.folder / f"beat-{number}")]
        return self.household.start("beat", command, environ=self.environ, log=self.folder / "beats.log", cwd=ROOT)

    def start_web(self) -> Child:
        """Start what the provider calls back."""
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
        return self.household.start("web", command, environ=self.environ, log=self.folder / "web.log", cwd=ROOT)

    def web_answers(self) -> bool:
        """Whether the web is there to be called back."""
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def provider_counts(self) -> dict[str, Any]:
        """What the provider met, took and called back, and of how many messages it has not reported all yet."""
        with urllib.request.urlopen(f"{self.provider_url}/counts") as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def all_answer(self) -> bool:
        """Whether every worker replies to a ping."""
        with Celery(broker=self.broker_url) as client:
            return len(client.control.ping(timeout=1)) >= WORKERS

    def start_worker(self, number: int) -> Child:
        """Start worker number so-and-so; the first one's clock is wrong."""
        self.started += 1
        name = f"chaos-{number}-{self.started}@localhost"
        options = ["worker", "-P", "threads", "-c", str(THREADS), "-n", name]
        options += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        program = ["tests.chaos.askew", str(self.clocks[number])] if self.clocks[number] else ["celery", "-A", "config"]
        command = [sys.executable, "-m", *program, *options]
        log = self.folder / f"worker-{number}.log"
        return self.household.start(f"worker {number}", command, environ=self.environ, log=log, cwd=ROOT)

    # --- Havoc --------------------------------------------------------------------------------------------------

    def kill_worker(self, number: int) -> None:
        """kill -9, wherever it is; another takes its place at once."""
        victim = self.workers[number]
        victim.kill()
        self.household.stop_child(victim)
        self.workers[number] = self.start_worker(number)

    def kill_web(self) -> None:
        """kill -9 of what the provider calls back; what it says meanwhile nobody hears."""
        self.web.kill()
        self.household.stop_child(self.web)
        self.web = self.start_web()

    def empty_broker(self) -> None:
        """Lose all that the broker holds."""
        redis.Redis.from_url(self.broker_url).flushall()

    def crash_postgres(self) -> None:
        """Break every connection and every open transaction, then recover."""
        self.cluster.crash(self.household, self.postgres)
        self.start_postgres()
