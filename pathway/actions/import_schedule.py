"""Bringing a clinic's schedule in: every row is created, moved, updated, cancelled, left alone or rejected."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from pathway.actions.import_case import Known, Outcome, Work, carry_out, decide
from pathway.actions.rehearsal import rehearsal
from pathway.models import Protocol, ProtocolVersion
from pathway.queries.protocols import latest_version
from pathway.schedule_file import CancelledCase, CellError, Column, Row, ScheduledCase, plain, read_case
from pathway.states import TransitionError
from patients.models import Clinic, Staff

BATCH = 100
"""Rows in one commit. On SQLite nobody else writes during one: a batch of new cases takes about two seconds."""

log = logging.getLogger(__name__)


class NoProtocol(Exception):
    """No protocol is published, so that no case could be planned."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was left out: its number in the file (the header is row 1), the column, and how to mend it."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"row {self.row}" if self.column == "row" else f'row {self.row}, column "{self.column}"'
        return f"{where}: {self.reason}"


@dataclass(slots=True)
class Report:
    """What became of a file: rows by outcome, and every rejection in the order of the file."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.counts.total()

    def reject(self, row: int, error: CellError) -> None:
        """Count a row as rejected and keep why."""
        self.counts[Outcome.REJECTED] += 1
        self.rejections.append(Rejection(row, error.column, error.reason))


def import_schedule(
    *,
    clinic: Clinic,
    rows: Iterable[Row],
    by: Staff | None,
    now: datetime,
    dry_run: bool = False,
    on_batch: Callable[[int], None] = lambda count: None,
) -> Report:
    """Import the rows of a schedule into one clinic. The same rows again change nothing and write nothing.

    A row is all or nothing, and a bad one spoils no other: it is rejected and reported. Rows are committed in batches;
    `on_batch` gets the number of rows of each. A dry run does everything and takes it all back (`rehearsal`).
    Raise `NoProtocol` before any row when none is published.
    """
    protocols = _protocols()
    if not protocols:
        raise NoProtocol("no protocol is published, so that nothing can be planned; run: manage.py protocol publish")
    run = _Import(Known(clinic, protocols), by, now)
    if not dry_run:
        run.bring_in(rows, on_batch)
        return run.report
    # All of it, not batch by batch: a patient whom an earlier row would create must be there for a later row to meet.
    with rehearsal():
        run.bring_in(rows, on_batch)
    return run.report


def _protocols() -> dict[str, ProtocolVersion]:
    """The version that new journeys start with, by the protocol's key and by its title as a file may write them."""
    found = {}
    for key in Protocol.objects.order_by("key").values_list("key", flat=True):
        version = latest_version(key)
        if version is not None:
            found[plain(version.protocol.title)] = version
            found[plain(key)] = version
    return found


class _Import:
    """One run over the rows of a file."""

    def __init__(self, known: Known, by: Staff | None, now: datetime) -> None:
        self.known, self.by, self.now = known, by, now
        self.report = Report()
        self.first_row: dict[str, int] = {}
        self.written: set[str] = set()

    def bring_in(self, rows: Iterable[Row], on_batch: Callable[[int], None]) -> None:
        """Take the rows in batches, so that a long file needs the memory of a short one."""
        source = iter(rows)
        while batch := list(islice(source, BATCH)):
            cases = list(self._readable(batch))
            with transaction.atomic():
                # Two imports into one clinic take turns, and each sees what the other has written.
                Clinic.objects.select_for_update(no_key=True).get(pk=self.known.clinic.pk)
                self.known.load(cases)
                self.written.clear()
                for case in cases:
                    self._bring_in(case)
            self.report.rejections.sort(key=lambda rejection: rejection.row)
            on_batch(len(batch))

    def _readable(self, batch: list[Row]) -> Iterator[CancelledCase | ScheduledCase]:
        """The rows that can be read and whose case number is new in this file; the others are rejected."""
        zone = self.known.clinic.tz
        for row in batch:
            try:
                case = read_case(row, zone=zone, region=settings.PHONENUMBER_DEFAULT_REGION, now=self.now)
                first = self.first_row.setdefault(case.case_number, row.number)
                if first != row.number:
                    raise CellError(
                        Column.CASE_NUMBER, f'"{case.case_number}" stands in row {first} already; keep one of the two'
                    )
            except CellError as error:
                self.report.reject(row.number, error)
                continue
            yield case

    def _bring_in(self, case: CancelledCase | ScheduledCase) -> None:
        """Decide one case and write it within a savepoint."""
        if case.record_number in self.written:
            self.known.reload_patient(case.record_number)
        try:
            work = decide(case, known=self.known, now=self.now)
            if work.outcome is not Outcome.UNCHANGED:
                self._write(work)
        except CellError as error:
            self.report.reject(case.row, error)
        else:
            self.report.counts[work.outcome] += 1
            if isinstance(case, ScheduledCase):
                self.known.spoken_of.add(case.record_number)

    def _write(self, work: Work) -> None:
        """Carry out what a row needs; whatever fails in it takes back the whole row, and only that row."""
        try:
            with transaction.atomic():
                carry_out(work, known=self.known, by=self.by, now=self.now)
        except (OperationalError, InterfaceError):
            raise  # the database is away or full: that is no row's fault
        except Exception as error:
            # Named without its message, which may hold what is in the row.
            log.error("schedule import: row %d could not be written: %s", work.case.row, type(error).__name__)
            is_told = isinstance(error, ValueError | TransitionError)
            told = str(error) if is_told else f"it could not be saved ({type(error).__name__})"
            raise CellError("row", told) from error
        self.written.add(work.case.record_number)
