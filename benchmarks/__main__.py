"""`python -m benchmarks [--only PART,...] [--quick] [--write FILE]`: prints one table."""

import argparse
import os
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MILEPOST_LOG", "WARNING")
django.setup()

from benchmarks.figures import Figure, machine, table  # noqa: E402 - Django's apps come first
from benchmarks.parts import PARTS, Session  # noqa: E402
from benchmarks.rates import Rate  # noqa: E402
from config.processes import stop_with  # noqa: E402

HEAD = """# Benchmarks

Made by `make bench ARGS="--write docs/benchmarks.md"`. The ratio is above 1 where the aim is reached. Other programs
that run at the same time halve these figures: look at the load before comparing two tables.
"""


def measure(names: list[str], *, quick: bool) -> list[Figure]:
    """Every figure of these parts, one after the other, each told as soon as it is there."""
    figures = []
    session = Session(quick=quick)
    with session.household:
        for name in names:
            for result in PARTS[name](session):
                figures.append(figure_of(result))
                print(f"{figures[-1].what}: {figures[-1].result}", file=sys.stderr, flush=True)
    return figures


def figure_of(result: Figure | Rate) -> Figure:
    """One line of the table."""
    if isinstance(result, Figure):
        return result
    return Figure(result.what(), "PostgreSQL, every commit flushed", result.result())


def main() -> int:
    stop_with(os.environ, signal.SIGINT)
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure Milepost on this machine.")
    parser.add_argument("--only", metavar="PART", type=parts, default=list(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, once: a look, not a measurement")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table to FILE as Markdown")
    options = parser.parse_args()
    about = machine() + ("; --quick, a tenth of the rows" if options.quick else "")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM deletes the databases as Ctrl-C does
    try:
        figures = measure(options.only, quick=options.quick)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print(f"\n{about}\n\n{table(figures)}")
    if options.write:
        options.write.write_text(f"{HEAD}\n{about}\n\n{table(figures)}\n", encoding="utf-8")
    return 0


def parts(text: str) -> list[str]:
    """A type of argument: names of parts with commas between."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in PARTS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"“{text}” names no part; there are {', '.join(PARTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
