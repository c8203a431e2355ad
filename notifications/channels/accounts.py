"""Accounts at providers: those of the environment, and the clinics' own in the database.

The environment (`settings.PROVIDERS`, every name in `.env.example`) holds the accounts that all clinics share, and
with the suffix `_CLINIC_<id>` those of one clinic. A `ProviderAccount` row wins over both. What is set in part is a
`Gap`: it is reported by the system checks, and nothing is sent by way of it.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings

KINDS = ("sms", "voice", "email")
TWILIO, EMAIL = "twilio", "email"
TWILIO_URL = "https://api.twilio.com"

CLINIC_SUFFIX = re.compile(r"_CLINIC_(\d+)$")
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
TEXT_SENDER = re.compile(rf"{NUMBER.pattern}|\d{{5,6}}|MG[0-9a-f]{{32}}")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+|[^<>\r\n]*<[^@\s<>]+@[^@\s<>]+>")
ENCRYPTED = "gAAAAA"
"""How a secret begins that could not be decrypted: the field then hands out what is in its column."""


@dataclass(frozen=True, slots=True)
class Account:
    """One whole account for one kind of contact; `clinic_id` None: shared by all clinics that have no own.

    Twilio: `account` is the account SID, `secret` the auth token, `sender` a number or messaging service, `url` the
    address of its API. Email: `account` is empty and `secret` an SMTP address (`smtp://user:password@host:587`), or
    `account` is the Python path of a Django email backend and `secret` its Anymail settings as JSON.
    """

    clinic_id: int | None
    kind: str
    provider: str
    account: str
    secret: str = field(repr=False)
    sender: str
    per_second: float | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """An account set in part: which variable or field of a row is at fault, in what way, and how to mend it.

    `kinds` are the kinds of contact that it keeps from being used.
    """

    clinic_id: int | None
    kinds: tuple[str, ...]
    where: str
    fault: str
    mend: str


def known_accounts() -> list[Account]:
    """Every whole account: those of the environment, and the active rows of the database, which win for their clinic.

    One query.
    """
    return [one for one in accounts_and_gaps() if isinstance(one, Account)]


def accounts_and_gaps() -> list[Account | Gap]:
    """Every account that is set, whole or in part. An active row replaces what the environment says of its clinic."""
    rows = list(in_database())
    theirs = {(one.clinic_id, kind) for one in rows for kind in kinds_of(one)}
    kept: list[Account | Gap] = []
    for one in in_environment(settings.PROVIDERS):
        kinds = tuple(kind for kind in kinds_of(one) if (one.clinic_id, kind) not in theirs)
        if kinds:
            kept.append(replace(one, kinds=kinds) if isinstance(one, Gap) else one)
    return [*kept, *rows]


def kinds_of(one: Account | Gap) -> tuple[str, ...]:
    """The kinds of contact that an account or gap is about."""
    return (one.kind,) if isinstance(one, Account) else one.kinds


def in_environment(environ: Mapping[str, str]) -> Iterator[Account | Gap]:
    """What the environment sets: the shared accounts, then each clinic's. Touches no database."""
    suffixes = {found.group(): int(found.group(1)) for name in environ if (found := CLINIC_SUFFIX.search(name))}
    for suffix, clinic_id in [("", None), *sorted(suffixes.items(), key=lambda item: item[1])]:
        yield from twilio_in(environ, suffix=suffix, clinic_id=clinic_id)
        yield from email_in(environ, suffix=suffix, clinic_id=clinic_id)


