"""Words of danger: which signs of `danger.toml` a message names. A "no" before one never silences it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from notifications.replies.plain import plain

Level = Literal["emergency", "same-day"]
GAP = r"(?:\w+ ){0,4}"
"""What `...` stands for: up to four words between."""

LETTERS = r"\w*"


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign by name, how soon somebody must call, and how people write it (a pattern over `plain` words).

    `say` is what staff say on the phone, by language.
    """

    name: str
    level: Level
    written: re.Pattern[str]
    say: Mapping[str, str]


def dangers_in(body: str) -> tuple[Sign, ...]:
    """The signs that a message names in either language, the gravest first; empty when it names none."""
    heard = plain(body)
    readings = {drawn_in(heard, keep) for keep in (1, 2)}  # "feverrrr", "bleeeeding"
    return tuple(sign for sign in danger_signs() if any(sign.written.search(reading) for reading in readings))


def drawn_in(heard: str, keep: int) -> str:
    """The words with each letter that was drawn out (three times or more) written `keep` times."""
    return re.sub(r"([a-z])\1{2,}", lambda found: found[1] * keep, heard)


@cache
def danger_signs() -> tuple[Sign, ...]:
    """The signs of `danger.toml`, the gravest first, read once."""
    table = tomllib.loads((files("notifications.replies") / "danger.toml").read_text("utf-8"))
    families = {f"@{name}": words for name, words in table["families"].items()}
    return tuple(
        Sign(one["name"], one["level"], written(one, families), one.get("say", table["say"][one["level"]]))
        for one in table["signs"]
    )


def written(sign: Mapping[str, list[str]], families: Mapping[str, str]) -> re.Pattern[str]:
    """All phrases of one sign as one pattern."""
    unless = sign.get("unless", [])
    behind = rf"(?! (?:{'|'.join(unless)})\b)" if unless else ""
    phrases = "|".join(phrase_pattern(phrase, families) for phrase in (*sign["en"], *sign["es"]))
    return re.compile(rf"\b(?:{phrases})\b{behind}")


def phrase_pattern(phrase: str, families: Mapping[str, str]) -> str:
    """One phrase in the notation that `danger.toml` explains, as a pattern."""
    parts: list[str] = []
    for word in phrase.split():
        words = [one for part in word.split("/") for one in families.get(part, part).split("/")]
        parts.append(GAP if word == "..." else f"{either(words)} ")
    return "".join(parts).removesuffix(" ")


def either(words: Iterable[str]) -> str:
    """Any of these words; one that ends in a star stands for all that begin so, one behind a tilde for slips too.

    A word without its last letter is no beginning: "wal" is a slip of "walk", and "wallet" is not.
    """
    found: list[str] = []
    for word in words:
        begins = word.endswith("*")
        bare = word.removesuffix("*").removeprefix("~").replace("_", " ")
        spelt = misspelt(bare) if word.startswith("~") else [bare]
        found += [one + (LETTERS if begins and one != bare[:-1] else "") for one in spelt]
    return f"(?:{'|'.join(found)})"


VOWELS = "aeiou"


def misspelt(word: str) -> list[str]:
    """A word and how it comes out with one slip: a letter missing or doubled, two swapped, a vowel for another.

    The first letter is never missing ("fever" is no "ever").
    """
    places = range(len(word))
    missing = [word[:at] + word[at + 1 :] for at in places[1:]]
    doubled = [word[:at] + word[at] + word[at:] for at in places]
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]]
    vowels = [word[:at] + vowel + word[at + 1 :] for at in places[1:] if word[at] in VOWELS for vowel in VOWELS]
    return list(dict.fromkeys((word, *missing, *doubled, *swapped, *vowels)))
