"""`python -m benchmarks [--quick] [--write FILE]`: prints one table."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MILEPOST_LOG", "WARNING")
django.setup()

from benchmarks.databases import at_hand  # noqa: E402 - Django's apps come first
from benchmarks.figures import Figure, machine, table  # noqa: E402
from benchmarks.planner import plans_per_second  # noqa: E402
from benchmarks.rows import dispatch_a_backlog, replan_after_a_move  # noqa: E402
from benchmarks.simulation import simulated_journeys  # noqa: E402

HEAD = """# Benchmarks

Made by `make bench ARGS="--write docs/benchmarks.md"`. The ratio is above 1 where the aim is reached. Other programs
that run at the same time halve these figures: look at the load before comparing two tables.
"""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Every figure, one after the other; `quick` with a tenth of the rows."""
    part = 10 if quick else 1
    yield from plans_per_second(plans=2_000 // part, runs=5)
    for database in at_hand():
        with database() as on:
            yield from replan_after_a_move(journeys=1_000 // part, on=on)
        with database() as on:
            yield from dispatch_a_backlog(reminders=10_000 // part, on=on)
    yield from simulated_journeys(journeys=1_000 // part, weeks=12)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure Milepost on this machine.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows: a look, not a measurement")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table to FILE as Markdown")
    options = parser.parse_args()
    about = machine() + ("; --quick, a tenth of the rows" if options.quick else "")
    figures = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM deletes the databases as Ctrl-C does
    try:
        for figure in measure(quick=options.quick):
            figures.append(figure)
            print(f"{figure.what} on {figure.on}: {figure.result}", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print(f"\n{about}\n\n{table(figures)}")
    if options.write:
        options.write.write_text(f"{HEAD}\n{about}\n\n{table(figures)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
