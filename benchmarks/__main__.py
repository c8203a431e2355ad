"""`python -m benchmarks [--only PART,...] [--quick] [--write FILE]`: prints tables."""

import argparse
import os
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("MILEPOST_LOG", "WARNING")
django.setup()

from benchmarks.document import figure_of, sections, write  # noqa: E402 - Django's apps come first
from benchmarks.figures import Figure, machine  # noqa: E402
from benchmarks.parts import PARTS, Session  # noqa: E402
from benchmarks.rates import Rate  # noqa: E402
from config.processes import stop_with  # noqa: E402


def measure(names: list[str], session: Session) -> dict[str, list[Figure | Rate]]:
    """Every result of these parts, one after the other, each told as soon as it is there."""
    measured: dict[str, list[Figure | Rate]] = {}
    for name in names:
        measured[name] = []
        for result in PARTS[name](session):
            measured[name].append(result)
            told = figure_of(result)
            print(f"{told.what}, {told.on}: {told.result}", file=sys.stderr, flush=True)
    return measured


def main() -> int:
    stop_with(os.environ)
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure Milepost on this machine.")
    parser.add_argument("--only", metavar="PART", type=parts, default=list(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, once: a look, not a measurement")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables to FILE as Markdown")
    options = parser.parse_args()
    about = machine() + ("; --quick, a tenth of the rows" if options.quick else "")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM deletes the databases as Ctrl-C does
    session = Session(quick=options.quick)
    try:
        with session.household:
            measured = measure(options.only, session)
            about = "\n\n".join([about, *session.servers()])
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    print("\n" + "\n\n".join(sections(measured, about=about)))
    if options.write:
        write(options.write, measured, about=about)
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
