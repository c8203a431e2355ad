"""Whether answers meet a checklist, each with its reason in plain words. Missing never counts as meeting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pathway.candidacy.answers import Answer, Quantity, plain_number
from pathway.candidacy.spec import ChecklistItem
from pathway.states import JourneyState, Verdict

AGREES = {JourneyState.CANDIDATE: Verdict.MEETS, JourneyState.NOT_A_CANDIDATE: Verdict.DOES_NOT_MEET}
"""Which result of the checklist each decision follows from; deciding otherwise overrules it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one item: the verdict and the reason, such as
    `Ligamentum flavum 2.1 mm; 2.5 mm or more is needed.`"""

    key: str
    title: str
    verdict: Verdict
    reason: str


def judge(items: Iterable[ChecklistItem], answers: Mapping[str, Answer]) -> tuple[Judgement, ...]:
    """One judgement for each item, in the order of the checklist; an optional one that nobody answered is left out."""
    found = []
    for item in items:
        answer = answers.get(item.key)
        if answer is None and (item.optional or not item.is_judged):
            continue
        found.append(Judgement(item.key, item.title, _verdict(item, answer), _reason(item, answer)))
    return tuple(found)


def verdict_of(judgements: Iterable[Judgement]) -> Verdict:
    """What the checklist says as a whole: one item not met decides, then one missing.

    A checklist that judges nothing says nothing: missing.
    """
    verdicts = {one.verdict for one in judgements} - {Verdict.NOTED}
    if Verdict.DOES_NOT_MEET in verdicts:
        return Verdict.DOES_NOT_MEET
    return Verdict.MEETS if verdicts == {Verdict.MEETS} else Verdict.MISSING


def overrules(decision: JourneyState, verdict: Verdict) -> bool:
    """Whether a decision goes against, or ahead of, what the checklist says, so that it needs a reason."""
    return AGREES[decision] is not verdict


def _verdict(item: ChecklistItem, answer: Answer | None) -> Verdict:
    if not item.is_judged:
        return Verdict.NOTED
    if answer is None:
        return Verdict.MISSING
    if item.bound is not None:
        meets = item.bound.holds(answer.amount if isinstance(answer, Quantity) else Decimal(len(_chosen(answer))))
    else:
        meets = all(one in item.passes for one in _chosen(answer))
    return Verdict.MEETS if meets else Verdict.DOES_NOT_MEET


def _reason(item: ChecklistItem, answer: Answer | None) -> str:
    needed = f"; {_needed(item)} is needed." if item.is_judged else "."
    if answer is None:
        return f"{item.title}: not recorded{needed}"
    if isinstance(answer, Quantity):
        return f"{item.title} {answer}{needed}"
    said = ", ".join(item.choices.get(one, one) for one in _chosen(answer))
    return f"{item.title}: {said}{needed}"


def _chosen(answer: Answer) -> tuple[str, ...]:
    """An answer that is no number as words: `yes`, or the keys of its choices."""
    if isinstance(answer, bool):
        return ("yes" if answer else "no",)
    return answer if isinstance(answer, tuple) else (str(answer),)


def _needed(item: ChecklistItem) -> str:
    """What the item asks for: `2.5 mm or more`, `none or limited`, `no`."""
    if item.bound is None:
        return " or ".join(item.choices.get(one, one) for one in item.passes)
    limit = f"{plain_number(item.bound.limit)} {item.unit}".strip()
    return {">": f"more than {limit}", ">=": f"{limit} or more", "<": f"less than {limit}", "<=": f"{limit} or less"}[
        item.bound.sign
    ]
