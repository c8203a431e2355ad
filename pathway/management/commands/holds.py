"""`manage.py holds check [FILE]`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from pathway.holds.loading import TableError, read_table
from pathway.holds.shipped import PATH
from pathway.management.commands.protocol import read, shown
from pathway.management.one_line import OneLineCommand, answer_in_one_line


class Command(OneLineCommand):
    """Checks a table of medication holds without a database."""

    help = "Check a table of medication holds (exit 1 with every finding)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("action", choices=["check"])
        parser.add_argument("file", nargs="?", help="a TOML file; the table in use when left out")

    def handle(self, *, action: str, file: str | None, **options: Any) -> None:
        path = Path(file) if file else PATH
        try:
            table = read_table(read(path), file=shown(path))
        except TableError as error:
            for finding in error.findings:
                self.stdout.write(str(finding))
            raise SystemExit(1) from error
        marks = {mark: sum(row.confidence == mark for row in table.rows) for mark in ("S", "R", "D")}
        told = ", ".join(f"{count} {mark}" for mark, count in marks.items())
        if not table.reviewed_by:
            self.stdout.write(
                f"{shown(path)}: table: reviewed_by: warning: not yet reviewed by pharmacist and clinician."
            )
        self.stdout.write(
            self.style.SUCCESS(f"{shown(path)}: version {table.version}, {len(table.rows)} rows ({told}), good to use")
        )
