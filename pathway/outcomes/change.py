"""What has changed since before the procedure, and whether that matters to the patient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pathway.outcomes.spec import MeasureSpec

HUNDRED = Decimal(100)


class Importance(StrEnum):
    """Whether a change is large enough to matter. `not-judged`: the measure has no threshold."""

    IMPROVED = "improved"
    WORSE = "worse"
    NOT_IMPORTANT = "not-important"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a measure in its own unit, when it was taken (UTC) and on which occasion, if on any."""

    at: datetime
    value: Decimal
    occasion: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """From a baseline to a later value, in the measure's unit.

    `change` is later minus baseline, with its sign. `percent` of the baseline and `ratio` (later to baseline) are None
    where the baseline is zero, `ratio` also where the measure does not ask for one.
    """

    baseline: Reading
    change: Decimal
    percent: Decimal | None
    ratio: Decimal | None
    importance: Importance


def baseline_of(
    readings: Iterable[Reading], *, procedure_at: datetime | None, prefer: str = "consult"
) -> Reading | None:
    """The value to compare with: the last one of the occasion `prefer`, else the last, at or before the procedure.

    None when nothing was measured before it. `procedure_at` is None until it has taken place: all is before it.
    """
    before = [one for one in readings if procedure_at is None or one.at <= procedure_at]
    preferred = [one for one in before if one.occasion == prefer]
    return max(preferred or before, key=lambda one: one.at, default=None)


def change_since(
    spec: MeasureSpec, baseline: Reading | None, reading: Reading, *, procedure_at: datetime | None
) -> Change | None:
    """What has changed from the baseline to a value taken after the procedure; None before it or without a baseline."""
    if baseline is None or procedure_at is None or reading.at <= procedure_at:
        return None
    change = reading.value - baseline.value
    known = baseline.value != 0
    return Change(
        baseline=baseline,
        change=change,
        percent=change / baseline.value * HUNDRED if known else None,
        ratio=reading.value / baseline.value if known and spec.ratio else None,
        importance=_importance(spec, baseline.value, change),
    )


def _importance(spec: MeasureSpec, baseline: Decimal, change: Decimal) -> Importance:
    """Whether a change reaches one of the measure's thresholds, and which way. A share of zero is never reached."""
    if spec.important_change is None and spec.important_percent is None:
        return Importance.NOT_JUDGED
    size = abs(change)
    by_amount = spec.important_change is not None and size >= spec.important_change
    by_share = (
        spec.important_percent is not None
        and baseline > 0
        and size > 0
        and size * HUNDRED >= spec.important_percent * baseline
    )
    if not (by_amount or by_share):
        return Importance.NOT_IMPORTANT
    return Importance.IMPROVED if (change < 0) == (spec.better == "lower") else Importance.WORSE
