"""Emails through Django's mail backends: SMTP, or a provider's API by way of Anymail."""

import json
import logging
import re
import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from email.utils import parseaddr
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.utils.module_loading import import_string

from notifications.channels.accounts import Account
from notifications.channels.base import Channel, ChannelError, Envelope, LookUp, NoAnswer, Receipt, Refusal, Sought

OUR_ID = "milepost_id"
"""The name under which Anymail's providers carry our id, and tell it with every receipt."""

STEP_SECONDS = 4.0
"""For one step: connecting, or one line of SMTP and its answer."""

WHOLE_SECONDS = 9.0
"""For all steps of one email together."""

# At DEBUG these write whole requests, with the patient's words in them.
for name in ("botocore", "urllib3"):
    logging.getLogger(name).setLevel(logging.WARNING)

CONCURRENCY = 8
STATUS = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")
BY_STATUS = {"1": Refusal.NO_SUCH_ADDRESS, "2": Refusal.UNREACHABLE, "7": Refusal.FILTERED}
"""By the subject in an enhanced status code (RFC 3463): the address, the mailbox, a policy."""

BY_REPLY = {
    550: Refusal.NO_SUCH_ADDRESS,
    551: Refusal.NO_SUCH_ADDRESS,
    552: Refusal.UNREACHABLE,
    553: Refusal.NO_SUCH_ADDRESS,
    554: Refusal.FILTERED,
}
NO_CONNECTION = {"ConnectTimeout", "NewConnectionError", "NameResolutionError"}
"""Kinds of exception of Anymail's HTTP library after which nothing can have been handed over."""


