"""`manage.py simulate`: whole lives of many journeys in a database of their own, with a report that can be repeated."""

import json
import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any, NoReturn

from django.core.management.base import CommandError
from tqdm import tqdm

from notifications.simulator.parts import PartLost, simulate
from notifications.simulator.report import Report
from pathway.management.one_line import OneLineCommand, answer_in_one_line, whole
from pathway.protocol_file import shipped_keys

MOST_JOURNEYS, MOST_WEEKS = 100_000, 104


class Command(OneLineCommand):
    """Needs no database and changes none: it makes one, fills it and throws it away."""

    help = (
        "Run many journeys through planner, replan and dispatcher on a simulated clock, in a throwaway database. "
        "Exit 1 when something happened that never must."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("--journeys", type=whole(1, MOST_JOURNEYS), default=100, help="how many (default 100)")
        parser.add_argument("--weeks", type=whole(1, MOST_WEEKS), default=12, help="for how long (default 12)")
        parser.add_argument("--seed", type=whole(0, 2**63), default=1, help="same seed, same report (default 1)")
        parser.add_argument(
            "--faults", type=share, default=0.02, help="share of offers to the provider that go wrong (default 0.02)"
        )
        parser.add_argument(
            "--protocol", choices=shipped_keys(), default="mild", help="which shipped protocol (default mild)"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(
        self, *, journeys: int, weeks: int, seed: int, faults: float, protocol: str, as_json: bool, **options: Any
    ) -> None:
        signal.signal(signal.SIGTERM, interrupt)
        try:
            report = self.run_simulation(journeys=journeys, weeks=weeks, seed=seed, faults=faults, protocol=protocol)
        except KeyboardInterrupt:
            raise CommandError("stopped; its database is deleted", returncode=130) from None
        except PartLost as error:
            raise CommandError(str(error), returncode=3) from None
        self.stdout.write(json.dumps(report.as_json(), indent=1) if as_json else report.in_words())
        if report.violations:
            if as_json:
                self.stderr.write("\n".join(report.violations))
            raise SystemExit(1)

    def run_simulation(self, **numbers: Any) -> Report:
        """Simulate in throwaway databases, with a progress bar on standard error where a person is watching it."""
        with tqdm(
            desc="simulating", unit=" events", file=sys.stderr, disable=None, mininterval=0.5, leave=False
        ) as bar:
            return simulate(**numbers, processes=os.cpu_count() or 1, progress=bar.update, expect=bar.reset)


def share(text: str) -> float:
    """A type of argument: a number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is not a number") from None
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def interrupt(number: int, frame: object) -> NoReturn:
    """Let TERM end the simulation as Ctrl-C does, so that its database is deleted."""
    raise KeyboardInterrupt
