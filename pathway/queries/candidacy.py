"""How a journey stands with candidacy: what the checklist says, answer by answer, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathway.candidacy import ChecklistItem, Judgement, judge, read_answers, verdict_of
from pathway.models import CandidacyAssessment, CandidacyDecision, Journey
from pathway.queries.protocols import protocol_of
from pathway.states import CANDIDACY_OPEN, Verdict

VERDICT_WORDS = {
    Verdict.MEETS: ("Meets the checklist", "good"),
    Verdict.DOES_NOT_MEET: ("Does not meet the checklist", "bad"),
    Verdict.MISSING: ("Answers are missing", "warn"),
}
MARKS = {
    Verdict.MEETS: ("✓", "Meets", "good"),
    Verdict.DOES_NOT_MEET: ("✕", "Does not meet", "bad"),
    Verdict.MISSING: ("?", "Missing", "warn"),
    Verdict.NOTED: ("·", "Noted", ""),
}
"""Shape, word and tone of each verdict: never colour alone."""


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One line of the checklist: a sign, what it means, and the reason in words."""

    sign: str
    word: str
    tone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Candidacy:
    """The last answers and the last decision of a journey, and how many there were before.

    `is_open` says whether answers and decisions are still taken. `items` and `answers` are what a form begins with.
    """

    items: tuple[ChecklistItem, ...]
    answers: Mapping[str, Mapping[str, object]]
    lines: tuple[JudgedAnswer, ...]
    words: str
    tone: str
    assessment: CandidacyAssessment | None
    earlier: int
    decision: CandidacyDecision | None
    is_open: bool


def candidacy_of(journey: Journey) -> Candidacy:
    """The candidacy of one journey, in two reads; without items where its protocol has no checklist."""
    items = protocol_of(journey.protocol_version).candidacy
    assessments = list(journey.assessments.select_related("by").order_by("-pk"))
    last = assessments[0] if assessments else None
    answers: Mapping[str, Mapping[str, object]] = last.answers if last is not None else {}
    judgements = judge(items, read_answers(items, answers))
    words, tone = VERDICT_WORDS[verdict_of(judgements)]
    return Candidacy(
        items=items,
        answers=answers,
        lines=tuple(_line(one) for one in judgements),
        words=words,
        tone=tone,
        assessment=last,
        earlier=max(len(assessments) - 1, 0),
        decision=journey.candidacy_decisions.select_related("by").order_by("-pk").first(),
        is_open=bool(items) and journey.state in CANDIDACY_OPEN,
    )


def _line(one: Judgement) -> JudgedAnswer:
    return JudgedAnswer(*MARKS[one.verdict], one.reason)
