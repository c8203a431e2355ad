"""Whether one thing is so before a patient is admitted: what a person said, and what is known without them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.planner.day import ReadinessCheck, Stands

Verdict = Literal["yes", "no", "unknown"]

OUTVOTED_BY_NOBODY = ("fast", "holds", "arrival")
"""What these show to be wrong, a person's yes cannot mend: the fact has to change, or somebody overrides by name."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for or against one check: why in words, and who said it (empty for a fact).

    `at` (UTC) is when it was said or became so; None when nothing is known at all.
    """

    verdict: Verdict
    at: datetime | None
    why: str
    by: str = ""


def still_stands(stands: Stands, *, said_for: datetime, procedure_at: datetime, zone: ZoneInfo) -> bool:
    """Whether what a person said for the procedure at `said_for` counts for one at `procedure_at` (UTC both)."""
    if stands == "always":
        return True
    same_day = said_for.astimezone(zone).date() == procedure_at.astimezone(zone).date()
    return same_day and (stands == "day" or procedure_at >= said_for)


def decide(check: ReadinessCheck, *, said: Evidence | None, shown: Evidence) -> Evidence:
    """The verdict on one check, by what a person `said` and what is `shown` by facts: the newer one counts.

    A fact that says no is not outvoted. One that has become open again since, by a new signature for instance, is open.
    """
    if said is None or said.at is None or (shown.verdict == "no" and check.satisfied_by in OUTVOTED_BY_NOBODY):
        return shown
    return said if shown.at is None or said.at >= shown.at else shown
