"""The sections for the procedure's day: read, checked, and left out by whoever does not want them."""

import re

import pytest

from pathway.planner.day import DaySpec
from pathway.protocol_file import ProtocolError, load, read_shipped

MILD = read_shipped("mild")


def findings(text: str) -> list[str]:
    with pytest.raises(ProtocolError) as found:
        load(text, name="x.toml")
    return [str(one) for one in found.value.findings]


def test_a_protocol_without_these_sections_asks_for_nothing():
    start, end = MILD.index("[fasting]\n"), MILD.index("[texts.welcome]")
    assert load(MILD[:start] + MILD[end:], name="x.toml").day == DaySpec()


def test_mild_names_every_check_and_line_of_the_clinical_facts():
    day = load(MILD, name="mild.toml").day
    assert [check.key for check in day.readiness] == ["arrived", "fasting", "holds", "ride", "consent"]
    assert [(score.key, score.pass_at, len(score.items)) for score in day.discharge.scores] == [
        ("aldrete", 9, 5),
        ("padss", 9, 5),
    ]
    assert {item.kind for item in day.discharge.items} == {
        "yes", "choice", "therapy", "escort", "restart-dates", "visits", "clinic-number",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('satisfied_by = "person"', 'satisfied_by = "persn"', 'satisfied_by: "persn" is not one of person, answer'),
        ('answers = "ride"\nstands', "stands", "answers: is missing"),
        ('satisfied_by = "person"', 'satisfied_by = "person"\nanswers = "ride"', "answers: goes with satisfied_by"),
        ('stands = "always"', 'stands = "ever"', 'stands: "ever" is not one of always, day, time'),
        ('key = "consent"', 'key = "ride"', 'readiness: key: "ride" is used twice'),
        (
            "pass_at = 9                     # of 10 (S)",
            "pass_at = 11",
            "pass_at: 11 cannot be reached: 5 items make 10",
        ),
        (', "moves four limbs"]', "]", "points: says when it counts 0, 1 and 2: give three texts"),
        ('kind = "escort"', 'kind = "escort"\nchoices = ["a"]', 'choices: goes with kind = "choice" only'),
        ('choices = ["has voided", "knows until when, and whom to call"]\n', "", "choices: is missing: kind"),
        (
            'milestones = ["follow-up-weeks", "follow-up-6-weeks"]',
            'milestones = ["follow-up-6-week"]',
            'milestones: "follow-up-6-week" is no milestone',
        ),
        ('long_food = "PT12H"', 'long_fod = "PT12H"', 'long_fod: no such field here. Did you mean "long_food"?'),
        ('key = "walked"', 'key = "fluids"', 'discharge items: key: "fluids" is used twice'),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, said):
    assert old in MILD
    found = findings(re.sub(re.escape(old), lambda _: new, MILD, count=1))
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('measure = "pain"  ', 'measure = "pian"  ', 'question "pain" is kept as "pian", which is no measure'),
        ('measure = "pain"  ', 'measure = "relief"  ', 'measure "relief" is not asked_at "day-1": add it there'),
        ('staff = "slept well"', 'staff = "slept well"\nmeasure = "sleep"', 'measure: goes with kind = "number" only'),
        ('restart_not_before = "P8D"', 'restart_not_before = "-P8D"', "restart_not_before: must be more than nothing"),
        ('restart_not_before = "P8D"', 'restart_after = "P8D"', "restart_not_before: is missing"),
        ("highest = 10\nwhole = true\nbetter", "highest = 5\nwhole = true\nbetter", '"pain" takes less'),
    ],
)
def test_a_fault_in_what_a_check_in_or_a_hold_hangs_on_is_named(old, new, said):
    trial = read_shipped("spinal-cord-stimulator-trial")
    assert old in trial
    found = findings(trial.replace(old, new, 1))
    assert any(said in line for line in found), found
