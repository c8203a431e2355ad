"""The words of a message: placeholders, days and times as people say them, and what a text costs to send.

Spanish days are told as "sab 21 mar", without accents: á í ó ú are not in the alphabet of a plain text message, and one
of them makes the whole message three times as dear and cuts it into pieces that may arrive out of order. Numeric dates
(21/3) were refused: in the United States 4/3 is April 3rd, in the patient's first language March 4th. Both languages
use the 12-hour clock with AM and PM, which is what clocks, phones and appointment cards in the United States show.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Literal

LANGUAGES = ("en", "es")
"""The languages that days and times can be told in."""

TIME_PLACEHOLDERS = ("day", "time", "arrival", "fast_from")
PLACEHOLDERS = ("clinic", "phone", "link", *TIME_PLACEHOLDERS)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mie", "jue", "vie", "sab", "dom"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}

# 3GPP TS 23.038, section 6.2.1: the default alphabet and its extension table. An extension character takes two places.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67


class WordingError(LookupError):
    """A text that cannot be worded: a value or a language is missing; `str()` of it names which."""


def placeholders(template: str) -> tuple[str, ...]:
    """The names in braces, in order, known or not."""
    return tuple(PLACEHOLDER.findall(template))


def told_times(wording: Mapping[str, str]) -> tuple[str, ...]:
    """The time placeholders that a text holds in any of its languages, in a fixed order."""
    held = {name for words in wording.values() for name in placeholders(words)}
    return tuple(name for name in TIME_PLACEHOLDERS if name in held)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every `{name}` replaced. Raises `WordingError` for a name without a value."""

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise WordingError(f"no value for {{{match[1]}}} in: {template}")
        return values[match[1]]

    return PLACEHOLDER.sub(value_of, template)


def spoken(says: Mapping[str, str], language: str) -> Mapping[str, str]:
    """What a planned reminder says, as people say it in that language; every value fits a plain (GSM-7) text.

    `says` holds local wall values: `day` an ISO date, `time` and `arrival` as HH:MM, `fast_from` an ISO local date and
    time, `zone` the abbreviation to add to each clock time. A fast may begin the evening before, so its time always
    comes with its weekday. Raises `WordingError` for a language that has no words here.
    """
    return _spoken(tuple(says.items()), language)


@lru_cache(maxsize=4096)
def _spoken(told: tuple[tuple[str, str], ...], language: str) -> Mapping[str, str]:
    """The same, once for all patients of a clinic who come at the same time."""
    says = dict(told)
    if language not in LANGUAGES:
        raise WordingError(f"days and times cannot be told in {language!r}; only in {', '.join(LANGUAGES)}")
    zone = says.get("zone", "")
    words = {}
    if "day" in says:
        words["day"] = say_day(date.fromisoformat(says["day"]), language)
    for name in ("time", "arrival"):
        if name in says:
            words[name] = say_clock(time.fromisoformat(says[name]), zone)
    if "fast_from" in says:
        begins = datetime.fromisoformat(says["fast_from"])
        clock, weekday = say_clock(begins.time(), zone), WEEKDAYS[language][begins.weekday()]
        words["fast_from"] = f"{clock} {weekday}" if language == "en" else f"{weekday} {clock}"
    return words


def say_day(day: date, language: str) -> str:
    """`Sun, Mar 14` or `dom 14 mar`."""
    weekday, month = WEEKDAYS[language][day.weekday()], MONTHS[language][day.month - 1]
    return f"{weekday}, {month} {day.day}" if language == "en" else f"{weekday} {day.day} {month}"


def say_clock(clock: time, zone: str = "") -> str:
    """`7:30 AM`, with the zone's abbreviation where one is given: `7:30 AM CDT`."""
    half = "AM" if clock.hour < 12 else "PM"
    said = f"{clock.hour % 12 or 12}:{clock.minute:02} {half}"
    return f"{said} {zone}" if zone else said


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: `units` are GSM-7 places or UTF-16 code units, `count` the messages billed."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int


def segments(text: str) -> Segments:
    """How a text travels: GSM-7 in 160 places (153 each when split), else UCS-2 in 70 code units (67 when split).

    A character that takes two places is never split between two messages.
    """
    characters = set(text)
    if characters <= GSM_BASIC:
        return Segments("GSM-7", len(text), 1 if len(text) <= GSM_SINGLE else -(-len(text) // GSM_PART))
    if characters <= GSM_BASIC | GSM_EXTENSION:
        widths = [2 if char in GSM_EXTENSION else 1 for char in text]
        return Segments("GSM-7", sum(widths), parts(widths, GSM_SINGLE, GSM_PART))
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return Segments("UCS-2", sum(widths), parts(widths, UCS2_SINGLE, UCS2_PART))


def parts(widths: list[int], single: int, part: int) -> int:
    """How many messages hold characters of these widths; at least one."""
    if sum(widths) <= single:
        return 1
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count


def unspeakable(text: str) -> str:
    """The characters of a text that a plain text message does not have, each once, in order."""
    return "".join(dict.fromkeys(char for char in text if char not in GSM_BASIC and char not in GSM_EXTENSION))
