"""Twilio's REST API, for texts and calls: one client, and what its answers and error codes mean.

Written against httpx, without the provider's own library. Nothing of a request is logged or put into an exception: its
address holds the account, its body the patient's number and words.
"""

import json
import logging
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings

from notifications.channels.accounts import Account
from notifications.channels.base import Channel, ChannelError, Envelope, LookUp, NoAnswer, Receipt, Refusal, Sought
from notifications.channels.evidence import Trace, receipt_for

WAIT_SECONDS, CONNECT_SECONDS, WRITE_SECONDS, ANSWER_SECONDS = 0.5, 2.0, 0.5, 4.5
"""For a free connection; for TCP and again for TLS; for the request; for the answer. Under ten seconds in all."""

CONCURRENCY = 32
PAGE_SIZE = 200
PAGES_AT_MOST = 20
"""Far more than one number was ever sent. Beyond it, nobody has looked everything through."""

# httpx writes every request's whole address at INFO, and httpcore more at DEBUG.
for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.WARNING)

CODES: Mapping[Refusal, str] = {
    Refusal.OPTED_OUT: "21610",
    Refusal.NOT_FOR_TEXTS: "21614 21635 30006",
    Refusal.NO_SUCH_ADDRESS: "13223 21211 21217 21401 21421 21604 30005",
    Refusal.UNREACHABLE: "21214 21612 30003 30008 30017 30036 30410 busy canceled no-answer",
    Refusal.BLOCKED: "30004",
    Refusal.FILTERED: "30007 30038 30039 30450",
    Refusal.RATE_LIMITED: "14107 20429 21611 30001 30022 30023 30027 429",
    Refusal.ACCOUNT: (
        "401 403 404 13225 13227 20003 20004 20005 20006 20007 20008 20010 20404 21210 21212 21213 21215 21216 21219 "
        "21408 21601 21603 21606 21607 21608 21609 21659 21660 21703 21704 21705 30002 30010 30024 30032 30033 30034 "
        "30035 30037 30040 30044 90010"
    ),
    Refusal.DOWN: "20500 20503 30500",
}
"""The provider's codes by what they mean for us: of the REST API (1xxxx, 2xxxx), of delivery reports (3xxxx), HTTP
statuses without a code, and the words for how a call ended. 21610 is STOP; 21612 may
be our sender's fault, so the number is tried again next time; 30005 and 30006 come after acceptance."""

MEANING = {code: refusal for refusal, codes in CODES.items() for code in codes.split()}


def refusal_for(code: str) -> Refusal:
    """What a code means, of a refusal or of a delivery report; `OTHER` for one that is not in the table."""
    return MEANING.get(code, Refusal.OTHER)


