"""Two addresses for whoever runs the site: is the process up, and can it work."""

import json

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config.celery import app

BROKER_SECONDS = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """`ok` while this process answers at all. Touches nothing else, so a slow database restarts no web server."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """What this process can reach, as JSON: status 200 when all of it, else 503."""
    parts = {"database": database_answers(), "broker": broker_answers()}
    return HttpResponse(
        json.dumps({"ready": all(parts.values()), **parts}),
        content_type="application/json",
        status=200 if all(parts.values()) else 503,
    )


def database_answers() -> bool:
    """Whether the database runs a statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def broker_answers() -> bool:
    """Whether the broker takes a connection within two seconds."""
    with app.connection_for_write(connect_timeout=BROKER_SECONDS) as link:
        try:
            link.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
        except (OperationalError, OSError):
            return False
    return True
