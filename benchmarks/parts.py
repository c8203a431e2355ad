"""All that is measured, by name, in the order in which it is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.databases import at_hand
from benchmarks.dispatch.lateness import at_one_instant, through_a_slow_provider
from benchmarks.dispatch.throughput import dispatch_rates
from benchmarks.durable import Durable, durable
from benchmarks.figures import Figure
from benchmarks.peers.celery_eta import celery_rates
from benchmarks.peers.post_office import post_office_rates
from benchmarks.planner import plans_per_second
from benchmarks.rates import Rate
from benchmarks.rows import dispatch_a_backlog, replan_after_a_move
from benchmarks.simulation import simulated_journeys


@dataclass
class Session:
    """One run of the benchmark: how much is measured, and the server that its parts share, ended with `household`."""

    quick: bool
    household: ExitStack = field(default_factory=ExitStack)

    def rows(self, number: int) -> int:
        """So many rows, or a tenth of them in a quick look."""
        return number // 10 if self.quick else number

    @property
    def runs(self) -> int:
        """How often each rate is measured."""
        return 1 if self.quick else 5

    def servers(self) -> list[str]:
        """One line about the server, if anything was measured on it."""
        return [self.server.about()] if "server" in self.__dict__ else []

    @cached_property
    def server(self) -> Durable:
        """The durable PostgreSQL, started when it is first asked for."""
        return self.household.enter_context(durable())


def planner(session: Session) -> Iterator[Figure]:
    """The pure planner."""
    yield from plans_per_second(plans=session.rows(2_000), runs=5)


def rows(session: Session) -> Iterator[Figure]:
    """`replan` and dispatch by one process, on each database."""
    for database in at_hand():
        with database() as on:
            yield from replan_after_a_move(journeys=session.rows(1_000), on=on)
        with database() as on:
            yield from dispatch_a_backlog(reminders=session.rows(10_000), on=on)


def simulation(session: Session) -> Iterator[Figure]:
    """A whole simulation."""
    yield from simulated_journeys(journeys=session.rows(1_000), weeks=12)


def dispatch(session: Session) -> Iterator[Rate]:
    """Our dispatcher on a durable PostgreSQL, beside the raw limit."""
    futures = (0, session.rows(200_000), session.rows(1_000_000))
    yield from dispatch_rates(session.server, due=session.rows(100_000), futures=futures, runs=session.runs)


def peers(session: Session) -> Iterator[Rate]:
    """What others do with the same work."""
    yield from post_office_rates(session.server, due=session.rows(100_000), runs=session.runs)
    pending, due = session.rows(200_000), session.rows(20_000)
    yield from celery_rates(session.server, due=due, pending=pending, runs=min(session.runs, 3))


def lateness(session: Session) -> Iterator[Figure]:
    """How long after their moments reminders go out in a rush."""
    runs = min(session.runs, 3)
    yield from at_one_instant(session.server, reminders=session.rows(20_000), runs=runs)
    yield from through_a_slow_provider(session.server, reminders=session.rows(10_000), runs=runs)


Part = Callable[[Session], Iterator[Figure] | Iterator[Rate]]

PARTS: Mapping[str, Part] = {
    "dispatch": dispatch,
    "peers": peers,
    "lateness": lateness,
    "planner": planner,
    "rows": rows,
    "simulation": simulation,
}
