"""django-post-office: emails in a table, sent by `send_queued_mail` batch by batch under a lock of the host."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import psycopg

from benchmarks.dispatch import dispatchers
from benchmarks.dispatch.throughput import NotAsItShould
from benchmarks.durable import Durable
from benchmarks.rates import Rate, repeated

FILLED, RUN = "post_office", "run"
SENT, QUEUED = 0, 2
"""Its numbers for the two states."""

FILL = """
INSERT INTO post_office_email (from_email, "to", cc, bcc, subject, message, html_message, status, priority, created,
                               last_updated, scheduled_time, backend_alias)
SELECT 'care@oak.example', 'patient-' || n || '@patient.example', '', '', 'Oak Clinic', 'Oak Clinic: Come Thu, Mar 18 '
       || 'at 7:00 AM. Do not eat after 2:00 AM Thu. If you eat by mistake, call (202) 555-0143.', '', 2, 1, now(),
       now(), now() - interval '1 hour' + n * interval '30 milliseconds', ''
FROM generate_series(1, %s) AS n
"""

DEFAULT = "benchmarks.peers.post_office_default"
WAYS = (
    ("post-office, default", DEFAULT, 1),
    ("post-office, tuned", "benchmarks.peers.post_office_tuned", 1),
    ("post-office, tuned", "benchmarks.peers.post_office_tuned", 2),
)
"""Name, settings module, and how many processes share each batch; which number is faster depends on the machine."""


def post_office_rates(server: Durable, *, due: int, runs: int) -> Iterator[Rate]:
    """As installed, and tuned for two cores."""
    server.make(FILLED)
    django_admin(server, "migrate", on=FILLED, settings=DEFAULT)
    with psycopg.connect(server.url(FILLED), autocommit=True) as link:
        link.execute(FILL, (due,))
        link.execute("VACUUM (FREEZE, ANALYZE)")
    for who, settings, processes in WAYS:
        one = partial(run, server, due=due, settings=settings, processes=processes)
        yield repeated(one, Rate(who, processes, 0, due, ()), runs=runs)


def run(server: Durable, *, due: int, settings: str, processes: int) -> float:
    """Seconds from the start of the command to the last email recorded as sent, on a fresh copy."""
    server.copy(FILLED, to=RUN)
    log = server.cluster.folder.parent / "post_office.log"
    lock = server.cluster.folder.parent / "post_office"
    with psycopg.connect(server.url(RUN), autocommit=True) as link:
        began = time.monotonic()
        child = server.household.start(
            "post-office",
            [sys.executable, "-m", "django", "send_queued_mail", "-p", str(processes), "-L", str(lock)],
            environ=surroundings(server, on=RUN, settings=settings),
            log=log,
            cwd=dispatchers.ROOT,
        )
        try:
            left = f"SELECT EXISTS (SELECT FROM post_office_email WHERE status = {QUEUED})"
            ended = dispatchers.wait_until_no(link, left, [child])
        finally:
            dispatchers.end(server.household, [child])
        counts = link.execute(f"SELECT count(*) FROM post_office_email WHERE status = {SENT}").fetchone()
    if counts != (due,):
        raise NotAsItShould(f"{due} emails ended as {counts}; see {log}")
    return ended - began


def surroundings(server: Durable, *, on: str, settings: str) -> dict[str, str]:
    """The environment of a program of that project."""
    return {**os.environ, "DATABASE_URL": server.url(on), "DJANGO_SETTINGS_MODULE": settings}


def django_admin(server: Durable, command: str, *, on: str, settings: str) -> None:
    """Run one of Django's commands in that project. Raises `CalledProcessError`."""
    environ = surroundings(server, on=on, settings=settings)
    subprocess.run([sys.executable, "-m", "django", command, "-v", "0"], env=environ, cwd=dispatchers.ROOT, check=True)
