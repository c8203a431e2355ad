"""A whole simulation, as `manage.py simulate` runs it."""

import os

from benchmarks.figures import Figure
from notifications.simulator.parts import simulate

AIM_SECONDS_PER_JOURNEY = 0.06


def simulated_journeys(*, journeys: int, weeks: int) -> list[Figure]:
    """Journeys with faults on a simulated clock; any violation spoils the figure."""
    processes = os.cpu_count() or 1
    report = simulate(journeys=journeys, weeks=weeks, seed=1, faults=0.02, processes=processes)
    if report.violations:
        raise RuntimeError(report.violations[0])
    aim = AIM_SECONDS_PER_JOURNEY * journeys
    return [
        Figure(
            f"{journeys:,} simulated journeys of {weeks} weeks",
            f"SQLite, not flushed, up to {processes} processes",
            f"{report.wall_seconds:.1f} s",
            f"{aim:.0f} s",
            aim / report.wall_seconds,
        )
    ]
