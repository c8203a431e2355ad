"""Measured values: recorded, corrected beside the mistyped one, taken back. Nothing is overwritten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from pathway.models import Journey, JourneyEvent, Measurement, Source
from pathway.outcomes import EntryError, MeasureSpec, in_unit, read_value
from pathway.queries.protocols import protocol_of
from patients.models import Staff

LOOKS_BACK = timedelta(days=731)
"""What was measured more than two years before the journey began says nothing of this procedure: check the year."""


class NotMeasurable(ValueError):
    """A measurement that cannot be meant; `str()` says why, `field` where it belongs."""

    def __init__(self, told: str, *, field: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True)
class Entered:
    """A value as somebody wrote it down, in one of the measure's units."""

    value: Decimal
    unit: str


@transaction.atomic
def record_measurement(
    *,
    journey: Journey,
    measure: str,
    entered: Entered,
    at: datetime,
    source: Source,
    by: Staff | None,
    now: datetime,
    occasion: str = "",
) -> Measurement:
    """Keep one value, taken at `at` (UTC), on an `occasion` (a milestone or step of the measure) or on none.

    `by` is the member of staff who wrote it down, None for the patient. Raise `NotMeasurable` for what cannot be.
    """
    spec = measure_of(journey, measure)
    _check_time(journey, at, now)
    if occasion and occasion not in spec.asked_at:
        raise NotMeasurable(f"{spec.title} is not asked on that occasion.", field="occasion")
    row = _keep(journey, spec, entered, at=at, occasion=occasion, source=source, by=by, now=now)
    _event(row, "measured", spec, by, now)
    return row


@transaction.atomic
def correct_measurement(
    *, measurement: Measurement, entered: Entered, why: str, by: Staff, now: datetime
) -> Measurement:
    """Put a mistyped value right: the new row counts, the old one stays. When it was taken does not change.

    Raise `NotMeasurable` without a reason, for a value that cannot be, and for one that does not count any more.
    """
    old = _that_counts(measurement)
    if not why.strip():
        raise NotMeasurable("Say what was wrong.", field="why")
    spec = measure_of(old.journey, old.measure)
    row = _keep(
        old.journey, spec, entered, at=old.at, occasion=old.occasion, source=Source.STAFF, by=by, now=now, corrects=old
    )
    _event(row, "measurement-corrected", spec, by, now, was=old, why=why)
    return row


@transaction.atomic
def retract_measurement(*, measurement: Measurement, why: str, by: Staff, now: datetime) -> Measurement:
    """Take back a value that never was this patient's: it stays in the history and counts no more.

    Raise `NotMeasurable` without a reason, and for one that does not count any more.
    """
    old = _that_counts(measurement)
    if not why.strip():
        raise NotMeasurable("Say why it is taken back.", field="why")
    Measurement.objects.filter(pk=old.pk, retracted_at=None).update(
        retracted_at=now, retracted_by=by, retracted_why=why.strip()[:200]
    )
    old.refresh_from_db()
    _event(old, "measurement-retracted", measure_of(old.journey, old.measure), by, now, why=why)
    return old


@transaction.atomic
def keep_answer(
    *, journey: Journey, measure: str, answer: str, occasion: str, begun_at: datetime, by: Staff | None, now: datetime
) -> Measurement:
    """Keep what was answered in a check-in (begun at that instant, UTC) as a measurement too.

    An answer given anew takes the former one's place. `by` is the nurse who wrote it down by phone, None for the
    patient's own page. Raise `NotMeasurable`.
    """
    spec = measure_of(journey, measure)
    counting = Measurement.objects.filter(
        journey=journey, measure=measure, occasion=occasion, recorded_at__gte=begun_at, retracted_at=None,
        corrected_by=None,
    )  # fmt: skip
    before = counting.select_for_update(of=("self",)).order_by("-at", "-pk").first()
    source = Source.PATIENT if by is None else Source.STAFF
    entered = Entered(Decimal(answer), spec.unit)
    row = _keep(journey, spec, entered, at=now, occasion=occasion, source=source, by=by, now=now, corrects=before)
    _event(row, "measured", spec, by, now, was=before)
    return row


def measure_of(journey: Journey, measure: str) -> MeasureSpec:
    """What the journey's protocol version says of a measure. Raise `NotMeasurable` where it has none of that key."""
    for spec in protocol_of(journey.protocol_version).measures:
        if spec.key == measure:
            return spec
    raise NotMeasurable(f"This protocol does not measure “{measure}”.", field="measure")


def _check_time(journey: Journey, at: datetime, now: datetime) -> None:
    if at > now:
        raise NotMeasurable("This moment is still to come. Enter when it was measured.", field="at")
    if at < journey.enrolled_at - LOOKS_BACK:
        raise NotMeasurable("This is more than two years before the journey began: check the year.", field="at")


def _that_counts(measurement: Measurement) -> Measurement:
    """The row, locked, as it is now. Raise `NotMeasurable` for one that was corrected or taken back meanwhile."""
    row = Measurement.objects.select_for_update(of=("self",)).select_related("journey").get(pk=measurement.pk)
    if row.retracted_at is not None or Measurement.objects.filter(corrects=row).exists():
        raise NotMeasurable("This value was corrected or taken back meanwhile.", field="value")
    return row


def _keep(
    journey: Journey,
    spec: MeasureSpec,
    entered: Entered,
    *,
    at: datetime,
    occasion: str,
    source: Source,
    by: Staff | None,
    now: datetime,
    corrects: Measurement | None = None,
) -> Measurement:
    try:
        value = read_value(spec, entered.value, entered.unit)
    except EntryError as error:
        raise NotMeasurable(str(error), field="value") from error
    return Measurement.objects.create(
        journey=journey, measure=spec.key, value=value, unit=spec.unit, entered_value=entered.value,
        entered_unit=entered.unit, at=at, occasion=occasion, source=source, recorded_at=now, recorded_by=by,
        corrects=corrects,
    )  # fmt: skip


def _event(
    row: Measurement,
    kind: str,
    spec: MeasureSpec,
    by: Staff | None,
    now: datetime,
    was: Measurement | None = None,
    why: str = "",
) -> None:
    said = f"{spec.title}, {in_unit(row.entered_value, row.entered_unit)}"
    if was is not None:
        said += f" instead of {in_unit(was.entered_value, was.entered_unit)}"
    JourneyEvent.objects.create(
        journey_id=row.journey_id, at=now, by=by, kind=kind, detail={"measurement": row.pk},
        why=": ".join(part for part in (said, why.strip()) if part)[:300],
    )  # fmt: skip
