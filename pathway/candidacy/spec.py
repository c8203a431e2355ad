"""What a checklist asks, as values. `pathway.protocol_file` makes them from the `[[candidacy]]` tables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["yes-no", "number", "choice", "list"]
KINDS: tuple[Kind, ...] = ("yes-no", "number", "choice", "list")

BOUND = re.compile(r"(>=|<=|>|<)\s*(\d+(?:\.\d+)?)", re.ASCII)


class BoundError(ValueError):
    """Not a bound such as `>= 2.5`; `str()` says what to write."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a number must be, or how many of a list: `>= 2.5`."""

    sign: str
    limit: Decimal

    def holds(self, amount: Decimal) -> bool:
        """Whether an amount, in the unit of the limit, is inside the bound."""
        return {
            ">": amount > self.limit,
            ">=": amount >= self.limit,
            "<": amount < self.limit,
            "<=": amount <= self.limit,
        }[self.sign]


def read_bound(text: str) -> Bound:
    """`>= 2.5`, `> 3`, `<= 100` or `< 4` as a `Bound`. Raises `BoundError`."""
    found = BOUND.fullmatch(text.strip())
    if found is None:
        raise BoundError('write a sign and a number: ">= 2.5", "> 3", "<= 100" or "< 4"')
    return Bound(found[1], Decimal(found[2]))


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One question of the checklist.

    `unit`, `lowest` and `highest` belong to a number: what lies outside is a slip of the pen, not an answer. `choices`
    are key to words. `passes` holds the answers that meet it (`yes`, `no`, or keys of choices), `bound` does so for a
    number and for how many of a list. An item with neither is noted and not judged. An `optional` one counts only when
    it is answered. `confidence`: S seen in a source, R recalled, D our own decision.
    """

    key: str
    title: str
    question: str
    kind: Kind
    source: str
    confidence: str
    unit: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    passes: tuple[str, ...] = ()
    bound: Bound | None = None
    optional: bool = False

    @property
    def is_judged(self) -> bool:
        """Whether there is a rule that an answer meets or does not."""
        return bool(self.passes) or self.bound is not None
