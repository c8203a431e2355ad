"""The one loop that sends what is due: for Celery's beat, `manage.py dispatch` and the simulator.

Run as many as you like, on as many machines: the rows are shared out by the database. Each stage is a module:
rescue and settle what others left behind, then claim, prepare (re-check and word), start, send, record, until nothing
is due. Start and record stand on either side of the call to a provider; no transaction is open during it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifications.channels import Routes, configured_routes
from notifications.channels.base import Channel
from notifications.dispatcher.claim import LEASE, Batch, claim, release
from notifications.dispatcher.prepare import prepare
from notifications.dispatcher.record import record
from notifications.dispatcher.rescue import rescue
from notifications.dispatcher.send import send
from notifications.dispatcher.settle import settle
from notifications.dispatcher.start import Clock, start
from pathway.states import ReminderState

__all__ = ["LEASE", "Drained", "drain"]

CLAIM_AT_MOST = 500
SETTLE_AT_MOST = 50
"""Few, since each is a question to a provider, asked one after the other within one lease."""

GROUP = 100
"""How many messages are started together. A worker that dies leaves at most this many to be settled by evidence."""


@dataclass
class Drained:
    """What one drain did, in reminders."""

    rescued: int = 0
    settled: int = 0
    claimed: int = 0
    sent: int = 0
    waiting: int = 0
    retried: int = 0
    unknown: int = 0
    failed: int = 0
    missed: int = 0
    withdrawn: int = 0
    released: int = 0

    def count(self, state: ReminderState) -> None:
        """Count one reminder that a recorded answer took to `state`."""
        name = {ReminderState.PLANNED: "retried"}.get(state, state.value)
        setattr(self, name, getattr(self, name) + 1)


def drain(
    *,
    clock: Clock,
    limit: int = CLAIM_AT_MOST,
    channels: Mapping[str, Channel] | Routes | None = None,
    stopping: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> Drained:
    """Send all that is due by `clock` (aware, UTC), claiming `limit` at a time; what was done.

    `channels` replaces those of the settings: routes, or one channel for each kind. `stopping` is asked between groups:
    once it says yes, what is claimed and not started is given back. `seed` varies the spread of retries. Must not be
    called inside a transaction.
    """
    if channels is None:
        routes = configured_routes()
    else:
        routes = channels if isinstance(channels, Routes) else Routes(channels)
    drained = Drained()
    while rescued := rescue(now=clock(), limit=limit):
        drained.rescued += rescued
    while settled := settle(now=clock(), limit=SETTLE_AT_MOST, routes=routes):
        drained.settled += settled
    while not stopping():
        batch = claim(now=clock(), limit=limit)
        if not batch:
            break
        drained.claimed += len(batch.versions)
        drained.missed += batch.missed
        try:
            send_batch(batch, drained, clock=clock, routes=routes, stopping=stopping, seed=seed)
        finally:
            drained.released += release(batch=batch)
    return drained


def send_batch(
    batch: Batch,
    drained: Drained,
    *,
    clock: Clock,
    routes: Routes,
    stopping: Callable[[], bool],
    seed: int,
) -> None:
    """Take one claimed batch through prepare, start, send and record, a group at a time."""
    prepared = prepare(batch, now=clock(), routes=routes)
    drained.sent += prepared.sent
    drained.waiting += prepared.waiting
    drained.withdrawn += prepared.withdrawn
    drained.missed += prepared.missed
    for first in range(0, len(prepared.outgoing), GROUP):
        if stopping():
            return
        started = start(prepared.outgoing[first : first + GROUP], token=batch.token, clock=clock)
        if not started:
            continue
        answered = send(started, routes=routes, clock=clock)
        for state in record(answered, token=batch.token, now=clock(), routes=routes, seed=seed):
            drained.count(state)
