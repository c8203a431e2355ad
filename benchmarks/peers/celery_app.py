"""The usual way to send at a time with Celery: one task for each message, given its `eta`, that marks its row as sent.

A program of its own, `celery -A benchmarks.peers.celery_app worker`, on psycopg: nothing of ours is in it.
"""

import os

import psycopg
from celery import Celery

app = Celery("benchmark", broker=os.environ.get("REDIS_URL", ""))
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)

MAKE = "CREATE TABLE eta_message (id bigint PRIMARY KEY, sent_at timestamptz)"
FILL = "INSERT INTO eta_message SELECT n, NULL FROM generate_series(1, %s) AS n"
MARK = "UPDATE eta_message SET sent_at = now() WHERE id = %s AND sent_at IS NULL"

_link: list[psycopg.Connection] = []
"""One connection for each process of the worker, opened by its first task."""


@app.task(name="send")
def send(message_id: int) -> None:
    """Send one message through a provider that accepts at once, and write down that it went out."""
    if not _link:
        _link.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
    _link[0].execute(MARK, (message_id,))
