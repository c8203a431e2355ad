"""Whether what carries messages is configured in whole, as Django system checks."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError
from django.utils.module_loading import import_string

from notifications.channels.accounts import EMAIL, KINDS, Account, Gap, in_database, in_environment, not_importable

KIND_NAMES = {"sms": "texts", "voice": "calls", "email": "emails"}


def environment_is_whole(app_configs: Sequence[AppConfig] | None, **named: Any) -> list[CheckMessage]:
    """Errors for accounts that the environment sets in part, and warnings for what nothing carries or reaches."""
    found = list(in_environment(settings.PROVIDERS))
    lost = [
        not_importable(one, where=f"MILEPOST_EMAIL_BACKEND{f'_CLINIC_{one.clinic_id}' if one.clinic_id else ''}")
        for one in backends_that_lead_nowhere(found)
    ]
    return [
        *errors([*found, *lost]),
        *emails_without_receipts(found, where="MILEPOST_ANYMAIL{}"),
        *paths_that_lead_nowhere(),
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
    lost = [
        not_importable(one, where=f"The back office's account for emails of clinic {one.clinic_id}: account")
        for one in backends_that_lead_nowhere(found)
    ]
    receipts = emails_without_receipts(found, where="The back office's account for emails{}: secret")
    return [*errors([*found, *lost]), *receipts]


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
        if isinstance(one, Account) and one.account.startswith("anymail.") and "WEBHOOK_SECRET" not in names_in(one):
            yield Error(
                f"{where.format(f'_CLINIC_{one.clinic_id}' if one.clinic_id else '')} has no WEBHOOK_SECRET, so nobody "
                "hears whether emails arrive.",
                hint='Add "WEBHOOK_SECRET": "a-name:a-long-password", and tell it the provider (docs/providers.md).',
                id="config.E012",
            )


def names_in(account: Account) -> set[str]:
    """The names of an account's Anymail settings that are not empty."""
    return {name.upper() for name, value in json.loads(account.secret).items() if value}


def backends_that_lead_nowhere(found: Sequence[Account | Gap]) -> Iterator[Account]:
    """The email accounts whose backend cannot be imported."""
    for one in found:
        if isinstance(one, Account) and one.provider == EMAIL and one.account and not leads_somewhere(one.account):
            yield one


def paths_that_lead_nowhere() -> Iterator[Error]:
    """One error for each class of one's own that does not exist."""
    for kind, path in settings.CHANNELS.items():
        if not leads_somewhere(path):
            yield Error(
                f"MILEPOST_{kind.upper()} cannot be imported, so no {KIND_NAMES[kind]} go out.",
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


def leads_somewhere(path: str) -> bool:
    """Whether a Python path can be imported."""
    try:
        import_string(path)
    except ImportError:
        return False
    return True
