"""What was measured on journeys, and what has changed since before the procedure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pathway.models import Journey, Measurement, Milestone, MilestoneStatus
from pathway.outcomes import Change, Importance, MeasureSpec, Reading, baseline_of, change_since, convert, in_unit
from pathway.queries.protocols import protocol_of
from pathway.queries.timeline import milestone_titles
from pathway.staff_words import for_staff


@dataclass(frozen=True, slots=True)
class MeasuredValue:
    """One value that counts. `shown` is as it was entered; `change` is None up to the procedure."""

    id: int
    at: datetime
    value: Decimal
    shown: str
    entered_unit: str
    occasion: str
    occasion_title: str
    source: str
    is_baseline: bool
    is_correction: bool
    change: Change | None
    change_shown: str
    tone: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure of one journey: its values by time, the oldest first, and the baseline that changes count from."""

    journey_id: int
    key: str
    title: str
    unit: str
    baseline: Reading | None
    values: tuple[MeasuredValue, ...]

    @property
    def latest(self) -> MeasuredValue | None:
        return self.values[-1] if self.values else None


def measures_of(journey: Journey) -> tuple[MeasureRow, ...]:
    """Every measure of the journey's protocol version, also those without a value yet, in the order of the protocol."""
    return outcomes([journey])[journey.pk]


def outcomes(journeys: Iterable[Journey]) -> dict[int, tuple[MeasureRow, ...]]:
    """The same for many journeys by id, in two reads however many they are; their protocol versions must be loaded."""
    journeys = list(journeys)
    ids = [journey.pk for journey in journeys]
    taken_place = dict(
        Milestone.objects.filter(journey__in=ids, key="procedure", status=MilestoneStatus.DONE).values_list(
            "journey_id", "at"
        )
    )
    by_measure: dict[tuple[int, str], list[Measurement]] = {}
    counting = Measurement.objects.filter(journey__in=ids, retracted_at=None, corrected_by=None)
    for row in counting.order_by("at", "pk"):
        by_measure.setdefault((row.journey_id, row.measure), []).append(row)
    return {
        journey.pk: tuple(
            _measure_row(journey, spec, by_measure.get((journey.pk, spec.key), []), taken_place.get(journey.pk))
            for spec in protocol_of(journey.protocol_version).measures
        )
        for journey in journeys
    }


def occasion_titles(journey: Journey) -> dict[str, str]:
    """Milestone or step key to its English title, of the journey's protocol version."""
    protocol = protocol_of(journey.protocol_version)
    return {step.key: for_staff(step.title) for step in protocol.steps} | dict(milestone_titles(protocol))


def _measure_row(
    journey: Journey, spec: MeasureSpec, rows: list[Measurement], procedure_at: datetime | None
) -> MeasureRow:
    titles = occasion_titles(journey)
    readings = {row.pk: Reading(row.at, row.value, row.occasion) for row in rows}
    baseline = baseline_of(readings.values(), procedure_at=procedure_at)
    values = []
    for row in rows:
        change = change_since(spec, baseline, readings[row.pk], procedure_at=procedure_at)
        values.append(
            MeasuredValue(
                id=row.pk,
                at=row.at,
                value=row.value,
                shown=in_unit(row.entered_value, row.entered_unit),
                entered_unit=row.entered_unit,
                occasion=row.occasion,
                occasion_title=titles.get(row.occasion, ""),
                source=row.get_source_display(),
                is_baseline=readings[row.pk] == baseline,
                is_correction=row.corrects_id is not None,
                change=change,
                change_shown=change_words(spec, change, row.entered_unit) if change is not None else "",
                tone=TONES[change.importance] if change is not None else "",
            )
        )
    return MeasureRow(journey.pk, spec.key, spec.title, spec.unit, baseline, tuple(values))


TONES = {
    Importance.IMPROVED: "good",
    Importance.WORSE: "bad",
    Importance.NOT_IMPORTANT: "",
    Importance.NOT_JUDGED: "",
}
JUDGED = {
    Importance.IMPROVED: "important improvement",
    Importance.WORSE: "important worsening",
    Importance.NOT_IMPORTANT: "not an important change",
}


def change_words(spec: MeasureSpec, change: Change, unit: str) -> str:
    """`-4 points, important improvement`, `+3,710 ft, 16.1 times`: a change in the unit of the later entry."""
    amount = convert(change.change, spec.unit, unit)
    sign = "+" if amount > 0 else "−" if amount < 0 else "±"
    parts = [f"{sign}{in_unit(abs(amount), unit)}"]
    if change.ratio is not None:
        parts.append(f"{change.ratio.quantize(Decimal('0.1')):,f} times")
    if spec.ratio and change.ratio is None:
        parts.append("from nothing")
    parts += [JUDGED[change.importance]] if change.importance in JUDGED else []
    return ", ".join(parts)
