"""The candidacy checklist: what a protocol asks, what was answered, and whether each answer meets it.

Frozen values in and out, standard library only. The checklist is computed; a clinician decides.
"""

from pathway.candidacy.answers import Answer, AnswersError, Quantity, answers_as_json, read_answers
from pathway.candidacy.judging import Judgement, judge, overrules, verdict_of
from pathway.candidacy.spec import KINDS, Bound, BoundError, ChecklistItem, Kind, read_bound

__all__ = [
    "KINDS",
    "Answer",
    "AnswersError",
    "Bound",
    "BoundError",
    "ChecklistItem",
    "Judgement",
    "Kind",
    "Quantity",
    "answers_as_json",
    "judge",
    "overrules",
    "read_answers",
    "read_bound",
    "verdict_of",
]
