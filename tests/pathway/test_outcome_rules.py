"""Outcome measures as rules: units, entry, baseline, change and whether it matters."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.outcomes import (
    EntryError,
    Importance,
    Reading,
    UnitError,
    baseline_of,
    change_since,
    convert,
    in_unit,
    read_value,
)
from pathway.protocol_file import ProtocolError, load, read_shipped

MILD = read_shipped("mild")
MEASURES = {one.key: one for one in load(MILD, name="mild.toml").measures}
PROCEDURE = datetime(2027, 5, 20, 11, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def reading(value: object, days: int, occasion: str = "") -> Reading:
    return Reading(PROCEDURE + days * DAY, Decimal(str(value)), occasion)


def change(key: str, before: object, after: object):
    return change_since(MEASURES[key], reading(before, -20), reading(after, 21), procedure_at=PROCEDURE)


def test_the_measures_are_those_of_the_clinical_facts():
    assert list(MEASURES) == [
        "pain", "walking", "standing", "odi", "zcq-symptoms", "zcq-function", "zcq-satisfaction"
    ]  # fmt: skip
    assert MEASURES["pain"].asked_at == ("consult", "day-1", "follow-up-weeks", "follow-up-6-weeks")
    worded = {key for key, one in MEASURES.items() if any(one.question.values())}
    assert worded == {key for key, one in MEASURES.items() if not one.licensed} == {"pain", "walking", "standing"}


def test_feet_become_meters_exactly():
    assert read_value(MEASURES["walking"], Decimal("246"), "ft") == Decimal("74.9808")
    assert read_value(MEASURES["walking"], Decimal("0.25"), "ft") == Decimal("0.0762")
    assert read_value(MEASURES["walking"], Decimal("75"), "m") == 75


@given(st.decimals(0, 90000, places=2))
def test_a_distance_is_shown_back_in_the_feet_that_were_entered(feet):
    assert convert(read_value(MEASURES["walking"], feet, "ft"), "m", "ft").quantize(Decimal("0.01")) == feet


def test_units_of_two_kinds_are_not_told_in_each_other():
    with pytest.raises(UnitError):
        convert(Decimal(3), "ft", "min")


@pytest.mark.parametrize(
    ("key", "value", "unit", "told"),
    [
        ("pain", "11", "points", "from 0 points to 10 points"),
        ("pain", "-1", "points", "from 0 points to 10 points"),
        ("pain", "4.5", "points", "whole number"),
        ("pain", "4", "%", "entered in points"),
        ("walking", "100000", "ft", "to 98,425.2 ft"),
        ("walking", "10", "min", "entered in ft or m"),
        ("walking", "10.125", "ft", "two digits"),
        ("odi", "101", "%", "to 100 %"),
        ("zcq-symptoms", "0.9", "points", "from 1 points to 5 points"),
        ("zcq-function", "4.1", "points", "to 4 points"),
        ("odi", "NaN", "%", "a number"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_says_what_can(key, value, unit, told):
    with pytest.raises(EntryError, match=told):
        read_value(MEASURES[key], Decimal(value), unit)


def test_amounts_are_shown_without_idle_digits():
    assert in_unit(Decimal("1205.7880"), "ft") == "1,205.79 ft"
    assert in_unit(Decimal("100"), "%") == "100 %"
    assert in_unit(Decimal("-0.001"), "m") == "0 m"


def test_the_baseline_is_the_last_value_before_the_procedure_and_prefers_the_consult():
    consult, later, after = reading(8, -30, "consult"), reading(6, -2), reading(2, 21, "follow-up-weeks")
    assert baseline_of([after, later, consult], procedure_at=PROCEDURE) == consult
    assert baseline_of([after, reading(9, -40, "consult"), consult], procedure_at=PROCEDURE) == consult
    assert baseline_of([after, later, reading(7, -9)], procedure_at=PROCEDURE) == later
    assert baseline_of([reading(5, 0)], procedure_at=PROCEDURE) == reading(5, 0)
    assert baseline_of([after], procedure_at=PROCEDURE) is None
    late_entry = reading(3, 5, "consult")  # by its time it is no baseline, whatever it is called
    assert baseline_of([late_entry, later], procedure_at=PROCEDURE) == later


def test_before_the_procedure_and_without_a_baseline_nothing_has_changed():
    pain = MEASURES["pain"]
    assert change_since(pain, None, reading(2, 21), procedure_at=PROCEDURE) is None
    assert change_since(pain, reading(8, -30), reading(6, -2), procedure_at=PROCEDURE) is None
    assert change_since(pain, reading(8, -30), reading(6, 2), procedure_at=None) is None


@pytest.mark.parametrize(
    ("key", "before", "after", "expected"),
    [
        ("pain", 8, 6, Importance.IMPROVED),  # 2 points, 25 %
        ("pain", 8, 7, Importance.NOT_IMPORTANT),
        ("pain", 3, 2, Importance.IMPROVED),  # 1 point, 33 %
        ("pain", 6, 8, Importance.WORSE),
        ("pain", 3, 4, Importance.WORSE),
        ("pain", 0, 1, Importance.NOT_IMPORTANT),  # no share of zero
        ("pain", 0, 2, Importance.WORSE),
        ("pain", 0, 0, Importance.NOT_IMPORTANT),
        ("pain", 5, 5, Importance.NOT_IMPORTANT),
        ("odi", 52, 42, Importance.IMPROVED),
        ("odi", 52, 43, Importance.NOT_IMPORTANT),
        ("odi", 20, 14, Importance.IMPROVED),  # 30 %
        ("zcq-symptoms", "3.0", "2.5", Importance.IMPROVED),
        ("zcq-symptoms", "3.0", "2.6", Importance.NOT_IMPORTANT),
        ("walking", 75, 1206, Importance.NOT_JUDGED),
        ("standing", 8, 56, Importance.NOT_JUDGED),
    ],
)
def test_a_change_matters_from_either_threshold_on_and_in_its_direction(key, before, after, expected):
    assert change(key, before, after).importance is expected


def test_walking_and_standing_are_told_as_a_ratio_too():
    found = change("standing", 8, 56)
    assert (found.change, found.ratio, found.percent) == (48, 7, 600)
    assert change("pain", 8, 4).ratio is None


def test_a_baseline_of_zero_has_a_change_and_no_ratio():
    found = change("walking", 0, 300)
    assert (found.change, found.ratio, found.percent) == (300, None, None)


@given(st.integers(0, 10), st.integers(0, 10))
def test_better_and_worse_are_mirror_images_by_points(before, after):
    there, back = change("pain", before, after), change("pain", after, before)
    assert there.change == -back.change
    if abs(after - before) >= 2:
        assert {there.importance, back.importance} == {Importance.IMPROVED, Importance.WORSE}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('entered_in = ["ft", "m"]', 'entered_in = ["ft"]', 'entered_in: lacks "m"'),
        ('entered_in = ["ft", "m"]', 'entered_in = ["min", "m"]', '"min" cannot be told in "m"'),
        ('asked_at = ["consult", "day-1"', 'asked_at = ["consult", "day-2"', '"day-2" is no milestone and no step'),
        ("important_change = 2", "important_change = 0", "important_change: must be more than nothing"),
        ('better = "lower"', 'better = "less"', "better"),
        ("licensed = true", 'licensed = true\nquestion = { en = "a", es = "b" }', "question: must not be here"),
        ('key = "standing"', 'key = "walking"', "key: is used twice"),
    ],
)
def test_the_check_says_what_is_wrong_with_a_measure(old, new, told):
    head, mark, tail = MILD.partition("[[measures]]")
    with pytest.raises(ProtocolError) as caught:
        load(head + mark + tail.replace(old, new, 1), name="x.toml")
    assert any(told in str(finding) for finding in caught.value.findings), str(caught.value)


def test_a_protocol_without_measures_still_loads():
    before, _, rest = MILD.partition("[[measures]]")
    _, mark, after = rest.partition("[texts.welcome]")
    assert load(before + mark + after, name="x.toml").measures == ()
