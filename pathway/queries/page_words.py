"""The words of the patient's page, by language, and dates and clock times as that language writes them."""

import tomllib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils import formats, translation

SOURCE = Path(__file__).resolve().parent.parent / "page_words.toml"
LANGUAGES = ("en", "es")


@cache
def page_words(language: str) -> MappingProxyType[str, str]:
    """Every text of the page in one language; a language that we do not write reads English."""
    texts = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    chosen = language if language in LANGUAGES else "en"
    return MappingProxyType({key: text[chosen] for key, text in texts.items()})


def long_date(day: date, language: str) -> str:
    """`Wednesday, May 20` or `miércoles 20 de mayo`."""
    with translation.override(language):
        return str(formats.date_format(day, r"l j \d\e F" if language == "es" else "l, F j"))


def weekday(day: date, language: str) -> str:
    """`Wednesday` or `miércoles`."""
    with translation.override(language):
        return str(formats.date_format(day, "l"))


def clock(instant: datetime, zone: ZoneInfo, language: str) -> str:
    """The clock time in a zone: `1:30 AM`, in Spanish `1:30 a. m.`."""
    local = instant.astimezone(zone)
    half = ("a. m.", "p. m.") if language == "es" else ("AM", "PM")
    return f"{local.hour % 12 or 12}:{local:%M} {half[local.hour >= 12]}"
