"""Which columns a schedule has, and by what names clinics call them."""

import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum


class ScheduleFileError(Exception):
    """A file that cannot be used at all; `str()` says why in one line."""


class Column(StrEnum):
    """A column, by the name that reports use."""

    CASE_NUMBER = "case number"
    RECORD_NUMBER = "record number"
    NAME = "name"
    GIVEN_NAME = "given name"
    FAMILY_NAME = "family name"
    BIRTH_DATE = "birth date"
    PHONES = "phones"
    HOME_PHONE = "home phone"
    EMAIL = "email"
    LANGUAGE = "language"
    PROCEDURE = "procedure"
    DATE_AND_TIME = "local date and time"
    DATE = "date"
    TIME = "time"
    CLINICIAN = "clinician"
    ROOM = "room"
    LEVELS = "levels"
    MEDICATIONS = "medications"
    ESCORT = "escort"
    STATUS = "status"
    CONSENT = "consent"


C = Column

SYNONYMS: Mapping[Column, Sequence[str]] = {
    C.CASE_NUMBER: ("case", "case no", "case #", "case id", "case num", "booking number", "appointment id"),
    C.RECORD_NUMBER: (
        "mrn", "medical record number", "medical record no", "record", "record no", "patient id", "patient number",
        "chart number",
    ),
    C.NAME: ("patient", "patient name", "full name"),
    C.GIVEN_NAME: ("first name", "given", "patient first name"),
    C.FAMILY_NAME: ("last name", "family", "surname", "patient last name"),
    C.BIRTH_DATE: ("date of birth", "dob", "birthdate", "birthday", "birth"),
    C.PHONES: (
        "phone", "phone number", "phone numbers", "telephone", "mobile", "mobile phone", "cell", "cell phone", "tel",
    ),
    C.HOME_PHONE: ("home", "landline", "home telephone", "home phone number"),
    C.EMAIL: ("e-mail", "email address", "mail"),
    C.LANGUAGE: ("preferred language", "lang", "idioma"),
    C.PROCEDURE: ("protocol", "procedure code", "procedure name", "operation", "surgery"),
    C.DATE_AND_TIME: (
        "date and time", "datetime", "date time", "local datetime", "local time and date", "start", "starts at",
        "scheduled at", "scheduled start", "procedure at", "procedure date and time", "procedure time and date",
        "local start",
    ),
    C.DATE: ("procedure date", "local date", "surgery date", "case date", "scheduled date", "date of procedure"),
    C.TIME: ("procedure time", "local time", "start time", "surgery time", "scheduled time"),
    C.CLINICIAN: ("physician", "doctor", "surgeon", "provider", "proceduralist"),
    C.ROOM: ("or", "operating room", "location", "suite"),
    C.LEVELS: ("level", "spinal levels", "spine levels"),
    C.MEDICATIONS: ("medication", "meds", "medicines", "drugs", "medication list"),
    C.ESCORT: ("ride", "driver", "companion", "escort name", "ride home"),
    C.STATUS: ("case status", "booking status", "appointment status"),
    C.CONSENT: ("consent date", "consented", "consent given", "text consent", "sms consent"),
}  # fmt: skip
"""Other names of a column. Case, accents, spaces and punctuation do not count: `Case_No.` is `case no`."""

NEEDED: Sequence[tuple[Column, Sequence[Column]]] = (
    (C.CASE_NUMBER, ()),
    (C.RECORD_NUMBER, ()),
    (C.NAME, (C.GIVEN_NAME, C.FAMILY_NAME)),
    (C.BIRTH_DATE, ()),
    (C.PROCEDURE, ()),
    (C.DATE_AND_TIME, (C.DATE, C.TIME)),
)
"""Each column that must be there, with the columns that say the same together."""


def plain(text: str) -> str:
    """Text for comparing: lower case, without accents, spaces or punctuation."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in apart if char.isalnum() and not unicodedata.combining(char))


BY_NAME: Mapping[str, Column] = {
    plain(name): column for column in Column for name in (column.value, *SYNONYMS.get(column, ()))
}


def known_columns(header: Sequence[str]) -> dict[int, Column]:
    """The columns of a header that are known: position to column."""
    found = {position: BY_NAME.get(plain(name)) for position, name in enumerate(header)}
    return {position: column for position, column in found.items() if column is not None}


def unknown_columns(header: Sequence[str]) -> tuple[str, ...]:
    """The names in a header that mean nothing here; what they hold is not read."""
    known = known_columns(header)
    return tuple(name.strip() for position, name in enumerate(header) if position not in known and name.strip())


def check_header(header: Sequence[str]) -> dict[int, Column]:
    """Position to column. Raise `ScheduleFileError` for a column that is missing or there twice."""
    columns = known_columns(header)
    seen: dict[Column, str] = {}
    for position, column in columns.items():
        if column in seen:
            raise ScheduleFileError(
                f'the columns "{seen[column]}" and "{header[position].strip()}" both mean "{column}": keep one of them'
            )
        seen[column] = header[position].strip()
    missing = [
        f'"{column}"' + (f' (or "{together[0]}" and "{together[1]}")' if together else "")
        for column, together in NEEDED
        if column not in seen and not (together and all(part in seen for part in together))
    ]
    if missing:
        found = ", ".join(name.strip() for name in header if name.strip())[:200] or "nothing"
        plural = "s" if len(missing) > 1 else ""
        raise ScheduleFileError(f"missing from the header: the column{plural} {', '.join(missing)}; it holds: {found}")
    return columns
