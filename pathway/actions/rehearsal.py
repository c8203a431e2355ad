"""Doing something to the database in order to see what would happen, and leaving it as it was."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

UNNAMED = "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"
"""A file without a name can have no journal beside it."""


@contextmanager
def rehearsal() -> Iterator[None]:
    """Run the block in one transaction and take it all back; what waits for its commit never happens.

    On SQLite, where one transaction keeps all others from writing, the block runs on a copy of the database instead;
    inside a transaction of the caller's, which keeps them from it anyway, it does not. On PostgreSQL the block locks
    the rows that it touches, until it ends.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with taken_back():
            yield
        return
    with on_a_copy(), taken_back():
        yield


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction that is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def on_a_copy() -> Iterator[None]:
    """Let every query of this thread go to a copy of the configured SQLite database.

    The copy lies beside the original, for its owner only, and loses its name before the block begins: however the
    block ends, even by SIGKILL, no second file with patients in it is left. Raises `OperationalError` when there is no
    room for it.
    """
    configured = connections[DEFAULT_DB_ALIAS]
    rehearsed = copied(configured)
    connections[DEFAULT_DB_ALIAS] = rehearsed
    try:
        yield
    finally:
        rehearsed.close()
        connections[DEFAULT_DB_ALIAS] = configured


def copied(configured: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    """An open connection to a copy of the database, whose file has no name any more."""
    configured.ensure_connection()
    original = Path(configured.settings_dict["NAME"])
    folder = original.parent if original.is_file() else None
    try:
        with tempfile.NamedTemporaryFile(prefix="milepost-dry-run-", dir=folder) as file:
            with configured.wrap_database_errors, closing(sqlite3.connect(file.name)) as copy:
                configured.connection.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # a write-ahead log would be two more files with names
            options = {**configured.settings_dict["OPTIONS"], "init_command": UNNAMED}
            settings = {**configured.settings_dict, "NAME": file.name, "OPTIONS": options}
            rehearsed = ConnectionHandler({DEFAULT_DB_ALIAS: settings})[DEFAULT_DB_ALIAS]
            rehearsed.ensure_connection()
    except OSError as error:
        raise OperationalError(f"no copy of the database could be made: {error.strerror}") from error
    return rehearsed
