"""Measured values on the database: kept as entered, corrected beside the old one, compared with the baseline."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from pathway.actions.journeys import record
from pathway.actions.measurements import (
    Entered,
    NotMeasurable,
    correct_measurement,
    record_measurement,
    retract_measurement,
)
from pathway.models import JourneyEvent, Measurement, Source
from pathway.queries.measurements import measures_of, outcomes
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db

PROCEDURE = NOW + timedelta(days=14)
THREE_WEEKS = PROCEDURE + timedelta(days=21)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def nurse(clinic):
    return make_staff(clinic)


@pytest.fixture
def journey(clinic):
    return make_journey(make_patient(clinic))


def measure(journey, nurse, what, value, unit, at=NOW, occasion="", **fields):
    named = {"source": Source.STAFF, "by": nurse, "now": at, **fields}
    return record_measurement(
        journey=journey, measure=what, entered=Entered(Decimal(value), unit), at=at, occasion=occasion, **named
    )


def treated(journey, nurse):
    record(journey=journey, key="procedure", at=PROCEDURE, by=nurse, now=PROCEDURE)


def row_of(journey, key):
    return next(row for row in measures_of(journey) if row.key == key)


def test_feet_are_stored_in_meters_and_shown_back_in_feet(journey, nurse):
    measure(journey, nurse, "walking", "246", "ft", occasion="consult")
    treated(journey, nurse)
    measure(journey, nurse, "walking", "3956", "ft", THREE_WEEKS, "follow-up-weeks")
    before, after = row_of(journey, "walking").values
    assert (before.value, before.shown, before.is_baseline) == (Decimal("74.9808"), "246 ft", True)
    assert (after.value, after.shown) == (Decimal("1205.7888"), "3,956 ft")
    assert (after.change_shown, after.tone) == ("+3,710 ft, 16.1 times", "")
    assert after.occasion_title == "Check-up after a few weeks"


def test_feet_before_and_meters_after_are_compared_in_one_unit(journey, nurse):
    measure(journey, nurse, "walking", "100", "ft")
    treated(journey, nurse)
    measure(journey, nurse, "walking", "60.96", "m", THREE_WEEKS)
    assert row_of(journey, "walking").latest.change_shown == "+30.48 m, 2.0 times"


def test_less_pain_by_enough_is_an_important_improvement(journey, nurse):
    measure(journey, nurse, "pain", "8", "points", occasion="consult")
    treated(journey, nurse)
    measure(journey, nurse, "pain", "9", "points", PROCEDURE + timedelta(days=1), "day-1")
    measure(journey, nurse, "pain", "4", "points", THREE_WEEKS, "follow-up-weeks")
    _, day_1, weeks = row_of(journey, "pain").values
    assert (day_1.change_shown, day_1.tone) == ("+1 points, not an important change", "")
    assert (weeks.change_shown, weeks.tone) == ("−4 points, important improvement", "good")


def test_until_the_procedure_took_place_nothing_has_changed(journey, nurse):
    measure(journey, nurse, "pain", "8", "points")
    measure(journey, nurse, "pain", "3", "points", PROCEDURE + timedelta(days=1))  # booked, not recorded
    assert [one.change for one in row_of(journey, "pain").values] == [None, None]


def test_without_a_value_before_the_procedure_no_change_is_made_up(journey, nurse):
    treated(journey, nurse)
    measure(journey, nurse, "standing", "56", "min", THREE_WEEKS)
    row = row_of(journey, "standing")
    assert (row.baseline, row.latest.change, row.latest.change_shown) == (None, None, "")


def test_from_a_baseline_of_zero_there_is_a_change_and_no_ratio(journey, nurse):
    measure(journey, nurse, "standing", "0", "min")
    treated(journey, nurse)
    measure(journey, nurse, "standing", "20", "min", THREE_WEEKS)
    assert row_of(journey, "standing").latest.change_shown == "+20 min, from nothing"


def test_a_mistyped_value_stays_in_the_history_and_counts_no_more(journey, nurse):
    wrong = measure(journey, nurse, "walking", "2460", "ft", occasion="consult")
    later = NOW + timedelta(hours=1)
    right = correct_measurement(
        measurement=wrong, entered=Entered(Decimal(246), "ft"), why="one digit too many", by=nurse, now=later
    )
    assert (right.at, right.occasion, right.corrects, right.recorded_at) == (wrong.at, "consult", wrong, later)
    assert Measurement.objects.get(pk=wrong.pk).entered_value == 2460
    (value,) = row_of(journey, "walking").values
    assert (value.shown, value.is_correction) == ("246 ft", True)
    event = JourneyEvent.objects.get(kind="measurement-corrected")
    assert event.why == "Walking distance, 246 ft instead of 2,460 ft: one digit too many"
    with pytest.raises(NotMeasurable, match="meanwhile"):
        correct_measurement(measurement=wrong, entered=Entered(Decimal(24), "ft"), why="no", by=nurse, now=later)
    with pytest.raises(NotMeasurable, match="what was wrong") as caught:
        correct_measurement(measurement=right, entered=Entered(Decimal(24), "ft"), why=" ", by=nurse, now=later)
    assert caught.value.field == "why"


def test_a_value_of_another_patient_is_taken_back_with_the_reason(journey, nurse):
    row = measure(journey, nurse, "pain", "8", "points")
    with pytest.raises(NotMeasurable, match="why it is taken back"):
        retract_measurement(measurement=row, why="", by=nurse, now=NOW)
    gone = retract_measurement(measurement=row, why="another patient's", by=nurse, now=NOW)
    assert (gone.retracted_by, gone.retracted_why) == (nurse, "another patient's")
    assert row_of(journey, "pain").values == ()
    with pytest.raises(NotMeasurable, match="meanwhile"):
        retract_measurement(measurement=row, why="again", by=nurse, now=NOW)


@pytest.mark.parametrize(
    ("what", "value", "unit", "fields", "field"),
    [
        ("pain", "11", "points", {}, "value"),
        ("pain", "5", "ft", {}, "value"),
        ("mood", "5", "points", {}, "measure"),
        ("walking", "5", "ft", {"occasion": "day-1"}, "occasion"),
        ("pain", "5", "points", {"at": NOW + timedelta(days=1), "now": NOW}, "at"),
        ("pain", "5", "points", {"at": NOW - timedelta(days=800), "now": NOW}, "at"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(journey, nurse, what, value, unit, fields, field):
    with pytest.raises(NotMeasurable) as caught:
        measure(journey, nurse, what, value, unit, **fields)
    assert caught.value.field == field
    assert not Measurement.objects.exists()


def test_the_patients_own_word_is_by_nobody_else_and_staff_put_their_name(journey, nurse):
    measure(journey, None, "pain", "5", "points", source=Source.PATIENT)
    for source, by in ((Source.PATIENT, nurse), (Source.STAFF, None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            measure(journey, by, "pain", "5", "points", source=source)


def test_many_journeys_cost_two_reads(clinic, nurse, django_assert_num_queries):
    journeys = [make_journey(make_patient(clinic)) for _ in range(3)]
    for journey in journeys:
        measure(journey, nurse, "pain", "5", "points")
    with django_assert_num_queries(2):
        found = outcomes(journeys)
    assert [len(rows) for rows in found.values()] == [7, 7, 7]
