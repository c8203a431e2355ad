"""The one loop that sends what is due: for Celery's beat, `manage.py dispatch` and the simulator.

Run as many as you like, on as many machines: the rows are shared out by the database. Each stage is a module: rescue
and settle what others left behind, ask once more where nobody answered, then start (take, re-check, word, mark), send
and record, until nothing is due. Start and record stand on either side of the call to a provider; no transaction is
open during it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifications.actions.follow_up import follow_up_questions
from notifications.channels import Routes, configured_routes
from notifications.channels.base import Channel
from notifications.clock import Clock
from notifications.dispatcher.figures import count_group
from notifications.dispatcher.lanes import Lane, lanes_of
from notifications.dispatcher.outgoing import LEASE, Started
from notifications.dispatcher.overtaken import plan_again
from notifications.dispatcher.record import Ends, heed, record
from notifications.dispatcher.rescue import rescue
from notifications.dispatcher.send import send
from notifications.dispatcher.settle import settle
from notifications.dispatcher.start import start
from pathway.states import ReminderState

__all__ = ["LEASE", "Drained", "drain"]

GROUP = 100
"""How many messages are started together. A worker that dies leaves at most this many to be settled by evidence."""

RESCUE_AT_MOST = 500
FOLLOW_UP_AT_MOST = 100
SETTLE_AT_MOST = 50
"""Few, since each is a question to a provider, asked one after the other within one lease."""


@dataclass
class Drained:
    """What one drain did, in reminders."""

    rescued: int = 0
    settled: int = 0
    followed: int = 0
    claimed: int = 0
    sent: int = 0
    waiting: int = 0
    retried: int = 0
    unknown: int = 0
    failed: int = 0
    missed: int = 0
    withdrawn: int = 0

    def add(self, started: Started) -> None:
        """Add what the start of a group took, and what it ended."""
        self.claimed += started.taken
        self.sent += started.sent
        self.waiting += started.waiting
        self.withdrawn += started.withdrawn
        self.missed += started.missed

    def count(self, ends: Ends) -> None:
        """Add how many reminders recorded answers took to which state."""
        for (_, state), number in ends.items():
            name = {ReminderState.PLANNED: "retried"}.get(state, state.value)
            setattr(self, name, getattr(self, name) + number)


@dataclass(frozen=True, slots=True)
class Work:
    """How a drain works: at most `limit` at a time, along these routes, by this clock."""

    routes: Routes
    clock: Clock
    limit: int
    seed: int


def drain(
    *,
    clock: Clock,
    limit: int = GROUP,
    channels: Mapping[str, Channel] | Routes | None = None,
    stopping: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> Drained:
    """Send all that is due by `clock` (aware, UTC), at most `limit` at a time; what was done.

    `channels` replaces those of the settings: routes, or one channel for each kind. `stopping` is asked between groups:
    what is started is sent and recorded before the end. `seed` varies the spread of retries. Must not be called inside
    a transaction.
    """
    if channels is None:
        routes = configured_routes()
    else:
        routes = channels if isinstance(channels, Routes) else Routes(channels)
    work, drained = Work(routes, clock, limit, seed), Drained()
    while rescued := rescue(now=clock(), limit=RESCUE_AT_MOST):
        drained.rescued += rescued
    while settled := settle(now=clock(), limit=SETTLE_AT_MOST, routes=routes):
        drained.settled += settled
    while followed := follow_up_questions(now=clock(), limit=FOLLOW_UP_AT_MOST, routes=routes):
        drained.followed += followed
    lanes, unplannable = lanes_of(routes), set[int]()
    while lanes:
        # A lane with nothing due, or no tokens left, is out until the next drain; the others take turns.
        lanes = [lane for lane in lanes if not stopping() and send_group(lane, drained, unplannable, work)]
    return drained


def send_group(lane: Lane, drained: Drained, unplannable: set[int], work: Work) -> bool:
    """Start, send and record one group of a lane; whether there may be more."""
    clock = work.clock
    share = lane.take(limit=work.limit, now=clock())
    if share is None:
        return False
    started = start(share=share, routes=work.routes, clock=clock, unplannable=unplannable)
    lane.done(share, started)
    drained.add(started)
    answered = send(started, routes=work.routes, clock=clock) if started.outgoing else []
    ends = record(answered, started, now=clock(), seed=work.seed) if answered else Ends()
    heed(answered, now=clock())
    drained.count(ends)
    count_group(started, answered, ends)
    if started.overtaken:
        unplannable |= plan_again(started.overtaken, now=clock())
    return started.taken > 0 or share.ids is not None
