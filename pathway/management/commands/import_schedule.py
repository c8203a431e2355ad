"""`manage.py import_schedule FILE.csv`: next week's cases as a clinic exports them."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from pathway.actions.import_case import Outcome
from pathway.actions.import_schedule import NoProtocol, Report, import_schedule
from pathway.management.one_line import OneLineCommand, answer_in_one_line
from pathway.schedule_file import Schedule, ScheduleFileError, open_schedule
from patients.models import Clinic

NO_CLINIC = (
    "--clinic: there is no clinic yet: add one in the back office (/admin/), or try it on the demo's: make demo, then "
    "MILEPOST_DATA=.demo python manage.py import_schedule FILE.csv --dry-run"
)


class Command(OneLineCommand):
    """Exit 0 when every row was taken, 1 when some were rejected, 2 when the file or an argument cannot be used."""

    help = "Import a clinic's schedule from a CSV file (docs/schedule.md describes its columns)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("file", metavar="FILE.csv", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--clinic", metavar="NAME", help="needed when there is more than one clinic")
        parser.add_argument("--encoding", default="auto", help="auto (default), utf-8, cp1252, ...")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, file: Path, dry_run: bool, encoding: str, **options: Any) -> None:
        with opened(file) as stream:
            try:
                schedule = open_schedule(stream, encoding=encoding)
                report = self.bring_in(chosen_clinic(options["clinic"]), schedule, dry_run)
            except (ScheduleFileError, NoProtocol, OSError) as error:
                told = getattr(error, "strerror", None) or error
                raise CommandError(f"FILE.csv: {file}: {told}", returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report, schedule, dry_run), ensure_ascii=False, indent=2))
        else:
            self.print_report(report, schedule, dry_run)
        if report.rejections:
            raise SystemExit(1)

    def bring_in(self, clinic: Clinic, schedule: Schedule, dry_run: bool) -> Report:
        """Import with a progress bar, which only a terminal sees."""
        with tqdm(total=schedule.lines, unit=" rows", file=sys.stderr, disable=None, leave=False) as bar:
            return import_schedule(
                clinic=clinic, rows=schedule.rows, by=None, now=timezone.now(), dry_run=dry_run, on_batch=bar.update
            )

    def print_report(self, report: Report, schedule: Schedule, dry_run: bool) -> None:
        """One line for each rejected row, one for columns that mean nothing here, then the counts."""
        for rejection in report.rejections:
            self.stdout.write(str(rejection))
        if schedule.unknown_columns:
            self.stdout.write(f"columns not read: {', '.join(schedule.unknown_columns)}")
        counts = ", ".join(f"{report.counts[outcome]} {outcome}" for outcome in Outcome)
        self.stdout.write(f"{report.rows} rows: {counts}")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was changed.")


def as_json(report: Report, schedule: Schedule, dry_run: bool) -> dict[str, object]:
    """The report as one object: a number for each outcome, and `rejections` with row, column and reason."""
    return {
        "dry_run": dry_run,
        "rows": report.rows,
        **{outcome.value: report.counts[outcome] for outcome in Outcome},
        "rejections": [
            {"row": rejection.row, "column": rejection.column, "reason": rejection.reason}
            for rejection in report.rejections
        ],
        "unknown_columns": list(schedule.unknown_columns),
    }


def chosen_clinic(name: str | None) -> Clinic:
    """The clinic of that name, or the only one. Raise `CommandError` (exit 2) when that is not one clinic."""
    clinics = list(Clinic.objects.order_by("name"))
    names = ", ".join(clinic.name for clinic in clinics)
    if not clinics:
        raise CommandError(NO_CLINIC, returncode=2)
    if name is None and len(clinics) > 1:
        raise CommandError(f"--clinic: there is more than one clinic; name one of: {names}", returncode=2)
    found = [clinic for clinic in clinics if name is None or clinic.name.casefold() == name.strip().casefold()]
    if not found:
        raise CommandError(f'--clinic: there is no clinic "{name}"; there is: {names}', returncode=2)
    return found[0]


def opened(file: Path) -> BinaryIO:
    """The file, open to be read. Raise `CommandError` (exit 2) when it cannot be."""
    if file.is_dir():
        raise CommandError(f"FILE.csv: {file} is a directory", returncode=2)
    try:
        return file.open("rb")
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise CommandError(f"FILE.csv: {file} cannot be read: {told}", returncode=2) from error
