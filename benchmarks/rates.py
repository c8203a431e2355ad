"""How often something was done in a second, over several runs."""

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` reminders were sent in each run, in so many `seconds`.

    `who` did it, with so many `processes` and with `future` rows in the table that were not yet due.
    """

    who: str
    processes: int
    future: int
    count: int
    seconds: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """The median of the runs: one slow run of a busy machine does not count."""
        return self.count / statistics.median(self.seconds)

    def what(self) -> str:
        """What was measured, in words."""
        processes = f"{self.processes} process{'es' if self.processes > 1 else ''}"
        future = f"{self.future:,} future" if self.future else "no future"
        return f"{self.who}, {processes}, {self.count:,} due, {future} rows"

    def result(self) -> str:
        """The median, and the slowest and the fastest run."""
        if len(self.seconds) == 1:
            return f"{self.per_second:,.0f}/s, one run"
        slowest, fastest = self.count / max(self.seconds), self.count / min(self.seconds)
        return f"{self.per_second:,.0f}/s, median of {len(self.seconds)} from {slowest:,.0f} to {fastest:,.0f}"


LONG_RUN, FEWER_RUNS = 60.0, 3
"""Seconds. What takes longer than this is repeated less often."""


def repeated(run: Callable[[], float], rate: Rate, *, runs: int) -> Rate:
    """The rate with the seconds of so many runs, each of which is told when it is done."""
    seconds: list[float] = []
    while len(seconds) < (min(runs, FEWER_RUNS) if max(seconds, default=0) > LONG_RUN else runs):
        seconds.append(run())
        last = replace(rate, seconds=(seconds[-1],))
        print(f"  run {len(seconds)}: {last.what()}: {last.per_second:,.0f}/s", file=sys.stderr, flush=True)
    return replace(rate, seconds=tuple(seconds))
