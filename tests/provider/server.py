"""The provider itself: what it answers to offers and questions, in a thread of its own or as a process."""

import asyncio
import base64
import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from tests.provider.callbacks import Callbacks
from tests.provider.faults import OFFERS, Faults
from tests.provider.http import Answer, Connection, Request
from tests.provider.ledger import Ledger, Taken
from tests.provider.resources import KIND, Resources, new_sid

SID = "AC" + "5" * 32
TOKEN = "simulated-auth-token"
PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/(Messages|Calls)(?:/(\w+))?\.json")
REFERENCE = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
MESSAGES = {"20429": "Too Many Requests", "21610": "Attempt to send to unsubscribed recipient"}
Result = TypeVar("Result")


def refusal(status: int, code: str, **headers: str) -> Answer:
    """An error as the provider words it, with the number in its words, which must never reach a log."""
    found = {"code": int(code), "message": MESSAGES.get(code, "refused"), "more_info": "", "status": status}
    return Answer(status, found, {name.replace("_", "-"): value for name, value in headers.items()})


class Provider:
    """Answers on loopback. `accounts`: SID to auth token. `clock` says when things happen, UTC.

    `script` is what the next offers meet, in order, before any fault is drawn: a name of `faults.OFFERS`, an error
    code, or "ok".
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        faults: Faults | None = None,
        latency: float = 0,
        port: int = 0,
        ledger: Path | None = None,
        accounts: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        callbacks: bool = False,
        callback_after: float = 0.05,
    ) -> None:
        self.seed, self.faults, self.latency, self.port, self.clock = seed, faults or Faults(), latency, port, clock
        self.accounts = dict(accounts or {SID: TOKEN})
        self.calls_back, self.callback_after = callbacks, callback_after
        self.opted_out: set[str] = set()
        self.landlines: set[str] = set()
        self.scripted: deque[str] = deque()
        self.offered: Counter[str] = Counter()
        self.ledger = Ledger(ledger)
        self.resources = Resources(self.ledger.taken())
        self.connections: set[Connection] = set()
        self.playing: set[asyncio.Task[None]] = set()
        self.connections_made = 0

    # --- Life ---------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Listen; `url` is there from now on."""
        self.loop = asyncio.get_running_loop()
        self.callbacks = Callbacks(
            seed=self.seed, faults=self.faults, resources=self.resources, after=self.callback_after
        )
        self.server = await self.loop.create_server(self.connection, "127.0.0.1", self.port, backlog=1024)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def connection(self) -> Connection:
        self.connections_made += 1
        return Connection(self.handle, self.connections)

    async def close(self) -> None:
        self.server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        for task in self.playing:
            task.cancel()
        self.ledger.close()

    def __enter__(self) -> "Provider":
        ready = threading.Event()

        async def serve() -> None:
            await self.open()
            self.ended = asyncio.Event()
            ready.set()
            await self.ended.wait()
            await self.close()

        self.thread = threading.Thread(target=asyncio.run, args=[serve()], name="provider", daemon=True)
        self.thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(10)

    # --- For tests, from their own thread ----------------------------------------------------------------------

    def script(self, *faults: str) -> None:
        """Say what the next offers meet."""
        unknown = [one for one in faults if one not in OFFERS and one != "ok" and not one.isdecimal()]
        assert not unknown, f"no such faults: {unknown}"
        self.scripted.extend(faults)

    def report(self, taken: Taken, status: str, code: str = "") -> int | None:
        """Call back about one acceptance now; the status of our answer."""
        return self._here(self.callbacks.report(taken, status, code, token=self.accounts[taken.account]))

    def answered_by(self, taken: Taken, who: str) -> int | None:
        """Tell who took a call (human, machine_start, fax, unknown); the status of our answer."""
        return self._here(self.callbacks.answered_by(taken, who, token=self.accounts[taken.account]))

    def press(self, taken: Taken, digits: str) -> int | None:
        """Press keys in a call; the status of our answer."""
        return self._here(self.callbacks.press(taken, digits, token=self.accounts[taken.account]))

    def text_in(self, url: str, *, sender: str, to: str, body: str, account: str = SID) -> int | None:
        """A text comes in for a number of the account, and is posted to `url`; the status of our answer."""
        token = self.accounts[account]
        return self._here(self.callbacks.text_in(url, account=account, sender=sender, to=to, body=body, token=token))

    def _here(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    # --- Answers ------------------------------------------------------------------------------------------------

    async def handle(self, request: Request) -> Answer:
        if request.path == "/ledger":
            return Answer(200, [asdict(one) for one in self.ledger.taken()])
        if request.path == "/counts":
            counts = {"met": self.ledger.met, "called_back": self.callbacks.answered, "taken": len(self.ledger.taken())}
            return Answer(200, {**counts, "doubles": self.ledger.doubles()})
        found = PATH.fullmatch(request.path)
        if not found:
            return refusal(404, "20404")
        account, resource, sid = found.groups()
        given = request.headers.get("authorization", "")
        expected = base64.b64encode(f"{account}:{self.accounts.get(account)}".encode()).decode()
        if account not in self.accounts or given != f"Basic {expected}":
            return refusal(401, "20003")
        if self.latency:
            await asyncio.sleep(self.latency)
        if request.method == "POST":
            return self.offer(account, KIND[resource], request.form)
        if sid:
            one = self.resources.by_sid.get(sid)
            return Answer(200, self.resources.shown(one)) if one else refusal(404, "20404")
        self.ledger.met["look-up"] += 1
        if self.faults.has("look-up", f"{self.seed}/{self.ledger.met['look-up']}"):
            return refusal(500, "20500")
        return Answer(200, self.resources.listed(account, resource, request.query))

    def offer(self, account: str, kind: str, form: Mapping[str, str]) -> Answer:
        """Take an offer, or fail."""
        callback = form.get("StatusCallback", "")
        matched = REFERENCE.search(callback)
        reference = matched.group(1) if matched else ""
        self.offered[reference] += 1
        drawn = self.faults.of_offer(f"{self.seed}/{reference}/{self.offered[reference]}")
        fault = self.scripted.popleft() if self.scripted else drawn
        self.ledger.met[fault or "ok"] += 1
        refused = self.refused(kind, form, fault)
        if refused:
            return refused
        taken = Taken(
            kind=kind,
            reference=reference,
            sid=new_sid(kind),
            account=account,
            sender=form.get("From") or form["MessagingServiceSid"],
            to=form["To"],
            body=form["Twiml"] if kind == "voice" else form["Body"],
            at=self.clock().isoformat(),
            callback=callback,
            detection=form.get("AsyncAmdStatusCallback", "") if form.get("MachineDetection") else "",
            validity=form.get("ValidityPeriod", ""),
        )
        self.ledger.add(taken)
        self.resources.add(taken)
        if self.calls_back and callback:
            task = self.loop.create_task(self.callbacks.play(taken, token=self.accounts[account]))
            self.playing.add(task)
            task.add_done_callback(self.playing.discard)
        return self.answer_to(taken, fault)

    def refused(self, kind: str, form: Mapping[str, str], fault: str) -> Answer | None:
        """The answer to an offer that is not taken; None for one that is."""
        to = form.get("To", "")
        words = "Twiml" if kind == "voice" else "Body"
        number = f"{self.seed}/{to}"
        if fault.isdecimal():
            return refusal(401 if fault in {"20003", "20005"} else 400, fault)
        if fault in {"busy", "error", "silent", "drop"}:
            busy = refusal(429, "20429", Retry_After="7")
            return {"busy": busy, "error": refusal(500, "20500"), "silent": Answer(silent=True)}.get(
                fault, Answer(drop=True)
            )
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            return refusal(400, "21211")
        if not form.get(words):
            return refusal(400, "21602")
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return refusal(400, "21603")
        if kind == "sms" and (to in self.opted_out or self.faults.has("opted-out", number)):
            return refusal(400, "21610")
        if kind == "sms" and (to in self.landlines or self.faults.has("landline", number)):
            return refusal(400, "21614")
        return None

    def answer_to(self, taken: Taken, fault: str) -> Answer:
        """What the offer's sender sees of an acceptance."""
        answers = {
            "error-taken": refusal(500, "20500"),
            "silent-taken": Answer(silent=True),
            "drop-taken": Answer(drop=True),
            "garbled-taken": Answer(201, self.resources.shown(taken), cut=True),
            "twice": Answer(201, self.resources.shown(taken), times=2),
        }
        return answers.get(fault) or Answer(201, self.resources.shown(taken))