class Handover:
    """The line that an email crosses when it may have been taken; who waits for it may give up before, for certain."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.begun = self.given_up = False

    def begin(self) -> bool:
        """Cross the line; false when that was given up."""
        with self.lock:
            self.begun = not self.given_up
            return self.begun

    def give_up(self) -> bool:
        """Whether giving up came before the line: then it will not be crossed any more."""
        with self.lock:
            self.given_up = not self.begun
            return self.given_up


class EmailChannel(Channel):
    """One email a message, over a connection of its own, with our id in its Message-ID. Mail servers cannot be asked.

    A mail server may take its time at each of a dozen steps, so each email has a thread that is waited for only so
    long. One that is given up on ends by itself soon after.
    """

    concurrency = CONCURRENCY

    def __init__(self, account: Account) -> None:
        self.sender = account.sender
        self.make_connection = smtp(account.secret) if not account.account else backend(account)
        where = account.account or urlsplit(account.secret).hostname
        self.account = f"email/{where}/{parseaddr(account.sender)[1]}"[:200]
        self.per_second = account.per_second
        self.threads = ThreadPoolExecutor(max_workers=2 * CONCURRENCY, thread_name_prefix="email")

    def send(self, envelope: Envelope) -> Receipt:
        """Hand one email over. Raises `ChannelError` or `NoAnswer`."""
        handover = Handover()
        under_way = self.threads.submit(self.hand_over, self.email(envelope), handover)
        wait([under_way], timeout=WHOLE_SECONDS)
        if not under_way.done():
            if handover.give_up():
                raise ChannelError(code="timeout", message="no connection", what=Refusal.DOWN)
            raise NoAnswer("timeout")
        return Receipt(envelope.offered_at, provider_reference=under_way.result())

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        return LookUp.UNSUPPORTED

    def email(self, envelope: Envelope) -> EmailMessage:
        """The email, named after our id, which says to mail programs where one click stops the messages (RFC 8058)."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        headers = {"Message-ID": f"<{envelope.reference}@{domain}>", "Auto-Submitted": "auto-generated"}
        if envelope.unsubscribe:
            headers["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
        if envelope.unsubscribe.startswith("https:"):  # without, one click would carry the link in the open
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        email = EmailMessage(
            subject=" ".join(envelope.subject.split()),
            body=envelope.body,
            from_email=self.sender,
            to=[envelope.address],
            headers=headers,
        )
        email.metadata = {OUR_ID: str(envelope.reference)}  # type: ignore[attr-defined] # Anymail's; it comes back
        return email

    def hand_over(self, email: EmailMessage, handover: Handover) -> str:
        """Connect, then offer the email; what the provider calls it, if it says."""
        try:
            connection = self.make_connection()
            connection.open()
        except Exception as error:
            raise not_connected(error) from None
        try:
            if not handover.begin():
                return ""
            taken = connection.send_messages([email])
        except Exception as error:
            raise answer_of(error) from None
        finally:
            close(connection)
        if not taken:
            raise ChannelError(code="not-sent", message=Refusal.OTHER.value)
        status = getattr(email, "anymail_status", None)
        return str(status.message_id or "") if status else ""


def smtp(url: str) -> Callable[[], BaseEmailBackend]:
    """Connections to the mail server at `smtp://user:password@host:587`, or `smtps://...`."""
    parts = urlsplit(url)
    at_once = parts.scheme == "smtps"
    options: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or (465 if at_once else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": at_once,
        "use_tls": not at_once and parse_qs(parts.query).get("tls") != ["off"],
        "timeout": STEP_SECONDS,
    }
    return lambda: SmtpBackend(**options)


def backend(account: Account) -> Callable[[], BaseEmailBackend]:
    """Connections of a Django email backend, with Anymail's settings as its options.

    Raises `ImportError` when there is no such backend.
    """
    make = import_string(account.account)
    options = options_for(str(getattr(make, "esp_name", "")), account)
    # Not every provider can carry our id back; an email without a receipt is better than none.
    return lambda: make(**{"timeout": STEP_SECONDS, "ignore_unsupported_features": True, **options})


def options_for(esp_name: str, account: Account) -> dict[str, Any]:
    """An account's Anymail settings as options of one provider's classes: `MAILGUN_API_KEY` as `api_key`."""
    prefix = esp_name.upper().replace(" ", "_") + "_"
    return {name.upper().removeprefix(prefix).lower(): value for name, value in json.loads(account.secret).items()}


def not_connected(error: Exception) -> ChannelError:
    """What it means that no connection came about: nothing was handed over."""
    name = type(error).__name__
    ours = (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ImproperlyConfigured)
    what = Refusal.ACCOUNT if isinstance(error, ours) else Refusal.DOWN
    return ChannelError(code=name, message=what.value, what=what)


def answer_of(error: Exception) -> ChannelError | NoAnswer:
    """What an exception proves about the email it came of. None of its words are kept: they name the patient."""
    name = type(error).__name__
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()))
            return refused(code, what_of_reply(code, text))
        case smtplib.SMTPSenderRefused():
            return refused(error.smtp_code, Refusal.ACCOUNT)
        case smtplib.SMTPDataError():
            return refused(error.smtp_code, Refusal.FILTERED)
        case smtplib.SMTPNotSupportedError() | ImproperlyConfigured():
            return ChannelError(code=name, message=Refusal.ACCOUNT.value, what=Refusal.ACCOUNT)
        case AnymailRecipientsRefused():
            return ChannelError(code=name, message=Refusal.BLOCKED.value, what=Refusal.BLOCKED)
        case AnymailAPIError():
            return answer_of_api(error)
        case AnymailError():  # it could not be put into the provider's form, so it was never posted
            return ChannelError(code=name, message=Refusal.OTHER.value)
    return NoAnswer(name)


def refused(code: int, what: Refusal) -> ChannelError:
    """A mail server's refusal: for now when its reply begins with 4."""
    if 400 <= code < 500:
        what = Refusal.RATE_LIMITED
    return ChannelError(code=str(code), message=what.value, what=what)


def what_of_reply(code: int, text: bytes | str) -> Refusal:
    """Why a mail server would not take an address, by its enhanced status code if it gave one, else by its reply."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    found = STATUS.search(words)
    return BY_STATUS.get(found.group(1), Refusal.OTHER) if found else BY_REPLY.get(code, Refusal.OTHER)


def answer_of_api(error: Any) -> ChannelError | NoAnswer:
    """What the answer of a provider's API, or its absence, proves."""
    status = error.status_code
    if status is None:
        cause = error.__cause__
        reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
        if {type(cause).__name__, type(reason).__name__} & NO_CONNECTION:
            return ChannelError(code="no-connection", message=Refusal.DOWN.value, what=Refusal.DOWN)
    if status is None or not 400 <= status < 500 or status == 408:
        return NoAnswer(f"answered {status}" if status else "no answer")
    what = {401: Refusal.ACCOUNT, 403: Refusal.ACCOUNT, 404: Refusal.ACCOUNT, 429: Refusal.RATE_LIMITED}
    refusal = what.get(status, Refusal.OTHER)
    return ChannelError(code=str(status), message=refusal.value, what=refusal)


def close(connection: BaseEmailBackend) -> None:
    """End a connection. How that goes changes nothing about the email."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return