def twilio_in(environ: Mapping[str, str], *, suffix: str, clinic_id: int | None) -> Iterator[Account | Gap]:
    """The accounts for texts and calls under one suffix. A clinic's own number may stand on the shared account."""
    names = {
        "account": f"MILEPOST_TWILIO_ACCOUNT_SID{suffix}",
        "secret": f"MILEPOST_TWILIO_AUTH_TOKEN{suffix}",
        "sender": f"MILEPOST_TWILIO_FROM{suffix}",
    }
    voice_from = environ.get("MILEPOST_TWILIO_VOICE_FROM" + suffix, "")
    sender = environ.get("MILEPOST_TWILIO_FROM" + suffix, "")
    holds = suffix if environ.get(names["account"]) or environ.get(names["secret"]) else ""
    sid = environ.get("MILEPOST_TWILIO_ACCOUNT_SID" + holds, "")
    token = environ.get("MILEPOST_TWILIO_AUTH_TOKEN" + holds, "")
    if not (sender or voice_from or ((sid or token) and holds == suffix)):
        return
    per_second = number(environ.get("MILEPOST_TWILIO_PER_SECOND" + holds, ""))
    names["per_second"] = "MILEPOST_TWILIO_PER_SECOND" + holds
    url = environ.get("MILEPOST_TWILIO_URL" + holds, "") or TWILIO_URL
    senders = {"sms": (sender, names["sender"])} if sender or not voice_from else {}
    if voice_from:
        senders["voice"] = (voice_from, f"MILEPOST_TWILIO_VOICE_FROM{suffix}")
    elif NUMBER.fullmatch(sender):
        senders["voice"] = (sender, names["sender"])
    accounts = [
        (Account(clinic_id, kind, TWILIO, sid, token, sent_from, per_second, url), {**names, "sender": name})
        for kind, (sent_from, name) in senders.items()
    ]
    yield from sound_or_gaps(accounts)


def email_in(environ: Mapping[str, str], *, suffix: str, clinic_id: int | None) -> Iterator[Account | Gap]:
    """The account for emails under one suffix: SMTP, or a Django email backend with its Anymail settings."""
    url = environ.get("MILEPOST_EMAIL_URL" + suffix, "")
    backend = environ.get("MILEPOST_EMAIL_BACKEND" + suffix, "")
    anymail = environ.get("MILEPOST_ANYMAIL" + suffix, "")
    sender = environ.get("MILEPOST_EMAIL_FROM" + suffix, "")
    if not (url or backend or anymail or sender):
        return
    if url and (backend or anymail):
        where = f"MILEPOST_EMAIL_URL{suffix}"
        yield Gap(clinic_id, ("email",), where, "is set beside a backend", "Unset it, or MILEPOST_EMAIL_BACKEND.")
        return
    if anymail and not backend:
        mend = "Set it to a Django email backend, such as anymail.backends.mailgun.EmailBackend."
        yield Gap(clinic_id, ("email",), f"MILEPOST_EMAIL_BACKEND{suffix}", "is not set", mend)
        return
    names = {
        "account": f"MILEPOST_EMAIL_BACKEND{suffix}",
        "secret": f"MILEPOST_ANYMAIL{suffix}" if backend else f"MILEPOST_EMAIL_URL{suffix}",
        "sender": f"MILEPOST_EMAIL_FROM{suffix}",
    }
    secret = (anymail or "{}") if backend else url
    account = Account(clinic_id, "email", EMAIL, backend, secret, sender, per_second=None)
    yield from sound_or_gaps([(account, names)])


def in_database() -> Iterator[Account | Gap]:
    """What the active rows hold.

    The model is looked up by name: the system checks import this module before any model is loaded.
    """
    rows = apps.get_model("notifications", "ProviderAccount").objects.filter(is_active=True)
    urls = settings.PROVIDERS.get("MILEPOST_TWILIO_URL", "") or TWILIO_URL
    for row in rows.select_related("clinic").order_by("clinic_id", "kind"):
        url = urls if row.provider == TWILIO else ""
        whole = Account(row.clinic_id, row.kind, row.provider, row.account, row.secret, row.sender, row.per_second, url)
        name = f"The back office's account for {row}"
        fields = ("provider", "account", "secret", "sender", "per_second")
        yield from sound_or_gaps([(whole, {field: f"{name}: {field.replace('_', ' ')}" for field in fields})])


