"""How often something was done in a second, over several runs."""

import statistics
from dataclasses import dataclass


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
