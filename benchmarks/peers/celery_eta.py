"""Celery's `eta` on a real Valkey: a worker takes every task into its memory and holds it until its time."""

import base64
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import redis

from benchmarks.dispatch import dispatchers
from benchmarks.dispatch.throughput import NotAsItShould
from benchmarks.durable import Durable
from benchmarks.peers import celery_app
from benchmarks.rates import Rate, repeated
from config.embedded import start_valkey
from config.processes import Household

DATABASE, QUEUE = "celery_eta", "celery"
WHO = "Celery eta"
PROCESSES = 2
A_PIPELINE = 5_000
"""Tasks written to the broker in one go."""


def celery_rates(server: Durable, *, due: int, pending: int, runs: int) -> Iterator[Rate]:
    """A worker that is started on `due` tasks, alone and among `pending` ones that are not due before tomorrow."""
    for future in (0, pending):
        one = partial(run, server, due=due, future=future)
        yield repeated(one, Rate(WHO, PROCESSES, future, due, ()), runs=runs)


def run(server: Durable, *, due: int, future: int) -> float:
    """Seconds from the start of the worker to the last message marked, with a new broker and a new table."""
    server.make(DATABASE)
    folder = server.cluster.folder.parent
    with Household() as household, psycopg.connect(server.url(DATABASE), autocommit=True) as link:
        link.execute(celery_app.MAKE)
        link.execute(celery_app.FILL, (due,))
        link.execute("VACUUM (FREEZE, ANALYZE)")
        link.execute("CHECKPOINT")
        broker = start_valkey(household, folder / f"valkey-{uuid.uuid4().hex}", tcp=True).url
        environ = {**os.environ, "DATABASE_URL": server.url(DATABASE), "REDIS_URL": broker}
        enqueue(broker, due=due, future=future)
        command = [sys.executable, "-m", "celery", "-A", celery_app.__name__, "worker", "-c", str(PROCESSES)]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
        began = time.monotonic()
        log = folder / "celery.log"
        worker = household.start("celery worker", command, environ=environ, log=log, cwd=dispatchers.ROOT)
        left = "SELECT EXISTS (SELECT FROM eta_message WHERE sent_at IS NULL)"
        ended = dispatchers.wait_until_no(link, left, [worker])
        counts = link.execute("SELECT count(*), count(sent_at) FROM eta_message").fetchone()
        worker.kill()  # asked to stop, it would first put all that it holds back into the queue
    if counts != (due, due):
        raise NotAsItShould(f"{due} tasks ended as {counts}; see {log}")
    return ended - began


def enqueue(broker: str, *, due: int, future: int) -> None:
    """Fill the queue with tasks as Celery writes them, those that are due spread evenly among the others.

    Celery writes one; the others are copies of it with their own id, argument and time. One by one, publishing would
    take longer than all that is measured.
    """
    now = datetime.now(UTC)
    with celery_app.Celery(broker=broker) as client:
        client.send_task("send", args=[0], eta=now)
    link = redis.Redis.from_url(broker)
    written = json.loads(link.lpop(QUEUE))  # type: ignore[arg-type]
    every = max(1, (due + future) // due)
    sent, pipeline = 0, link.pipeline(transaction=False)
    for number in range(due + future):
        is_due = number % every == 0 and sent < due or due + future - number <= due - sent
        sent += is_due
        eta = now if is_due else now + timedelta(days=1, seconds=number)
        pipeline.lpush(QUEUE, copied(written, argument=sent if is_due else 0, eta=eta))
        if number % A_PIPELINE == 0:
            pipeline.execute()
    pipeline.execute()
    link.close()


def copied(written: dict[str, dict[str, object]], *, argument: int, eta: datetime) -> str:
    """One message for the queue like another."""
    name = str(uuid.uuid4())
    body = json.dumps([[argument], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
    headers = {**written["headers"], "id": name, "root_id": name, "eta": eta.isoformat(), "argsrepr": f"[{argument}]"}
    properties = {**written["properties"], "correlation_id": name, "delivery_tag": str(uuid.uuid4())}
    encoded = base64.b64encode(body.encode()).decode()
    return json.dumps({**written, "body": encoded, "headers": headers, "properties": properties})
