"""Schedules as text, for tests of the import."""

import csv
import io
from pathlib import Path

from django.apps import apps

from pathway.actions.import_schedule import Report, import_schedule
from pathway.schedule_file import open_schedule
from tests.builders import NOW

HEADER = (
    "case number", "record number", "name", "birth date", "phones", "email", "language", "procedure",
    "local date and time", "clinician", "room", "levels", "medications", "escort", "status", "consent",
)  # fmt: skip
GOOD = {
    "case number": "C1",
    "record number": "R1",
    "name": "Ruiz, Alma",
    "birth date": "1948-05-02",
    "phones": "212-555-0143",
    "email": "alma@example.com",
    "language": "Spanish",
    "procedure": "MILD",
    "local date and time": "2027-03-15 07:30",
    "clinician": "Dr. Chen",
    "room": "OR 2",
    "levels": "L4-5",
    "medications": "Apixaban 5 mg; metformin",
    "escort": "Marco Ruiz",
    "status": "scheduled",
    "consent": "2027-02-10",
}


def row(number: int = 1, /, **cells: str) -> dict[str, str]:
    """A good row; cells are given with underscores for spaces."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return {**GOOD, "case number": f"C{number}", "record number": f"R{number}", **named}


def text_of(*rows: dict[str, str], delimiter: str = ",", end: str = "\n", header: tuple[str, ...] = HEADER) -> str:
    """The rows as a CSV file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, header, delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def bring_in(clinic, content: str | bytes, *, now=NOW, dry_run: bool = False, encoding: str = "auto") -> Report:
    """Import a file's content."""
    data = content.encode() if isinstance(content, str) else content
    schedule = open_schedule(io.BytesIO(data), encoding=encoding)
    return import_schedule(clinic=clinic, rows=schedule.rows, by=None, now=now, dry_run=dry_run)


def counts(report: Report) -> dict[str, int]:
    """The outcomes that happened at least once."""
    return {outcome.value: count for outcome, count in report.counts.items() if count}


def every_row() -> dict[str, list[tuple]]:
    """Everything in the database that is ours."""
    return {
        model.__name__: sorted(model.objects.values_list(), key=str)
        for label in ("patients", "pathway", "notifications")
        for model in apps.get_app_config(label).get_models()
    }


def written(folder: Path, content: str | bytes, name: str = "schedule.csv") -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
