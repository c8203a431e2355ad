"""One row as a case: everything in it is readable, or the row is rejected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pathway.schedule_file.cells import (
    CellError,
    Drug,
    Phone,
    check_names,
    clean,
    read_birth_date,
    read_cancelled,
    read_email,
    read_language,
    read_line,
    read_medications,
    read_name,
    read_phones,
    says_nothing,
    shown,
)
from pathway.schedule_file.columns import Column
from pathway.schedule_file.records import Row
from pathway.schedule_file.times import NotATime, instant_of, read_clock, read_date, read_date_and_clock

FARTHEST = timedelta(days=730)
"""A procedure later than this from now is a mistyped year."""


@dataclass(frozen=True, slots=True)
class Case:
    """What every row says: which case, of which patient."""

    row: int
    case_number: str
    record_number: str


@dataclass(frozen=True, slots=True)
class CancelledCase(Case):
    """A case that is off. Nothing else in its row is used; a birth date, if there is one, must be the patient's."""

    birth_date: date | None


@dataclass(frozen=True, slots=True)
class ScheduledCase(Case):
    """A case that is on. `at` is UTC; an empty text or tuple says nothing, it does not erase what is known.

    `consented_at` (UTC) is when the patient agreed to be written to, as far as the schedule knows.
    """

    given_name: str
    family_name: str
    birth_date: date
    phones: tuple[Phone, ...]
    email: str
    language: str
    procedure: str
    at: datetime
    clinician: str
    room: str
    levels: str
    escort: str
    medications: tuple[Drug, ...]
    consented_at: datetime | None


def read_case(row: Row, *, zone: ZoneInfo, region: str, now: datetime) -> CancelledCase | ScheduledCase:
    """Read a whole row; raise `CellError` for the first cell that cannot be read.

    `zone` is the clinic's: its clock is meant in the file. `region` is the country of phone numbers without one.
    """
    if row.broken:
        raise CellError("row", row.broken)
    cells = {column: row.cells.get(column, "") for column in Column}
    case_number = read_line(cells[Column.CASE_NUMBER], Column.CASE_NUMBER, longest=40, needed=True)
    record_number = read_line(cells[Column.RECORD_NUMBER], Column.RECORD_NUMBER, longest=40, needed=True)
    today = now.astimezone(zone).date()
    if read_cancelled(cells[Column.STATUS]):
        told = clean(cells[Column.BIRTH_DATE])
        born = read_birth_date(told, today=today) if told else None
        return CancelledCase(row.number, case_number, record_number, born)
    given_name, family_name = _names(cells)
    return ScheduledCase(
        row=row.number,
        case_number=case_number,
        record_number=record_number,
        given_name=given_name,
        family_name=family_name,
        birth_date=read_birth_date(cells[Column.BIRTH_DATE], today=today),
        phones=_phones(cells, region),
        email=read_email(cells[Column.EMAIL]),
        language=read_language(cells[Column.LANGUAGE]),
        procedure=read_line(cells[Column.PROCEDURE], Column.PROCEDURE, longest=120, needed=True),
        at=_at(cells, zone, now),
        clinician=read_line(cells[Column.CLINICIAN], Column.CLINICIAN, longest=80),
        room=read_line(cells[Column.ROOM], Column.ROOM, longest=40),
        levels=read_line(cells[Column.LEVELS], Column.LEVELS, longest=60),
        escort=read_line(cells[Column.ESCORT], Column.ESCORT, longest=120),
        medications=read_medications(cells[Column.MEDICATIONS]),
        consented_at=_consented_at(cells, zone, today),
    )


def _names(cells: Mapping[Column, str]) -> tuple[str, str]:
    if clean(cells[Column.NAME]):
        return read_name(cells[Column.NAME])
    family = clean(cells[Column.FAMILY_NAME])
    column = Column.FAMILY_NAME if clean(cells[Column.GIVEN_NAME]) or family else Column.NAME
    if column is Column.NAME:
        raise CellError(column, "is empty; every row needs it")
    return check_names(clean(cells[Column.GIVEN_NAME]), family, column)


def _phones(cells: Mapping[Column, str], region: str) -> tuple[Phone, ...]:
    mobile = read_phones(cells[Column.PHONES], Column.PHONES, region=region)
    home = read_phones(cells[Column.HOME_PHONE], Column.HOME_PHONE, region=region)
    numbers = {phone.number for phone in mobile}
    return mobile + tuple(phone for phone in home if phone.number not in numbers)


def _at(cells: Mapping[Column, str], zone: ZoneInfo, now: datetime) -> datetime:
    """The instant (UTC) of the procedure."""
    both = clean(cells[Column.DATE_AND_TIME])
    day, clock = clean(cells[Column.DATE]), clean(cells[Column.TIME])
    column, text = (Column.DATE_AND_TIME, both) if both or not (day or clock) else (Column.DATE, day)
    if not text:
        raise CellError(column, "is empty; every row needs it")
    try:
        if column is Column.DATE_AND_TIME:
            wall = read_date_and_clock(text)
        else:
            date_only = read_date(day)
            column, text = Column.TIME, clock
            if not clock:
                raise CellError(column, "is empty; every row needs it")
            wall = datetime.combine(date_only, read_clock(clock))
        if not _is_near(wall, now):
            raise NotATime("is more than two years away; check the year")
        return instant_of(wall, zone)
    except NotATime as error:
        said = f"{day} {clock}" if column is Column.TIME and "clocks" in str(error) else text
        raise CellError(column, f"{shown(said)} {error}") from error


def _is_near(wall: datetime, now: datetime) -> bool:
    return wall.year > 1900 and wall - now.replace(tzinfo=None) <= FARTHEST


def _consented_at(cells: Mapping[Column, str], zone: ZoneInfo, today: date) -> datetime | None:
    """The start, on the clinic's clock, of the day on which the patient agreed; None when the schedule says none."""
    text = clean(cells[Column.CONSENT])
    if says_nothing(text):
        return None
    try:
        given = read_date(text)
    except NotATime as error:
        raise CellError(Column.CONSENT, f"{shown(text)} {error}; leave it empty without a consent") from error
    if not date(2000, 1, 1) <= given <= today:
        raise CellError(Column.CONSENT, f"{shown(text)} is not a day up to today; check the year")
    return datetime.combine(given, time(0), tzinfo=zone).astimezone(UTC)
