"""One cell at a time: what it says as a value, or why it cannot be read and how to mend it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pathway.schedule_file.columns import Column, plain
from pathway.schedule_file.times import NotATime, read_date

OLDEST_BIRTH = date(1900, 1, 1)
LANGUAGES = {
    "en": ("en", "eng", "english", "ingles"),
    "es": ("es", "spa", "spanish", "espanol", "castellano"),
}
SCHEDULED = (
    "scheduled", "booked", "confirmed", "active", "new", "rescheduled", "moved", "pending", "programado",
    "confirmado",
)  # fmt: skip
CANCELLED = ("cancelled", "canceled", "cancel", "cancellation", "deleted", "void", "cancelado", "cancelada")
NOTHING = ("", "none", "no", "na", "nil", "unknown", "ninguno", "ninguna")
LANDLINE = re.compile(r"\b(?:h|home|landline|land line|house|work|casa|fijo)\b", re.IGNORECASE)
PHONE_HINT = re.compile(r"[A-Za-zÁÉÍÓÚÑáéíóúñ.:()]*[A-Za-zÁÉÍÓÚÑáéíóúñ][A-Za-zÁÉÍÓÚÑáéíóúñ.:()]*")


class CellError(ValueError):
    """A cell for which its row is rejected: the column, and the reason with how to mend it."""

    def __init__(self, column: Column | str, reason: str) -> None:
        self.column, self.reason = str(column), reason
        super().__init__(f'column "{column}": {reason}')


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164. `texts` is false for one that can only be called."""

    number: str
    texts: bool


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine by its name in lower case, and its dose as written."""

    name: str
    dose: str


def clean(text: str) -> str:
    """One line of composed characters: line breaks and invisible characters become single spaces."""
    text = unicodedata.normalize("NFC", text)
    if text.startswith('="') and text.endswith('"'):  # how spreadsheets keep the zeros of a number
        text = text[2:-1]
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def shown(text: str) -> str:
    """A cell as a message quotes it."""
    return f'"{text}"' if len(text) <= 40 else f'"{text[:37]}..."'


def says_nothing(text: str) -> bool:
    """Whether a cell is empty, or only says that there is nothing: `none`, `N/A`, `no`."""
    return plain(text) in NOTHING


def read_line(text: str, column: Column, *, longest: int, needed: bool = False) -> str:
    """A short text. Raise `CellError` when it is too long for its column, or empty although it is needed."""
    text = clean(text)
    if needed and not text:
        raise CellError(column, "is empty; every row needs it")
    if len(text) > longest:
        raise CellError(column, f"{shown(text)} is {len(text)} characters long; write at most {longest}")
    return text


def read_name(text: str) -> tuple[str, str]:
    """Given and family name of `Ruiz, Alma` or `Alma Ruiz`. Without a comma the last word is the family name."""
    text = read_line(text, Column.NAME, longest=160, needed=True)
    if "," in text:
        family, _, given = (part.strip() for part in text.partition(","))
    else:
        given, _, family = text.rpartition(" ")
        if not given:
            raise CellError(Column.NAME, f"{shown(text)} is one word; write it like Ruiz, Alma")
    return check_names(given, family, Column.NAME)


def check_names(given: str, family: str, column: Column) -> tuple[str, str]:
    """The two names as they are, if they can be names; raise `CellError` otherwise."""
    if not any(char.isalpha() for char in family):
        raise CellError(column, f"{shown(family or given)} has no family name; write it like Ruiz, Alma")
    if max(len(given), len(family)) > 80:
        raise CellError(column, "is longer than 80 characters")
    return given, family


def read_birth_date(text: str, *, today: date) -> date:
    """A birth date between 1900 and today; raise `CellError` otherwise."""
    text = read_line(text, Column.BIRTH_DATE, longest=40, needed=True)
    text = re.sub(r"[ T]0?0:00(:00)?(\.0+)?$", "", text)  # a date that was exported as a moment
    try:
        born = read_date(text)
    except NotATime as error:
        raise CellError(Column.BIRTH_DATE, f"{shown(text)} {error}") from error
    if not OLDEST_BIRTH <= born <= today:
        raise CellError(Column.BIRTH_DATE, f"{shown(text)} is not between 1900 and today; check the year")
    return born


def read_phones(text: str, column: Column, *, region: str) -> tuple[Phone, ...]:
    """Every number of a cell in its order, parted by `/`, `;`, `|`, a comma or a line break; none for an empty cell.

    A number with home, landline or work beside it, or in the column "home phone", is called and not texted.
    """
    phones: dict[str, Phone] = {}
    for part in re.split(r"[/;|,\n\r]", text):
        part = clean(part)
        digits = PHONE_HINT.sub(" ", re.sub(r"(?:\s*(?:ext\.?|x)\s*\d+)$", "", part, flags=re.IGNORECASE)).strip()
        if says_nothing(part):
            continue
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise CellError(column, f"{shown(part)} is not a phone number; write it like 212-555-0143 or +52 and so on")
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        landline = column is Column.HOME_PHONE or LANDLINE.search(part) is not None
        phones.setdefault(e164, Phone(e164, texts=not landline))
    return tuple(phones.values())


def read_email(text: str) -> str:
    """An address, or an empty text; raise `CellError` for anything else."""
    text = read_line(text, Column.EMAIL, longest=254)
    if says_nothing(text):
        return ""
    try:
        validate_email(text)
    except ValidationError as error:
        raise CellError(Column.EMAIL, f"{shown(text)} is not an email address; write one, or leave it empty") from error
    return text


def read_language(text: str) -> str:
    """`en` or `es`; empty when the cell is. Raise `CellError` for a language in which no texts exist."""
    word = plain(re.split(r"[-_(]", clean(text))[0])
    for code, names in LANGUAGES.items():
        if word in names:
            return code
    if word:
        raise CellError(Column.LANGUAGE, f"{shown(clean(text))} has no texts; write English or Spanish")
    return ""


def read_cancelled(text: str) -> bool:
    """Whether the status says that the case is off; an empty one says that it is on."""
    word = plain(text)
    if word in CANCELLED:
        return True
    if word in SCHEDULED or not clean(text):
        return False
    raise CellError(Column.STATUS, f"{shown(clean(text))} is not known; write scheduled or cancelled")


def read_medications(text: str) -> tuple[Drug, ...]:
    """Medicines parted by `;`, `|`, a line break or a comma (not one inside a number), each once.

    `Apixaban 5 mg twice a day` is apixaban with the dose `5 mg twice a day`: the dose begins at the first number.
    """
    drugs: dict[str, Drug] = {}
    for part in re.split(r"[;|\n\r]|,(?!\d{3}\b)", text):
        part = clean(part).rstrip(".")
        if says_nothing(part):
            continue
        name, _, dose = re.sub(r"\s+(?=\d)", "\0", part, count=1).partition("\0")
        if len(name) > 80 or len(dose) > 80:
            raise CellError(Column.MEDICATIONS, f"{shown(part)} is too long; part medicines with semicolons")
        drugs.setdefault(name.lower(), Drug(name.lower(), dose))
    return tuple(drugs.values())
