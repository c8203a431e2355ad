"""The hold table as values: rows, combinations, gates, and the dangers that a signer is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pathway.planner.spec import Duration

ACTIONS = ("hold", "none", "continue", "decide")
GATES = ("inr", "creatinine-clearance", "stent")
CONFIDENCE = ("S", "R", "D")
RESTART_WHEN: Mapping[str, str] = {
    "clinician": "when the clinician says so",
    "eating-normally": "when the patient eats normally again",
    "eating-again": "when the patient eats again",
}
"""Restarts that are no length of time, in words. Only a person turns one into a date."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; the table's own file says what each field means. Durations are ISO 8601, empty for none."""

    key: str
    name: str
    drug_class: str
    action: str
    rxcui: str = ""
    brands: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    variant: str = ""
    variant_says: str = ""
    decides: tuple[str, ...] = ()
    hold: str = ""
    hold_from: str = ""
    hold_impaired: str = ""
    hold_impaired_from: str = ""
    restart: str = ""
    restart_from: str = ""
    restart_when: str = ""
    gates: tuple[str, ...] = ()
    ask: str = ""
    follows_beside: str = ""
    flag_beside: tuple[str, ...] = ()
    flag_from_age: int = 0
    flag_asks: str = ""
    flag_then: str = ""
    note: str = ""
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Combination:
    """A product of several medicines; `follows` is the one whose row it takes, empty when a prescriber decides."""

    key: str
    names: tuple[str, ...]
    parts: tuple[str, ...]
    follows: str = ""


@dataclass(frozen=True, slots=True)
class InrGate:
    """Up to which INR (a ratio) a result is normal, and how long before the procedure it may have been taken."""

    normal_up_to: Decimal
    within: Duration


@dataclass(frozen=True, slots=True)
class ClearanceGate:
    """Creatinine clearance (mL/min): below which the kidneys are impaired, and below which nothing is drafted.

    A result counts for `within` of the day it was taken.
    """

    impaired_below: Decimal
    decide_below: Decimal
    within: Duration


@dataclass(frozen=True, slots=True)
class Dangers:
    """What a signer is shown; the signature keeps the version."""

    version: str
    clot: str
    bleeding: str


@dataclass(frozen=True, slots=True, eq=False)  # one file is one table: known by itself, so that answers can be kept
class HoldTable:
    """A whole table. `dropped` are words that say nothing about which medicine it is: salts and forms."""

    key: str
    title: str
    version: str
    reviewed_by: str
    source: str
    dangers: Dangers
    inr: InrGate
    clearance: ClearanceGate
    dropped: tuple[str, ...]
    rows: tuple[Row, ...]
    combinations: tuple[Combination, ...] = ()

    @property
    def review(self) -> str:
        """Who reviewed it, in words for whoever signs by it."""
        return f"reviewed by {self.reviewed_by}" if self.reviewed_by else "not yet reviewed"

    def row(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.key == key), None)

    def named(self, name: str) -> tuple[Row, ...]:
        """The rows of one generic name."""
        return tuple(row for row in self.rows if row.name == name)
