"""Whether what carries messages is configured in whole, as Django system checks."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError
from django.utils.module_loading import import_string

from notifications.channels.accounts import EMAIL, KINDS, Account, Gap, in_database, in_environment, not_importable
from notifications.channels.base import Channel
from notifications.channels.email import backend

READER = "notifications.webhooks.emails.reader_of"
"""By name: it reads the database's models, and this is imported before there are any."""

SETTING = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
KIND_NAMES = {"sms": "texts", "voice": "calls", "email": "emails"}


def environment_is_whole(app_configs: Sequence[AppConfig] | None, **named: Any) -> list[CheckMessage]:
    """Errors for accounts that the environment sets in part, and warnings for what nothing carries or reaches."""
    found = list(in_environment(settings.PROVIDERS))
    names = {"account": "MILEPOST_EMAIL_BACKEND{}", "secret": "MILEPOST_ANYMAIL{}"}
    return [
        *errors([*found, *unfit_for_emails(found, names=names, clinic="_CLINIC_{}")]),
        *emails_without_receipts(found, where="MILEPOST_ANYMAIL{}"),
        *classes_that_are_no_channel(),
        *kinds_without_a_channel(found),
        *address_of_receipts(found),
    ]


def rows_are_whole(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **named: Any
) -> list[CheckMessage]:
    """Errors for clinics' accounts in the back office that are set in part.

    Only where the database may be asked: in `migrate` and `check --database default`. A database that has no such table
    yet, or cannot be reached, is not this check's to report.
    """
    if not databases:
        return []
    try:
        found = list(in_database())
    except DatabaseError:
        return []
    names = {field: f"The back office's account for emails{{}}: {field}" for field in ("account", "secret")}
    unfit = unfit_for_emails(found, names=names, clinic=" of clinic {}")
    receipts = emails_without_receipts(found, where="The back office's account for emails{}: secret")
    return [*errors([*found, *unfit]), *receipts]


def errors(found: Sequence[Account | Gap]) -> Iterator[Error]:
    """One error for each gap."""
    for one in found:
        if isinstance(one, Gap):
            carried = " and ".join(KIND_NAMES[kind] for kind in one.kinds)
            yield Error(f"{one.where} {one.fault}, so no {carried} go out.", hint=one.mend, id="config.E010")


def emails_without_receipts(found: Sequence[Account | Gap], *, where: str) -> Iterator[Error]:
    """One error for each account of Anymail whose provider could not prove who it is when it tells of an email.

    `where` names the variable or field; the clinic's suffix goes into its braces.
    """
    for one in found:
        fault = fault_of_receipts(one) if isinstance(one, Account) and one.account.startswith("anymail.") else ""
        if fault:
            yield Error(
                f"{where.format(f'_CLINIC_{one.clinic_id}' if one.clinic_id else '')} {fault}, so nobody "
                "hears whether emails arrive.",
                hint='Add "WEBHOOK_SECRET": "a-name:a-long-password", and tell it the provider (docs/providers.md).',
                id="config.E012",
            )


def fault_of_receipts(account: Account) -> str:
    """What is wrong with the secret by which an account's provider is known; empty when nothing is."""
    given = {name.upper(): value for name, value in json.loads(account.secret).items() if value}.get("WEBHOOK_SECRET")
    if not given:
        return "has no WEBHOOK_SECRET"
    secrets = given if isinstance(given, list) else [given]
    if not all(isinstance(one, str) and all(one.partition(":")) for one in secrets):
        return "has a WEBHOOK_SECRET that is no name and password with a colon between"
    return ""


def unfit_for_emails(found: Sequence[Account | Gap], *, names: Mapping[str, str], clinic: str) -> Iterator[Gap]:
    """A gap for each account of a backend that cannot be built, or whose events could not be read.

    Both are made as they would be at work; nothing is connected to. `names` are the variables or fields at fault,
    `clinic` what goes into their braces for a clinic's own.
    """
    for one in found:
        if isinstance(one, Account) and one.provider == EMAIL and one.account:
            where = {
                field: name.format(clinic.format(one.clinic_id) if one.clinic_id else "")
                for field, name in names.items()
            }
            gap = gap_of_backend(one, where)
            if gap is not None:
                yield gap


def gap_of_backend(account: Account, where: Mapping[str, str]) -> Gap | None:
    """What keeps an email account from being used; None when nothing does."""
    try:
        make = import_string(account.account)
        if not (isinstance(make, type) and issubclass(make, BaseEmailBackend)):
            mend = "Set it to a class, such as anymail.backends.mailgun.EmailBackend."
            return Gap(account.clinic_id, (account.kind,), where["account"], "is no Django email backend", mend)
        backend(account)()
        import_string(READER)(account, address=settings.PUBLIC_URL)
    except ImproperlyConfigured as error:
        named = SETTING.search(str(error))
        fault = f"lacks a sound {named.group()}" if named else f"is not what {account.account} needs"
        mend = "Set it as Anymail's documentation names it for this provider (docs/providers.md)."
        return Gap(account.clinic_id, (account.kind,), where["secret"], fault, mend)
    except ImportError:
        return not_importable(account, where=where["account"])
    except Exception as error:
        mend = "Compare it with what Anymail's documentation names for this provider (docs/providers.md)."
        fault = f"is not what {account.account} takes ({type(error).__name__})"
        return Gap(account.clinic_id, (account.kind,), where["secret"], fault, mend)
    return None


def classes_that_are_no_channel() -> Iterator[Error]:
    """One error for each class of one's own that does not exist, is no channel or cannot be made."""
    for kind, path in settings.CHANNELS.items():
        fault = fault_of_class(path)
        if fault:
            yield Error(
                f"MILEPOST_{kind.upper()} {fault}, so no {KIND_NAMES[kind]} go out.",
                hint="Set it to the Python path of a channel's class, or unset it.",
                id="config.E011",
            )


def kinds_without_a_channel(found: Sequence[Account | Gap]) -> Iterator[Warning]:
    """A warning for each kind that nothing carries, once anything is carried."""
    if not any(one.clinic_id is None for one in found):
        return
    carried = {one.kind for one in found if isinstance(one, Account)} | set(settings.CHANNELS)
    broken = {kind for one in found if isinstance(one, Gap) for kind in one.kinds}
    for kind in KINDS:
        if kind not in carried | broken:
            yield Warning(
                f"Nothing carries {KIND_NAMES[kind]}: patients who can only be reached so become tasks for people.",
                hint="Set an account for them (docs/providers.md), or let it be if that is what you want.",
                id="config.W010",
            )


def address_of_receipts(found: Sequence[Account | Gap]) -> Iterator[Warning]:
    """A warning when the provider of texts and calls could not reach us with receipts and replies.

    In production that address is an error of its own (`config.E005`).
    """
    calls_back = any(isinstance(one, Account) and one.kind in {"sms", "voice"} for one in found)
    if calls_back and not settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        yield Warning(
            f"MILEPOST_PUBLIC_URL is {settings.PUBLIC_URL}, where the provider of texts and calls may not reach us: no "
            "receipts and no replies.",
            hint="Set it to the https address that the provider reaches.",
            id="config.W011",
        )


def fault_of_class(path: str) -> str:
    """What is wrong with a Python path as that of a channel; empty when nothing is."""
    try:
        make = import_string(path)
    except ImportError:
        return "cannot be imported"
    if not (isinstance(make, type) and issubclass(make, Channel)):
        return "is no channel (a class that inherits notifications.channels.base.Channel)"
    try:
        make()
    except Exception as error:
        return f"cannot be made ({type(error).__name__})"
    return ""
