"""The few statements that every reminder goes through.

Planning the join behind a re-check takes PostgreSQL longer than running it. Django binds values on our side, so that
nothing can be prepared; a cursor that binds them on the server can. On SQLite the cursor is Django's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

BY_INDEX = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""
BY_INDEX_AND_FLUSHED_WITH_THE_NEXT = f"{BY_INDEX.rstrip()}, set_config('synchronous_commit', 'off', true)"


def go_by_index(*, flush_with_the_next: bool = False) -> None:
    """Find rows by index for the rest of this transaction, whatever the statistics say.

    A group is a hundred rows of a table of any size. While a table is small PostgreSQL would rather read all of it, and
    a prepared plan that does so is kept while the table grows: seen as forty times slower after twenty thousand rows.

    `flush_with_the_next`: let the commit reach the disk with the next one that waits for it, at the latest within a
    second. For what a provider took and nothing else. A power cut before that forgets the record, never the start
    marker, which was flushed before the provider was called: such a message is unknown, and settled by evidence.
    """
    if connection.vendor == "postgresql":
        fetch(BY_INDEX_AND_FLUSHED_WITH_THE_NEXT if flush_with_the_next else BY_INDEX, {})


def fetch(sql: str, params: Mapping[str, object]) -> Sequence[Sequence[Any]]:
    """All rows of a statement. Raises Django's database errors."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(sql, dict(params))  # type: ignore[arg-type]
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
            return rows
    with connection.wrap_database_errors, psycopg.Cursor(preparing()) as prepared:
        return prepared.execute(sql, params, prepare=True).fetchall()


def change(sql: str, params: Mapping[str, object]) -> int:
    """Run a statement on PostgreSQL; how many rows it changed. Raises Django's database errors."""
    with connection.wrap_database_errors, psycopg.Cursor(preparing()) as prepared:
        return prepared.execute(sql, params, prepare=True).rowcount


def preparing() -> "psycopg.Connection[Any]":
    """The connection behind Django's, allowed to prepare: Django switches that off, since its own cursors cannot."""
    connection.ensure_connection()
    link: psycopg.Connection[Any] = connection.connection
    link.prepare_threshold = 0
    return link


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of numbers, ids or quoted instants: far quicker to hand over than a list."""
    return "{" + ",".join(map(str, values)) + "}"
