"""Which rows of the table a medicine on a list means: by code, by name, by brand; never by guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pathway.holds.rows import Combination, HoldTable, Row
from pathway.medical_words import plainly_spelled

STRENGTH = re.compile(r"\b\d[\d.,]*\s*(?:mg|mcg|µg|g|ml|units?|iu|meq)\b(?:\s*/\s*\d*\s*(?:ml|h|hr|day|mg))?|\b\d+\s*%")
JOINS = (re.compile(r"\s*[/+&]\s*"), re.compile(r"\s+(?:and|with|y|con)\s+"), re.compile(r"-"))
"""What stands between the medicines of a combination; each is tried alone, so that Alka-Seltzer stays one word."""

Kind = Literal["found", "undecided", "unknown", "contradiction", "combination"]


@dataclass(frozen=True, slots=True)
class Match:
    """What a medicine on a list means.

    `found`: the one row in `rows`. `undecided`: one medicine, and a fact decides between its `rows`. `combination`:
    several medicines in one, named in `parts`; `rows` those the table knows. `contradiction`: code and name mean
    different medicines (`parts`). `unknown`: nothing in the table. `by` says what was matched.
    """

    kind: Kind
    rows: tuple[Row, ...] = ()
    by: Literal["", "code", "name", "brand"] = ""
    parts: tuple[str, ...] = ()

    @property
    def row(self) -> Row:
        """The row of a `found` match."""
        return self.rows[0]


@lru_cache(maxsize=4096)
def plain_name(name: str, dropped: tuple[str, ...]) -> str:
    """A name without accents, capitals, strength, salt and form; as it is when nothing else is left of it."""
    plain = plainly_spelled(name).replace("®", "").replace("™", "")
    bare = STRENGTH.sub(" ", plain)
    bare = re.sub(r"[(,;]", " / ", bare.replace(")", " "))
    for word in sorted(dropped, key=len, reverse=True):
        bare = re.sub(rf"(?<![\w-]){re.escape(plainly_spelled(word))}(?![\w-])", " ", bare)
    bare = " ".join(bare.split()).strip("/ ")
    return bare or " ".join(plain.split())


def match(table: HoldTable, *, name: str, rxcui: str = "", variant: str = "") -> Match:
    """What a medicine means by its code, or else by its name; `variant` decides where a fact must.

    A code and a name that mean different medicines are a contradiction, whichever is wrong: public lists swap codes.
    """
    found = _by_name(table, name)
    coded = {row.name for row in table.rows if rxcui.strip() and row.rxcui == rxcui.strip()}
    if coded and found.kind != "unknown" and not coded >= {row.name for row in found.rows}:
        named = " and ".join(dict.fromkeys(found.parts or (row.name for row in found.rows)))
        return Match("contradiction", parts=(*sorted(coded), named))
    if coded and found.kind == "unknown":
        found = _of_rows(tuple(row for row in table.rows if row.name in coded), "code")
    if found.kind == "undecided" and variant:
        chosen = tuple(row for row in found.rows if row.variant == variant)
        return Match("found", chosen, found.by) if len(chosen) == 1 else found
    return found


@lru_cache(maxsize=4096)
def _by_name(table: HoldTable, name: str) -> Match:
    wanted = plain_name(name, table.dropped)
    for row in table.rows:
        if _is_among(wanted, row.decides, table):
            return Match("found", (row,), "brand")
    for by, words in (("name", _generic), ("brand", _others)):
        names = {row.name for row in table.rows if _is_among(wanted, words(row), table)}
        if names:
            return _of_rows(tuple(row for row in table.rows if row.name in names), by)  # type: ignore[arg-type]
    for one in table.combinations:
        if _is_among(wanted, one.names, table):
            return _of_combination(table, one)
    return _by_parts(table, wanted)


def _generic(row: Row) -> tuple[str, ...]:
    return (row.name,)


def _others(row: Row) -> tuple[str, ...]:
    return row.brands + row.spellings


def _is_among(wanted: str, words: Iterable[str], table: HoldTable) -> bool:
    return any(plain_name(word, table.dropped) == wanted for word in words)


def _of_rows(rows: tuple[Row, ...], by: Literal["code", "name", "brand"]) -> Match:
    return Match("found" if len(rows) == 1 else "undecided", rows, by)


def _of_combination(table: HoldTable, one: Combination) -> Match:
    if one.follows:
        return _of_rows(table.named(one.follows), "brand")
    return Match("combination", tuple(row for part in one.parts for row in table.named(part)), "brand", one.parts)


def _by_parts(table: HoldTable, wanted: str) -> Match:
    """A name such as "empagliflozin/metformin": a combination, when any of its parts is in the table.

    One medicine said twice, such as "warfarin (Coumadin)", is that medicine.
    """
    for join in JOINS:
        parts = tuple(plain_name(part, table.dropped) for part in join.split(wanted) if part.strip())
        if len(parts) < 2:
            continue
        known = next((one for one in table.combinations if set(one.parts) == set(parts)), None)
        if known is not None:
            return _of_combination(table, known)
        found = [_by_name(table, part) for part in parts]
        rows = tuple(row for one in found for row in one.rows)
        if all(one.rows for one in found) and len({row.name for row in rows}) == 1:
            return min(found, key=lambda one: len(one.rows))
        if rows:
            return Match("combination", rows, "name", parts)
    return Match("unknown")
