"""Finds words that would tell a stranger why a patient is treated: drugs, diagnoses, procedures, body parts."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WORDS_FILE = Path(__file__).resolve().parent / "protocols" / "words.toml"
KINDS = {
    "drugs": "a drug",
    "diagnoses": "a diagnosis",
    "procedures": "a procedure",
    "body_parts": "a body part",
}
LETTER = r"[^\W\d_]"


@dataclass(frozen=True, slots=True)
class MedicalWord:
    """A word as the text has it, and what it names: `a drug`, `a diagnosis`, `a procedure` or `a body part`."""

    word: str
    names: str


def medical_words(text: str, language: str, *, allows: Iterable[str] = ()) -> list[MedicalWord]:
    """The medical words of a text, each once, in order; `allows` lists words that may stand."""
    plain = plainly_spelled(text)
    allowed = {plainly_spelled(word) for word in allows}
    found: dict[str, tuple[int, MedicalWord]] = {}
    for kind, pattern in patterns(language):
        for match in pattern.finditer(plain):
            if match[0] not in allowed and match["word"] not in allowed:
                found.setdefault(match[0], (match.start(), MedicalWord(match[0], KINDS[kind])))
    return [word for _, word in sorted(found.values(), key=lambda entry: entry[0])]


@lru_cache(maxsize=8)
def patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One pattern of whole words, singular or plural, for each kind of word in `words.toml`.

    A word ends where its letters end, so that "clopidogrel75" and "back-pain" are found. In a language that has no list
    of its own, the words of all are looked for.
    """
    words = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    made = []
    for kind in KINDS:
        by_language: dict[str, list[str]] = words[kind]
        chosen = [word for each in by_language.values() for word in each]
        if kind != "drugs" and language in by_language:
            chosen = by_language[language]
        spelled = "|".join(as_pattern(word) for word in sorted(chosen, key=len, reverse=True))
        made.append((kind, re.compile(rf"(?<!{LETTER})(?P<word>{spelled})(?:s|es)?(?!{LETTER})")))
    return tuple(made)


def as_pattern(word: str) -> str:
    """A word or a few as a pattern: parts may be written together, apart or with a hyphen (x-ray, x ray, xray)."""
    return "[ _/-]?".join(re.escape(part) for part in re.split(r"[ -]", plainly_spelled(word)))


def plainly_spelled(text: str) -> str:
    """Lowercase, without accents and unseen characters, every dash a hyphen and white space single."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(plain_character(char) for char in parts).split())


def plain_character(char: str) -> str:
    """One decomposed character, or nothing for one that is not seen: marks, soft hyphens, zero-width characters."""
    category = unicodedata.category(char)
    if char.isspace():
        return " "
    if category in ("Mn", "Me") or category.startswith("C"):
        return ""
    return "-" if category == "Pd" or char == "\u2212" else char
