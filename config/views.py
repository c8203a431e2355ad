"""Addresses for whoever runs the site: is the process up, can it work, and do reminders go out."""

import json
from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config.celery import app
from notifications.clock import database_clock
from notifications.queries.health import ALARM_AFTER, dispatch_lag
from notifications.queries.refusals import refused_channels

BROKER_SECONDS = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """`ok` while this process answers at all. Touches nothing else, so a slow database restarts no web server."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """What this process can reach, as JSON: status 200 when all of it, else 503.

    How late reminders are is told and changes no status: taking the web server away would help nobody, since it is
    where staff see whom to call. `/healthz/dispatch` is for whoever wakes somebody.
    """
    database = database_answers()
    parts = {"database": database, "migrated": database and is_migrated(), "broker": broker_answers()}
    ready = all(parts.values())
    lag = {"dispatch_lag_seconds": lag_seconds() if parts["migrated"] else None}
    return as_json({"ready": ready, **parts, **lag}, status=200 if ready else 503)


@never_cache
@require_safe
def dispatch_healthz(request: HttpRequest) -> HttpResponse:
    """Whether reminders go out, as JSON: status 503 when one is late by more than two minutes, or nobody can tell.

    `refused` names the kinds of message that a provider refuses at some clinic: those wait, and are not late.
    """
    try:
        now = database_clock(local=timezone.now)()
        lag = dispatch_lag(now=now)
        refused = sorted({one.channel for one in refused_channels(now=now)})
    except (DatabaseError, InterfaceError):
        return as_json({"on_time": False, "dispatch_lag_seconds": None, "refused": None}, status=503)
    on_time = lag <= ALARM_AFTER
    told = {"on_time": on_time, "dispatch_lag_seconds": round(lag.total_seconds(), 1), "refused": refused}
    return as_json(told, status=200 if on_time else 503)


def as_json(told: dict[str, object], *, status: int) -> HttpResponse:
    """An answer for machines that people can read too."""
    return HttpResponse(json.dumps(told) + "\n", content_type="application/json", status=status)


def database_answers() -> bool:
    """Whether the database runs a statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def is_migrated() -> bool:
    """Whether the database has had every migration that this code knows."""
    try:
        return newest_migrations() <= set(MigrationRecorder(connection).applied_migrations())
    except (DatabaseError, InterfaceError):
        return False


@cache
def newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app, as this code has them: files that do not change while the process runs."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def lag_seconds() -> float | None:
    """The age of the oldest due unsent reminder in seconds; None when the database does not say."""
    try:
        return round(dispatch_lag(now=database_clock(local=timezone.now)()).total_seconds(), 1)
    except (DatabaseError, InterfaceError):
        return None


def broker_answers() -> bool:
    """Whether the broker takes a connection within two seconds."""
    with app.connection_for_write(connect_timeout=BROKER_SECONDS) as link:
        try:
            link.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
        except (OperationalError, OSError):
            return False
    return True
