"""Messages and calls as the provider shows them, and the lists of them, page by page."""

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from tests.provider.ledger import Taken

PREFIX = {"sms": "SM", "voice": "CA"}
RESOURCE = {"sms": "Messages", "voice": "Calls"}
KIND = {resource: kind for kind, resource in RESOURCE.items()}


def new_sid(kind: str) -> str:
    """A name such as the provider gives."""
    return PREFIX[kind] + secrets.token_hex(16)


class Resources:
    """Everything that was taken, by account, kind and number, with the state that it is in."""

    def __init__(self, taken: list[Taken]) -> None:
        self.status: dict[str, tuple[str, int | None]] = {}
        self.by_number: dict[tuple[str, str, str], list[Taken]] = defaultdict(list)
        self.by_sid: dict[str, Taken] = {}
        for one in taken:
            self.add(one)

    def add(self, one: Taken) -> None:
        self.by_number[one.account, one.kind, one.to].append(one)
        self.by_sid[one.sid] = one
        self.status[one.sid] = ("queued", None)

    def shown(self, one: Taken) -> dict[str, object]:
        """One message or call as JSON."""
        status, code = self.status[one.sid]
        made = format_datetime(datetime.fromisoformat(one.at).astimezone(UTC))
        about: dict[str, object] = {
            "sid": one.sid,
            "account_sid": one.account,
            "to": one.to,
            "from": None if one.sender.startswith("MG") else one.sender,
            "status": status,
            "direction": "outbound-api",
            "date_created": made,
            "date_updated": made,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{one.account}/{RESOURCE[one.kind]}/{one.sid}.json",
        }
        if one.kind == "voice":
            return {**about, "start_time": None if status == "queued" else made}
        sent = None if status == "queued" else made
        return {**about, "body": one.body, "date_sent": sent, "error_code": code, "error_message": None}

    def listed(self, account: str, resource: str, query: Mapping[str, str]) -> dict[str, object]:
        """One page of what was sent, newest first."""
        size = min(int(query.get("PageSize", "50")), 1000)
        page = int(query.get("Page", "0"))
        found = [one for one in self.of(account, KIND[resource], query.get("To", "")) if self.fits(one, query)]
        shown = found[page * size : (page + 1) * size]
        path = f"/2010-04-01/Accounts/{account}/{resource}.json"
        following = {**query, "PageSize": str(size), "Page": str(page + 1), "PageToken": f"PA{page + 1}"}
        return {
            resource.lower(): [self.shown(one) for one in shown],
            "page": page,
            "page_size": size,
            "uri": f"{path}?{urlencode(query)}",
            "next_page_uri": f"{path}?{urlencode(following)}" if len(found) > (page + 1) * size else None,
        }

    def of(self, account: str, kind: str, to: str) -> Iterator[Taken]:
        """What one account sent to one number, or to any, newest first."""
        if to:
            yield from reversed(self.by_number.get((account, kind, to), []))
            return
        yield from (one for one in reversed(self.by_sid.values()) if (one.account, one.kind) == (account, kind))

    def fits(self, one: Taken, query: Mapping[str, str]) -> bool:
        """Whether one passes the filters by sender and by date of sending, which what is queued does not have."""
        if query.get("From", one.sender) != one.sender:
            return False
        name = "StartTime" if one.kind == "voice" else "DateSent"
        day = "" if self.status[one.sid][0] == "queued" else one.at[:10]
        wanted = [(sign, query[name + sign][:10]) for sign in ("", ">", "<") if name + sign in query]
        tests = {"": lambda limit: day == limit, ">": lambda limit: day >= limit, "<": lambda limit: day <= limit}
        return all(day and tests[sign](limit) for sign, limit in wanted)
