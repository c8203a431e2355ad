"""Check-ins: what an answer says, and what follows from it. Pure: no Django, no database, no clock.

The questions, the signs and the words are the protocol's. What an answer means is decided here, by one rule for the
patient's page, the phone and the text message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pathway.answers import WORSE
from pathway.planner.spec import CheckInQuestion, CheckInSpec, Level

Answers = Mapping[str, str]
"""Question key to what was said: `yes`, `no`, a whole number from 0 to 10, or the key of an option."""

REPLY = "reply"
"""Under this key stands what a text message said (1 good, 2 a question, 3 worse); no question may have it."""

LOWEST, HIGHEST = 0, 10
YES_NO = ("yes", "no")

DUE_WITHIN: Mapping[Level, timedelta] = {
    "emergency": timedelta(0),
    "same-day": timedelta(hours=1),
    "soon": timedelta(hours=4),
}
"""How soon somebody must call about a sign (clinical facts, section 6; `soon`: D). What is expected needs no call."""

GRAVEST_FIRST: tuple[Level, ...] = ("emergency", "same-day", "soon", "expected")


FEELS_WORSE = CheckInQuestion(
    key=REPLY,
    kind="choice",
    ask={},
    staff="feels worse (by text)",
    level="same-day",
    when=("worse",),
    say=WORSE.task.say if WORSE.task is not None else {},
)
"""What key 3 of a text stands for."""


class NotAnAnswer(ValueError):
    """What was said is no answer to this question; `str()` says what would be."""


@dataclass(frozen=True, slots=True)
class FoundSign:
    """One answer that is a sign, with its question."""

    question: CheckInQuestion
    level: Level
    answer: str

    @property
    def in_words(self) -> str:
        """What staff read: the sign, with the number where one was given."""
        number = f" {self.answer} of {HIGHEST}" if self.question.kind == "number" else ""
        return f"{self.question.staff}{number}"


def read_answer(question: CheckInQuestion, said: str) -> str:
    """What was said as it is kept. Raises `NotAnAnswer`."""
    said = said.strip()
    if question.kind == "number":
        if not (said.isascii() and said.isdecimal() and LOWEST <= int(said[:4]) <= HIGHEST):
            raise NotAnAnswer(f"Give a whole number from {LOWEST} to {HIGHEST}.")
        return str(int(said))
    allowed = choices_of(question)
    if said not in allowed:
        raise NotAnAnswer(f"Choose one of {', '.join(allowed)}.")
    return said


def choices_of(question: CheckInQuestion) -> tuple[str, ...]:
    """Everything that can be answered, in order."""
    if question.kind == "number":
        return tuple(str(number) for number in range(LOWEST, HIGHEST + 1))
    return YES_NO if question.kind == "yes-no" else tuple(question.options)


def asked(spec: CheckInSpec, *, has_hold: bool) -> tuple[CheckInQuestion, ...]:
    """The questions for this patient: what is about a held medicine is asked of those who hold one."""
    return tuple(one for one in spec.questions if has_hold or not one.only_with_hold)


def unanswered(questions: Iterable[CheckInQuestion], answers: Answers) -> tuple[CheckInQuestion, ...]:
    """The questions that are left, in order."""
    return tuple(one for one in questions if one.key not in answers)


def signs_in(spec: CheckInSpec, answers: Answers) -> tuple[FoundSign, ...]:
    """The signs that the answers name, the gravest first, then in the order of the questions."""
    found = [
        FoundSign(one, one.level, answers[one.key])
        for one in (*spec.questions, FEELS_WORSE)
        if one.level is not None and one.key in answers and _is_sign(one, answers[one.key])
    ]
    return tuple(sorted(found, key=lambda sign: GRAVEST_FIRST.index(sign.level)))


def _is_sign(question: CheckInQuestion, answer: str) -> bool:
    if question.kind == "number":
        return question.at_least is not None and int(answer) >= question.at_least
    return answer in question.when
