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


@dataclass(frozen=True, slots=True)
class MedicalWord:
    """A word as the text has it, and what it names: `a drug`, `a diagnosis`, `a procedure` or `a body part`."""

    word: str
    names: str


def medical_words(text: str, language: str, *, allows: Iterable[str] = ()) -> list[MedicalWord]:
    """The medical words of a text, each once, in order; `allows` lists words that may stand."""
    plain = without_accents(text)
    allowed = {without_accents(word) for word in allows}
    found: dict[str, MedicalWord] = {}
    for kind, pattern in patterns(language):
        for match in pattern.finditer(plain):
            if match[0] not in allowed and match["word"] not in allowed:
                found.setdefault(match[0], MedicalWord(match[0], KINDS[kind]))
    return sorted(found.values(), key=lambda word: plain.index(word.word))


@lru_cache(maxsize=8)
def patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """One pattern of whole words, singular or plural, for each kind of word in `words.toml`."""
    words = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    made = []
    for kind in KINDS:
        by_language: dict[str, list[str]] = words[kind]
        chosen = [word for each in by_language.values() for word in each]
        if kind != "drugs":
            chosen = by_language.get(language, [])
        spelled = "|".join(re.escape(without_accents(word)) for word in sorted(chosen, key=len, reverse=True))
        made.append((kind, re.compile(rf"(?<!\w)(?P<word>{spelled})(?:s|es)?(?!\w)")))
    return tuple(made)


def without_accents(text: str) -> str:
    """Lowercase, accents taken off and white space made single, so that spelling does not hide a word."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in parts if not unicodedata.combining(char)).split())
