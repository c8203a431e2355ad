"""What a protocol says, as values: the planner's first argument. `pathway.protocol_file` makes them from TOML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

from pathway.planner.day import DaySpec

Wording = Mapping[str, str]
"""One text in every language of the protocol: language code to words."""

DERIVED_ANCHORS = ("enrolled", "arrival", "fast-start")
"""Moments every journey has besides its milestones: when it was booked here, and what clinic policy derives."""

HOLD_ANCHORS = ("hold-signed", "hold-start", "last-dose", "restart")
"""Moments of one signed hold; only reminders with `for_each = "hold"` may use them."""


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration: `days` are calendar days, `elapsed` is elapsed time. Both carry the sign."""

    days: int = 0
    elapsed: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Moment:
    """An anchor, plus calendar days, with an optional local wall time, plus elapsed time."""

    anchor: str
    offset: Duration = Duration()
    at: time | None = None

    @property
    def is_before(self) -> bool:
        """Whether this moment comes before its anchor."""
        return self.offset.days < 0 or self.offset.elapsed < timedelta(0)


@dataclass(frozen=True, slots=True)
class MilestoneSpec:
    """A moment that is booked or happens. `expected` is our target until then; `example` serves previews only."""

    key: str
    title: Wording
    lasts: timedelta
    expected: Moment | None = None
    example: Moment | None = None
    book_from: Moment | None = None
    book_until: Moment | None = None


@dataclass(frozen=True, slots=True)
class ReminderSpec:
    """One message a step sends.

    `about` is the milestone whose {day} and {time} the text tells; `tells` are the time placeholders the text holds.
    A text that tells a time goes out only while that milestone is booked. `answers` is the set of answers that its
    texts `asked_in` ask for (see `pathway.answers`); after silence for `answer_within` it is asked once more, and after
    silence for `then_within` a nurse is told.
    """

    key: str
    step: str
    text: str
    about: str
    tells: tuple[str, ...]
    send: Moment
    useful_until: Moment
    moves: Literal["earlier", "later"]
    if_late: Literal["call", "skip"]
    safety: bool
    for_each_hold: bool
    resend_unproven: bool
    correction: str
    cancelled: str
    call: Wording
    answers: str = ""
    answer_within: Duration | None = None
    then_within: Duration | None = None
    asked_in: tuple[str, ...] = ()

    @property
    def needs_booked(self) -> str:
        """The milestone that must be booked when this goes out; empty when the text tells no time."""
        return self.about if self.tells else ""


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One thing to be done or known. `eases` starts the range in which a restriction may end, `ends` closes it."""

    key: str
    kind: str
    title: Wording
    about: str
    starts: Moment
    ends: Moment
    eases: Moment | None
    detail: Wording
    reminders: tuple[ReminderSpec, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A whole protocol. `texts` and `subject` hold placeholders in braces; see `pathway.wording`.

    `allows` names, per text, the words that the check for medical words lets pass there. `copy_prefix` begins a copy to
    a caregiver, and `copy_no_reply` comes after it where the text asks for an answer; without them nobody gets copies.
    """

    key: str
    title: str
    version: str
    languages: tuple[str, ...]
    window_opens: time
    window_closes: time
    closing_margin: timedelta
    notice: timedelta
    min_gap: timedelta
    daily_cap: int
    weekly_cap: int
    subject: Wording
    milestones: tuple[MilestoneSpec, ...]
    steps: tuple[StepSpec, ...]
    texts: Mapping[str, Wording]
    allows: Mapping[str, tuple[str, ...]]
    spanish_checked_by: str = ""
    copy_prefix: Wording = field(default_factory=dict)
    copy_no_reply: Wording = field(default_factory=dict)
    day: DaySpec = DaySpec()

    def reminder(self, base_key: str) -> ReminderSpec | None:
        """The spec behind a base key: `fasting/evening-before`, `medication-plan/ready/apixaban`, `…/correction`."""
        for step in self.steps:
            for spec in step.reminders:
                if base_key == spec.key or base_key.startswith(spec.key + "/"):
                    return spec
        return None
