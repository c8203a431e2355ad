"""Deleting every row of a test database, also of the tables whose triggers let none go."""

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that migrations fill, and that no test changes."""


def empty(connection: BaseDatabaseWrapper) -> None:
    """Delete every row but those of `KEPT`, and commit. On PostgreSQL it takes a superuser, which the tests' own is."""
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in KEPT]
    (_empty_sqlite if connection.vendor == "sqlite" else _empty_postgres)(connection, tables)


def _empty_postgres(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """As a replica no trigger and no foreign key is asked."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        deletions = "; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)
        cursor.execute(f"SET LOCAL session_replication_role = replica; {deletions}")


def _empty_sqlite(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """The triggers against deletion are taken down for it and put up again."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        for _, sql in triggers:
            cursor.execute(sql)
