"""A provider that fails: refuses for now or for good, takes a message and says nothing, or loses the line before."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from notifications.channels.base import Channel, ChannelError, Envelope, LookUp, NoAnswer, Receipt, Sought
from notifications.simulator.clock import SimulatedClock

ANSWERS_IN = (timedelta(milliseconds=40), timedelta(milliseconds=400))
GIVES_UP_AFTER = timedelta(seconds=10)


class WorkerDied(BaseException):
    """The dispatcher's process ends between two messages. Not an `Exception`: nothing may catch it on the way."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One acceptance: what the patient's phone will show. Instants are UTC."""

    reference: UUID
    channel: str
    address: str
    body: str
    offered_at: datetime
    accepted_at: datetime


class FaultyProvider(Channel):
    """Takes messages into a ledger, and at the rate of `faults` fails in one of the ways that providers do.

    It does not honour references: what is offered twice is taken twice, and the patient reads it twice. It can be
    asked what it took. Answering takes time on the simulated clock, and so does waiting for an answer in vain.
    """

    honours_reference = False

    def __init__(self, *, clock: SimulatedClock, seed: int, faults: float) -> None:
        self.clock, self.faults = clock, faults
        self.rng = random.Random(f"{seed}/provider")  # noqa: S311 - a script that can be played again, not a secret
        self.ledger: list[Taken] = []
        self.receipts: dict[UUID, Receipt] = {}

    def send(self, envelope: Envelope) -> Receipt:
        """Take the message, or fail. Raises `ChannelError`, `NoAnswer`, or `WorkerDied` once in a while."""
        self.clock.spend(self.rng.uniform(0, 1) * (ANSWERS_IN[1] - ANSWERS_IN[0]) + ANSWERS_IN[0])
        if self.rng.random() >= self.faults:
            return self._take(envelope)
        fault = self.rng.random()
        if fault < 0.5:
            raise ChannelError(permanent=False, code="busy", message="try again later")
        if fault < 0.62:
            raise ChannelError(permanent=True, code="unreachable", message="no such number")
        if fault < 0.78:
            self._take(envelope)
            self.clock.spend(GIVES_UP_AFTER)
            raise NoAnswer("taken, but the answer was lost")
        if fault < 0.96:
            self.clock.spend(GIVES_UP_AFTER)
            raise NoAnswer("the line broke before it was taken")
        if self.rng.random() < 0.5:
            self._take(envelope)
        raise WorkerDied

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """What was taken under our reference. Raises `NoAnswer` at the same rate as anything else fails."""
        self.clock.spend(ANSWERS_IN[0])
        if self.rng.random() < self.faults:
            raise NoAnswer("the provider could not be asked")
        return self.receipts.get(sought.reference)

    def _take(self, envelope: Envelope) -> Receipt:
        now = self.clock()
        self.ledger.append(
            Taken(envelope.reference, envelope.channel, envelope.address, envelope.body, envelope.offered_at, now)
        )
        receipt = Receipt(now, provider_reference=f"sim-{len(self.ledger)}")
        return self.receipts.setdefault(envelope.reference, receipt)