def sound_or_gaps(accounts: list[tuple[Account, dict[str, str]]]) -> Iterator[Account | Gap]:
    """Each account with nothing at fault; for the others one gap for each place at fault, named as given."""
    at_fault: dict[tuple[str, str, str], list[Account]] = {}
    for account, names in accounts:
        faults = list(faults_of(account))
        if not faults:
            yield account
        for place, fault, mend in faults:
            at_fault.setdefault((names[place], fault, mend), []).append(account)
    for (where, fault, mend), those in at_fault.items():
        yield Gap(those[0].clinic_id, tuple(one.kind for one in those), where, fault, mend)


def faults_of(account: Account) -> Iterator[tuple[str, str, str]]:
    """What is wrong with an account as it is set: the field at fault, in what way, and how to mend it."""
    if account.per_second is not None and not (math.isfinite(account.per_second) and account.per_second > 0):
        yield "per_second", "is not a number above 0", "Set it to how many messages a second may go out, or unset it."
    if account.secret.startswith(ENCRYPTED):
        yield "secret", "cannot be decrypted", "Set SECRET_KEY and MILEPOST_SALT as they were, or enter it again."
    elif account.provider == TWILIO and account.kind in {"sms", "voice"}:
        yield from faults_of_twilio(account)
    elif account.provider == EMAIL and account.kind == "email":
        yield from faults_of_email(account)
    else:
        yield "provider", "carries no such messages", "Texts and calls go by twilio, emails by email."


def faults_of_twilio(account: Account) -> Iterator[tuple[str, str, str]]:
    """What is wrong with an account for texts or calls."""
    if not ACCOUNT_SID.fullmatch(account.account):
        fault = "is not an account SID" if account.account else "is not set"
        yield "account", fault, "Set it to the Account SID of the provider's console: AC and 32 hexadecimal digits."
    if not account.secret:
        yield (
            "secret",
            "is not set",
            "Set it to the Auth Token beside the Account SID in the provider's console.",
        )
    if account.kind == "sms" and not TEXT_SENDER.fullmatch(account.sender):
        fault = "cannot send texts" if account.sender else "is not set"
        yield (
            "sender",
            fault,
            "Set it to a number like +12025550143, or to a messaging service's SID (MG...).",
        )
    if account.kind == "voice" and not NUMBER.fullmatch(account.sender):
        fault = "cannot make calls" if account.sender else "is not set"
        yield "sender", fault, "Set it to a number like +12025550143."


def faults_of_email(account: Account) -> Iterator[tuple[str, str, str]]:
    """What is wrong with an account for emails."""
    if not ADDRESS.fullmatch(account.sender):
        fault = "is not an email address" if account.sender else "is not set"
        yield "sender", fault, "Set it to what patients see: Oak Clinic <care@oak.example.org>."
    if account.account:
        if not is_json_object(account.secret):
            yield "secret", "is not a JSON object", 'Set it to Anymail\'s settings: {"MAILGUN_API_KEY": "..."}.'
    elif not is_smtp_address(account.secret):
        fault = "is not an SMTP address" if account.secret else "is not set"
        yield "secret", fault, "Set it to smtp://user:password@host:587, or to smtps://... for TLS from the first byte."


def number(text: str) -> float | None:
    """A number as it is written; None for nothing, and not-a-number for anything else."""
    try:
        return float(text) if text else None
    except ValueError:
        return math.nan


def is_json_object(text: str) -> bool:
    """Whether the text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def is_smtp_address(text: str) -> bool:
    """Whether the text is an address of the kind `smtp://user:password@host:port`."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def not_importable(account: Account, *, where: str) -> Gap:
    """The gap that an email account has when its backend cannot be imported; whoever wants to use it tries."""
    mend = "Set it to a Django email backend, such as anymail.backends.mailgun.EmailBackend."
    return Gap(account.clinic_id, (account.kind,), where, "cannot be imported", mend)
