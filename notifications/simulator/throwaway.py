"""A database for one simulation: a temporary SQLite file that takes the place of the configured one and is deleted."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import ConnectionHandler

FAST = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-200000;"
"""Nothing is flushed to the disk: after a power cut there is nothing to go on with anyway."""


@contextmanager
def throwaway_database() -> Iterator[Path]:
    """Run the block on a new, migrated SQLite file; the configured database is neither opened nor changed.

    The file is deleted afterwards, whatever ends the block.
    """
    with tempfile.TemporaryDirectory(prefix="milepost-simulation-") as folder:
        path = Path(folder) / "simulation.sqlite3"
        options = {"transaction_mode": "IMMEDIATE", "init_command": FAST}
        with migrated({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}):
            yield path


@contextmanager
def migrated(database: Mapping[str, Any]) -> Iterator[None]:
    """Let every query of this thread go to another database, given as in `settings.DATABASES`, with its tables made.

    The connection is exchanged and the settings are left alone, so that no other thread and nothing after the block
    can be led to the wrong database.
    """
    throwaway = ConnectionHandler({DEFAULT_DB_ALIAS: dict(database)})[DEFAULT_DB_ALIAS]
    configured = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = throwaway
    ContentType.objects.clear_cache()
    try:
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        yield
    finally:
        throwaway.close()
        connections[DEFAULT_DB_ALIAS] = configured
        ContentType.objects.clear_cache()
