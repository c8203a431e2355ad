"""What a protocol says, as values: the planner's first argument. `pathway.protocol_file` makes them from TOML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

from pathway.candidacy import ChecklistItem
from pathway.outcomes import MeasureSpec
from pathway.planner.day import DaySpec

MILESTONE_KINDS = ("consult", "visit", "procedure", "discharge", "follow-up")
"""What a milestone is for the journey; a plain visit (another assessment) brings it no further."""

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


TWO_WEEKS = Duration(days=14)
"""How long before its window ends somebody is told that a follow-up is not booked, unless the protocol says (D)."""


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
    """A moment that is booked or happens. `expected` is our target until then; `example` serves previews only.

    `kind` is one of `MILESTONE_KINDS`: what the journey has come to by it. A follow-up should be booked within the
    window from `book_from` to `book_until`, and somebody is told `book_ahead` of the window's end at the latest.
    """

    key: str
    title: Wording
    lasts: timedelta
    kind: str = "visit"
    expected: Moment | None = None
    example: Moment | None = None
    book_from: Moment | None = None
    book_until: Moment | None = None
    book_ahead: Duration = TWO_WEEKS


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


Level = Literal["emergency", "same-day", "soon", "expected"]
"""What an answer means for how soon a person must act; see `pathway.check_ins`."""


@dataclass(frozen=True, slots=True)
class CheckInQuestion:
    """One question of a check-in, of a `kind`: yes-no, number (0 to 10) or choice (its `options` by key).

    An answer among `when`, or a number of `at_least` so much, is a sign of that `level`, which staff know as `staff`
    and about which they `say` so much on the phone; `tell` is what the patient reads about what is expected. The answer
    to a number may be kept as an outcome `measure` as well.
    """

    key: str
    kind: str
    ask: Wording
    staff: str
    level: Level | None = None
    when: tuple[str, ...] = ()
    at_least: int | None = None
    options: Mapping[str, Wording] = field(default_factory=dict)
    say: Wording = field(default_factory=dict)
    tell: Wording = field(default_factory=dict)
    only_with_hold: bool = False
    measure: str = ""


@dataclass(frozen=True, slots=True)
class CheckInSpec:
    """One check-in: it can be answered from `opens` until `closes`, and should be by `due`.

    `step` is the step that asks for it by text, if one does. Silence is as `if_silent` says: urgent or routine.
    """

    key: str
    title: Wording
    opens: Moment
    due: Moment
    closes: Moment
    questions: tuple[CheckInQuestion, ...]
    step: str = ""
    if_silent: str = "routine"


@dataclass(frozen=True, slots=True)
class Protocol:
    """A whole protocol. `texts` and `subject` hold placeholders in braces; see `pathway.wording`.

    `allows` names, per text, the words that the check for medical words lets pass there. `copy_prefix` begins a copy to
    a caregiver, and `copy_no_reply` comes after it where the text asks for an answer; without them nobody gets copies.
    `not_a_candidate_call` is what a nurse says to somebody whom the procedure cannot help.
    `calls` are, per text, the words of a phone call in place of one that takes another back, and `emails` those of an
    email where they are not the text's without its replies. `restart_not_before`: no draft takes a held medicine up
    again sooner after the procedure, whatever the table of holds says.
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
    candidacy: tuple[ChecklistItem, ...] = ()
    not_a_candidate_call: Wording = field(default_factory=dict)
    measures: tuple[MeasureSpec, ...] = ()
    check_ins: tuple[CheckInSpec, ...] = ()
    day: DaySpec = DaySpec()
    calls: Mapping[str, Wording] = field(default_factory=dict)
    emails: Mapping[str, Wording] = field(default_factory=dict)
    restart_not_before: Duration | None = None

    @property
    def follow_ups(self) -> tuple[MilestoneSpec, ...]:
        """The visits after the procedure, in the order of the file; once all are settled the journey is complete."""
        return tuple(one for one in self.milestones if one.kind == "follow-up")

    def check_in(self, key: str) -> CheckInSpec | None:
        """One check-in by its key."""
        return next((one for one in self.check_ins if one.key == key), None)

    def asked_by(self, base_key: str, text: str) -> str:
        """The set of answers that a reminder asks for in this text; empty where it asks nothing."""
        spec = self.reminder(base_key)
        return spec.answers if spec is not None and text in spec.asked_in else ""

    def asking_texts(self, step: str, answers: str) -> tuple[str, ...]:
        """The texts of a step that ask for answers of one set."""
        specs = (spec for one in self.steps if one.key == step for spec in one.reminders)
        return tuple(spec.text for spec in specs if spec.answers == answers)

    def call_of(self, step: str) -> Wording:
        """What the nurse says on the phone about a step; empty where the protocol has nothing."""
        specs = (spec for one in self.steps if one.key == step for spec in one.reminders)
        return next((spec.call for spec in specs if any(spec.call.values())), {})

    def kind_of(self, milestone: str) -> str:
        """What kind of milestone a key names; a plain visit where there is none."""
        return next((one.kind for one in self.milestones if one.key == milestone), "visit")

    def reminder(self, base_key: str) -> ReminderSpec | None:
        """The spec behind a base key: `fasting/evening-before`, `medication-plan/ready/apixaban`, `…/correction`."""
        for step in self.steps:
            for spec in step.reminders:
                if base_key == spec.key or base_key.startswith(spec.key + "/"):
                    return spec
        return None
