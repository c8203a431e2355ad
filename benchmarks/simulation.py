"""A whole simulation, as `manage.py simulate` runs it."""

from benchmarks.figures import Figure
from notifications.simulator.simulation import simulate
from notifications.simulator.throwaway import throwaway_database

AIM_SECONDS_PER_JOURNEY = 0.06


def simulated_journeys(*, journeys: int, weeks: int) -> list[Figure]:
    """Journeys with faults on a simulated clock; any violation spoils the figure."""
    with throwaway_database():
        report = simulate(journeys=journeys, weeks=weeks, seed=1, faults=0.02)
    if report.violations:
        raise RuntimeError(report.violations[0])
    aim = AIM_SECONDS_PER_JOURNEY * journeys
    return [
        Figure(
            f"{journeys:,} simulated journeys of {weeks} weeks",
            "SQLite, not flushed",
            f"{report.wall_seconds:.1f} s",
            f"{aim:.0f} s",
            aim / report.wall_seconds,
        )
    ]