class TwilioClient:
    """The account's own corner of the API; may be shared by threads.

    Every request has a connection of its own. On one that is kept open, an answer that comes twice is read as the
    answer to whatever is offered next: a refusal of one patient's number would be believed of another's, and "never
    taken" acted upon. That is worth more than the time to connect. It is the header that makes sure of it: a pool that
    keeps no idle connection may still hand one on in the moment before it closes it.
    """

    def __init__(self, account: Account) -> None:
        self._path = f"/2010-04-01/Accounts/{account.account}"
        self._http = httpx.Client(
            base_url=account.url,
            auth=(account.account, account.secret),
            timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, write=WRITE_SECONDS, pool=WAIT_SECONDS),
            limits=httpx.Limits(max_connections=2 * CONCURRENCY, max_keepalive_connections=0),
            headers={"Connection": "close"},
        )

    def create(self, resource: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Make a message or a call. Raises `ChannelError` when that was refused, `NoAnswer` when nobody knows."""
        try:
            response = self._http.post(f"{self._path}/{resource}.json", data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            # No connection, so nothing was handed over: certain, unlike anything that breaks later.
            raise ChannelError(code=kind_of(error), message="no connection", what=Refusal.DOWN) from None
        except httpx.HTTPError as error:
            raise NoAnswer(kind_of(error)) from None
        return accepted(response)

    def sent_to(self, resource: str, address: str) -> Iterator[Mapping[str, Any]]:
        """All that this account sent to one number, page by page. Raises `NoAnswer` when it cannot be had in full.

        Not narrowed by the date of sending, which what is still queued at the provider does not have yet.
        """
        key = resource.lower()
        page = f"{self._path}/{resource}.json"
        query: Mapping[str, str] | None = {"To": address, "PageSize": str(PAGE_SIZE)}
        for _ in range(PAGES_AT_MOST):
            try:
                response = self._http.get(page, params=query)
            except httpx.HTTPError as error:
                raise NoAnswer(kind_of(error)) from None
            found = read(response) if response.status_code == 200 else None
            if found is None or not isinstance(found.get(key), list):
                raise NoAnswer(f"answered {response.status_code} to a look-up")
            yield from found[key]
            page, query = found.get("next_page_uri") or "", None
            if not page:
                return
            if not page.startswith("/"):  # the credentials go to nobody else's address
                raise NoAnswer("the next page is somewhere else")
        raise NoAnswer("more than can be looked through")


class TwilioChannel(Channel):
    """What texts and calls have in common: the account, its client, and the question what became of one.

    The provider keeps no name of ours, so `honours_reference` is false: offered twice is sent twice.
    """

    concurrency = CONCURRENCY
    longest_offer = timedelta(seconds=WAIT_SECONDS + 2 * CONNECT_SECONDS + WRITE_SECONDS + ANSWER_SECONDS)
    kind: str
    resource: str
    words_tell: bool

    def __init__(self, account: Account) -> None:
        self.sender = account.sender
        self.account = f"twilio/{account.kind}/{account.account}"
        self.per_second = account.per_second
        self.client = TwilioClient(account)

    @abstractmethod
    def form(self, envelope: Envelope) -> dict[str, str]:
        """What the provider is asked to do, besides whom to call back."""

    @abstractmethod
    def is_like(self, trace: Trace, sought: Sought) -> bool:
        """Whether what was made for the same number could be what is sought. Raises `NoAnswer` if nobody can tell."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand one message over. Raises `ChannelError` or `NoAnswer`."""
        callback = {"StatusCallback": status_address(envelope.reference)}
        made = self.client.create(self.resource, {"To": envelope.address, **callback, **self.form(envelope)})
        if made.get("to") != envelope.address:
            raise NoAnswer("an answer about another message")
        return Receipt(envelope.offered_at, provider_reference=made["sid"])

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """The receipt of a message that was taken, or `None`. Raises `NoAnswer` where that is not certain."""
        traces = [
            Trace(str(one.get("sid", "")), created_at(one), str(one.get("from") or ""), str(one.get("body") or ""))
            for one in self.client.sent_to(self.resource, sought.address)
            if str(one.get("direction", "")).startswith("outbound")
        ]
        return receipt_for(
            sought,
            traces,
            kind=self.kind,
            words_tell=self.words_tell,
            is_like=lambda trace: self.is_like(trace, sought),
        )


def status_address(reference: UUID) -> str:
    """Where the provider is to tell what became of a message."""
    return f"{settings.PUBLIC_URL}/hooks/twilio/status/{reference}"


def accepted(response: httpx.Response) -> Mapping[str, Any]:
    """The resource that an answer says was made. Raises `ChannelError` or `NoAnswer` for every other answer."""
    status, found = response.status_code, read(response) or {}
    if 200 <= status < 300 and isinstance(found.get("sid"), str):
        if found.get("status") in {"failed", "undelivered"}:
            raise refused(str(found.get("error_code") or "failed"))
        return found
    if not 400 <= status < 500 or status == 408:
        # A server that breaks may do so after it took the message; an answer nobody can read proves nothing.
        raise NoAnswer(f"answered {status}")
    raise refused(str(found.get("code") or status), retry_after=wait_asked_for(response))


def refused(code: str, *, retry_after: timedelta | None = None) -> ChannelError:
    """The provider's refusal. Its own words are left out: they name the patient's number."""
    what = refusal_for(code)
    return ChannelError(code=code, message=what.value, what=what, retry_after=retry_after)


def wait_asked_for(response: httpx.Response) -> timedelta | None:
    """How long the provider asks to be left alone, where it says so in seconds."""
    seconds = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 7 else None


def read(response: httpx.Response) -> Mapping[str, Any] | None:
    """The answer as a JSON object; None for anything else."""
    try:
        found = json.loads(response.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def kind_of(error: Exception) -> str:
    """What kind of exception it was, without its words."""
    return type(error).__name__


def created_at(found: Mapping[str, Any]) -> datetime:
    """When the provider made a message or call, UTC, to the second. Raises `NoAnswer` where that cannot be read."""
    try:
        return parsedate_to_datetime(str(found["date_created"])).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        raise NoAnswer("a look-up without dates") from None
