"""What production must have configured before it may start, as Django system checks.

`manage.py check` lists what is missing, and every command that runs the checks stops on it. gunicorn and Celery never
run them, so `config/wsgi.py`, `config/asgi.py` and `config/celery.py` call `refuse_unsafe_production` as they start.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from config.channel_checks import errors
from notifications.channels.accounts import in_environment


def production_is_configured(app_configs: Sequence[AppConfig] | None, **named: Any) -> list[CheckMessage]:
    """Errors for what production lacks; none outside production (`MILEPOST_PRODUCTION` unset)."""
    return list(findings(os.environ)) if settings.PRODUCTION else []


def production_is_declared(app_configs: Sequence[AppConfig] | None, **named: Any) -> list[CheckMessage]:
    """A warning when a real database is served with the published key: production that nobody said is production."""
    is_published = settings.SECRET_KEY == settings.DEVELOPMENT_KEY
    if settings.PRODUCTION or not is_published or not os.environ.get("DATABASE_URL"):
        return []
    return [
        Warning(
            "DATABASE_URL names a database, and SECRET_KEY is the published one: anyone could forge a session.",
            hint="If this is more than development, set MILEPOST_PRODUCTION=1: it then says what else is needed.",
            id="config.W001",
        )
    ]


def findings(environ: Mapping[str, str]) -> Iterator[Error]:
    """One error for each variable that production needs and `environ` or the settings lack."""
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY or len(settings.SECRET_KEY) < 50:
        yield error(
            1,
            "SECRET_KEY is not set, or shorter than 50 characters, so anyone could forge a session.",
            "Set it to the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
        )
    if not environ.get("DATABASE_URL"):
        yield error(
            2,
            "DATABASE_URL is not set, so patients would be kept in a file beside the code.",
            "Set it to your PostgreSQL: postgresql://user:password@host/milepost",
        )
    if not environ.get("REDIS_URL"):
        yield error(
            3,
            "REDIS_URL is not set, so nothing would wake the dispatcher.",
            "Set it to your Redis or Valkey: redis://host:6379/0",
        )
    if not environ.get("ALLOWED_HOSTS") or "*" in settings.ALLOWED_HOSTS:
        yield error(
            4,
            "ALLOWED_HOSTS is not set, or allows any host.",
            "Set it to the site's host names, with commas between: milepost.example.org",
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        yield error(
            5,
            "MILEPOST_PUBLIC_URL does not start with https://, so patients' links would go out unencrypted.",
            "Set it to the address that patients reach: https://milepost.example.org",
        )
    if settings.DEBUG:
        yield error(
            6,
            "MILEPOST_DEBUG is on, so an error page would show patients' data.",
            "Unset it.",
        )


def error(number: int, message: str, hint: str) -> Error:
    """A finding that names the variable first and says how to mend it."""
    return Error(message, hint=hint, id=f"config.E{number:03}")


def refuse_unsafe_production() -> None:
    """Raise `ImproperlyConfigured`, naming every variable at fault, when this is production and not ready for it."""
    found = production_is_configured(None)
    if settings.PRODUCTION:
        found += errors(list(in_environment(settings.PROVIDERS)))
    if found:
        lines = [f"{finding.msg} {finding.hint}" for finding in found]
        raise ImproperlyConfigured("\n  - ".join(["Milepost will not start in production like this:", *lines]))
