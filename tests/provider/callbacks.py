"""What the provider calls back: how messages and calls went on, keys pressed, texts that came in. All of it signed."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from xml.etree import ElementTree

from tests.provider import http
from tests.provider.faults import Faults
from tests.provider.ledger import Taken
from tests.provider.resources import Resources, new_sid
from tests.provider.signing import signature

CARRIER_CODES = ("30003", "30005", "30006", "30007", "30008")
AT_ONCE = 64


class Callbacks:
    """Plays what happens after acceptance. `answered` counts the statuses of our answers, and `lost` what had none."""

    def __init__(self, *, seed: int, faults: Faults, resources: Resources, after: float) -> None:
        self.seed, self.faults, self.resources, self.after = seed, faults, resources, after
        self.answered: Counter[str] = Counter()
        self.gate = asyncio.Semaphore(AT_ONCE)

    async def play(self, taken: Taken, *, token: str) -> None:
        """Report how one accepted message or call goes on, as its faults have it."""
        name = f"{self.seed}/{taken.sid}"
        has = {fault for fault in ("late", "doubled", "disordered", "unreported") if self.faults.has(fault, name)}
        steps = self.steps_of(taken, random.Random(f"steps/{name}"), name)
        taken_by = "machine_start" if self.faults.has("machine", name) else "human"
        if taken.detection and steps == [("completed", "")] and "unreported" not in has:
            await self.answered_by(taken, taken_by, token=token)
        if "disordered" in has:
            steps.reverse()
        for status, code in steps:
            await asyncio.sleep(self.after * (10 if "late" in has else 1))
            if self.resources.status[taken.sid][0] not in {"delivered", "undelivered", "completed", "no-answer"}:
                self.resources.status[taken.sid] = (status, int(code) if code else None)
            for _ in range(0 if "unreported" in has else 2 if "doubled" in has else 1):
                await self.report(taken, status, code, token=token)

    def steps_of(self, taken: Taken, rng: random.Random, name: str) -> list[tuple[str, str]]:
        """Statuses in order, the last perhaps with a code."""
        fails = self.faults.has("undelivered", name)
        if taken.kind == "voice":
            return [("no-answer" if fails else "completed", "")]
        return [("sent", ""), ("undelivered", rng.choice(CARRIER_CODES)) if fails else ("delivered", "")]

    async def report(self, taken: Taken, status: str, code: str, *, token: str) -> int | None:
        """Post one status to where the offer asked for it; our answer's status."""
        word = "Call" if taken.kind == "voice" else "Message"
        form = {
            f"{word}Sid": taken.sid,
            f"{word}Status": status,
            "AccountSid": taken.account,
            "To": taken.to,
            "From": taken.sender,
            "ApiVersion": "2010-04-01",
        }
        if word == "Message":
            form |= {"SmsSid": taken.sid, "SmsStatus": status}
        if code:
            form["ErrorCode"] = code
        return await self.post(taken.callback, form, token=token)

    async def answered_by(self, taken: Taken, who: str, *, token: str) -> int | None:
        """Post who took a call to where its offer wants to hear it; None where it does not."""
        if not taken.detection:
            return None
        form = {"CallSid": taken.sid, "AccountSid": taken.account, "AnsweredBy": who}
        return await self.post(taken.detection, {**form, "MachineDetectionDuration": "3500"}, token=token)

    async def press(self, taken: Taken, digits: str, *, token: str) -> int | None:
        """Post the keys that somebody pressed in a call to where its TwiML wants them."""
        gather = ElementTree.fromstring(taken.body).find("Gather")
        assert gather is not None
        form = {
            "CallSid": taken.sid,
            "AccountSid": taken.account,
            "To": taken.to,
            "From": taken.sender,
            "Digits": digits,
        }
        return await self.post(gather.attrib["action"], form, token=token)

    async def text_in(self, url: str, *, account: str, sender: str, to: str, body: str, token: str) -> int | None:
        """Post a text that somebody sent to a number of the account."""
        sid = new_sid("sms")
        form = {"MessageSid": sid, "SmsSid": sid, "AccountSid": account, "From": sender, "To": to, "Body": body}
        return await self.post(url, {**form, "NumMedia": "0", "ApiVersion": "2010-04-01"}, token=token)

    async def post(self, url: str, form: Mapping[str, str], *, token: str) -> int | None:
        """Post a signed form; the answer's status, or None when nobody answered."""
        headers = {"X-Twilio-Signature": signature(url, form, token=token)}
        async with self.gate:
            try:
                status = await http.post(url, form, headers)
            except (OSError, TimeoutError, ValueError):
                self.answered["lost"] += 1
                return None
        self.answered[str(status)] += 1
        return status
