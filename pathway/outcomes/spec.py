"""One outcome measure, as values. `pathway.protocol_file` makes them from the `[[measures]]` tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """What is measured and how a change is judged.

    `unit` is what values are stored in; `entered_in` are the units it may be written down in, that one among them.
    `lowest` and `highest` are in `unit`. `asked_at` holds keys of milestones and steps. A change is important from
    `important_change` (in `unit`) or `important_percent` of the baseline on; with neither it is not judged. With
    `ratio` it is also told as "so many times the baseline". A `licensed` one is entered as a score and has no
    `question`. `confidence`: S seen in a source, R recalled, D our own decision.
    """

    key: str
    title: str
    unit: str
    entered_in: tuple[str, ...]
    lowest: Decimal
    highest: Decimal
    better: Literal["lower", "higher"]
    asked_at: tuple[str, ...]
    source: str
    confidence: str
    whole: bool = False
    important_change: Decimal | None = None
    important_percent: Decimal | None = None
    ratio: bool = False
    licensed: bool = False
    question: Mapping[str, str] = field(default_factory=dict)
