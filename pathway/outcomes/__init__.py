"""Outcome measures: what is measured, in which units, and what has changed since before the procedure.

Frozen values in and out, standard library only.
"""

from pathway.outcomes.change import Change, Importance, Reading, baseline_of, change_since
from pathway.outcomes.entry import EntryError, read_value
from pathway.outcomes.spec import MeasureSpec
from pathway.outcomes.units import UnitError, convert, in_unit, same_kind, unit_words

__all__ = [
    "Change",
    "EntryError",
    "Importance",
    "MeasureSpec",
    "Reading",
    "UnitError",
    "baseline_of",
    "change_since",
    "convert",
    "in_unit",
    "read_value",
    "same_kind",
    "unit_words",
]
