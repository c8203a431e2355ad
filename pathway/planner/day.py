"""What a protocol says of the procedure's day: long fasts, readiness checks, scores and the checklist for going home.

Values only, made by `pathway.protocol_file.day` from TOML. Staff read them, patients never do: titles are in English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

MOST_POINTS = 2
"""An item of a score counts 0, 1 or 2."""

SatisfiedBy = Literal["person", "answer", "holds", "fast", "arrival"]
Stands = Literal["always", "day", "time"]
ItemKind = Literal["yes", "text", "choice", "therapy", "escort", "restart-dates", "visits", "clinic-number"]
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One thing that must be so before a patient is admitted.

    `satisfied_by`: what can show it besides a person's word: the patient's answer to a text that takes `answers`, the
    states of the holds, the last meal as it was told, or the arrival. `stands`: how long a person's yes counts: always,
    for that day, or only for a procedure no earlier than the one it was said for.
    """

    key: str
    title: str
    satisfied_by: SatisfiedBy
    stands: Stands
    answers: str = ""


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One item of a score; `points[n]` says when it counts n."""

    key: str
    title: str
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A score of a few items, passed from `pass_at` points on."""

    key: str
    title: str
    pass_at: int
    items: tuple[ScoreItem, ...]

    @property
    def best(self) -> int:
        return MOST_POINTS * len(self.items)

    def total(self, points: Mapping[str, int]) -> int:
        """The sum of the points by item key. `ScoreError` unless each item has 0, 1 or 2, and nothing else."""
        keys = {item.key for item in self.items}
        missing = [item.title for item in self.items if item.key not in points]
        if missing:
            raise ScoreError(f"{self.title} lacks {', '.join(missing)}.")
        strange = sorted(points.keys() - keys)
        if strange:
            raise ScoreError(f"{self.title} has no item {', '.join(strange)}.")
        if any(value not in range(MOST_POINTS + 1) for value in points.values()):
            raise ScoreError("Each item counts 0, 1 or 2.")
        return sum(points.values())

    def passes(self, total: int) -> bool:
        return total >= self.pass_at


class ScoreError(ValueError):
    """Points that do not make a score; `str()` says why."""


@dataclass(frozen=True, slots=True)
class DischargeItem:
    """One line of the checklist for going home.

    `yes`: a person says yes; `text`: a person writes something; `choice`: one of `choices`, each of which is enough;
    `therapy`: whether the patient is referred to physical therapy, which stays the journey's referral. The others
    are worked out: the `escort` as named, the `restart-dates` of every held medicine, the booked `visits` (keys of
    `milestones`), the clinic's number that is answered at any hour.
    """

    key: str
    title: str
    kind: ItemKind
    choices: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether a person answers it, rather than something that is known elsewhere."""
        return self.kind in ("yes", "text", "choice", "therapy")

    @property
    def takes(self) -> tuple[str, ...]:
        """The answers that it takes; empty where a person writes them."""
        return {"yes": YES_NO, "therapy": YES_NO, "choice": self.choices}.get(self.kind, ())


@dataclass(frozen=True, slots=True)
class DischargeSpec:
    """What has to be there before a patient goes home: scores that pass and a checklist."""

    scores: tuple[Score, ...]
    items: tuple[DischargeItem, ...]

    def score(self, key: str) -> Score | None:
        return next((score for score in self.scores if score.key == key), None)

    def item(self, key: str) -> DischargeItem | None:
        return next((item for item in self.items if item.key == key), None)


@dataclass(frozen=True, slots=True)
class DaySpec:
    """All of it. A protocol without these sections asks for none: no checks, no blocked discharge."""

    long_food: timedelta | None = None
    long_clear: timedelta | None = None
    readiness: tuple[ReadinessCheck, ...] = ()
    discharge: DischargeSpec | None = None
