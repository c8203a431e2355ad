"""The checklist: typed answers with units, and what meets it, what does not and what is missing."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.candidacy import AnswersError, answers_as_json, judge, overrules, read_answers, verdict_of
from pathway.protocol_file import ProtocolError, load, read_shipped
from pathway.states import JourneyState, Verdict

MILD = read_shipped("mild")
ITEMS = load(MILD, name="mild.toml").candidacy
ALL_MET = {
    "neurogenic-claudication": {"value": True},
    "symptom-duration": {"value": "14", "unit": "months"},
    "conservative-care": {"value": ["physical-therapy", "injections"]},
    "conservative-relief": {"value": "limited"},
    "ligamentum-flavum": {"value": "3.2", "unit": "mm"},
    "canal-area": {"value": "88", "unit": "mm²"},
    "disc-herniation": {"value": False},
    "spondylolisthesis": {"value": "grade-1"},
    "walks-unaided": {"value": True},
    "bleeding-disorder": {"value": False},
    "earlier-surgery": {"value": False},
}
REQUIRED = [item.key for item in ITEMS if item.is_judged and not item.optional]


def judged(**changes: object) -> dict[str, tuple[Verdict, str]]:
    """Verdict and reason by item, when all is met but for these (underscores for hyphens; None: not answered)."""
    given = {**ALL_MET, **{key.replace("_", "-"): value for key, value in changes.items()}}
    answers = read_answers(ITEMS, {key: value for key, value in given.items() if value is not None})
    return {one.key: (one.verdict, one.reason) for one in judge(ITEMS, answers)}


def problem(key: str, raw: object) -> str:
    with pytest.raises(AnswersError) as caught:
        read_answers(ITEMS, {**ALL_MET, key: raw})
    assert list(caught.value.problems) == [key]
    return caught.value.problems[key]


def verdict(given: dict[str, object]) -> Verdict:
    return verdict_of(judge(ITEMS, read_answers(ITEMS, given)))


def test_every_item_met_meets_the_list():
    assert verdict(ALL_MET) is Verdict.MEETS
    assert set(REQUIRED) == set(ALL_MET)


def test_an_answer_that_does_not_meet_says_so_with_the_value_and_what_is_needed():
    found = judged(ligamentum_flavum={"value": "2.1", "unit": "mm"}, bleeding_disorder={"value": True})
    assert found["ligamentum-flavum"] == (Verdict.DOES_NOT_MEET, "Ligamentum flavum 2.1 mm; 2.5 mm or more is needed.")
    assert found["bleeding-disorder"] == (Verdict.DOES_NOT_MEET, "Bleeding disorder: yes; no is needed.")
    found = judged(conservative_relief={"value": "good"}, symptom_duration=None)
    assert found["conservative-relief"][1] == "Relief from conservative care: good; none or limited is needed."
    assert found["symptom-duration"] == (Verdict.MISSING, "Symptoms for: not recorded; more than 3 months is needed.")


@pytest.mark.parametrize(
    ("key", "at_limit", "past_it"),
    [
        ("symptom-duration", ("3", Verdict.DOES_NOT_MEET), ("3.5", Verdict.MEETS)),
        ("ligamentum-flavum", ("2.5", Verdict.MEETS), ("2.49", Verdict.DOES_NOT_MEET)),
        ("canal-area", ("100", Verdict.MEETS), ("100.1", Verdict.DOES_NOT_MEET)),
    ],
)
def test_a_value_at_the_limit_is_judged_exactly(key, at_limit, past_it):
    unit = next(item.unit for item in ITEMS if item.key == key)
    for value, expected in (at_limit, past_it):
        assert judged(**{key: {"value": value, "unit": unit}})[key][0] is expected


@pytest.mark.parametrize("grade", range(5))
def test_spondylolisthesis_passes_up_to_grade_one(grade):
    expected = Verdict.MEETS if grade <= 1 else Verdict.DOES_NOT_MEET
    assert judged(spondylolisthesis={"value": f"grade-{grade}"})["spondylolisthesis"][0] is expected


@pytest.mark.parametrize("key", REQUIRED)
def test_one_missing_answer_never_counts_as_meeting(key):
    assert verdict({other: value for other, value in ALL_MET.items() if other != key}) is Verdict.MISSING


def test_one_item_not_met_decides_even_where_others_are_missing():
    assert verdict({"bleeding-disorder": {"value": True}}) is Verdict.DOES_NOT_MEET


@given(st.sets(st.sampled_from(REQUIRED)))
def test_only_a_complete_list_meets(answered):
    found = verdict({key: ALL_MET[key] for key in answered})
    assert (found is Verdict.MEETS) == (answered == set(REQUIRED))


def test_a_list_that_judges_nothing_says_nothing():
    assert verdict_of(judge((), {})) is Verdict.MISSING
    noted = [item for item in ITEMS if item.key == "earlier-levels"]
    answers = read_answers(noted, {"earlier-levels": {"value": ["l4-l5"]}})
    (found,) = judge(noted, answers)
    assert (found.verdict, found.reason) == (Verdict.NOTED, "Levels of earlier surgery: L4-5.")
    assert verdict_of([found]) is Verdict.MISSING


def test_an_optional_answer_counts_once_it_is_given():
    assert "unaided-distance" not in judged()
    found = judged(unaided_distance={"value": "5", "unit": "ft"})  # beside "walks more than 10 ft: yes"
    assert found["unaided-distance"] == (
        Verdict.DOES_NOT_MEET,
        "Walks unaided for 5 ft; more than 10 ft is needed.",
    )


@pytest.mark.parametrize(
    ("key", "raw", "told"),
    [
        ("ligamentum-flavum", {"value": "25", "unit": "mm"}, "from 0.5 to 20 mm: check the digits and the unit"),
        ("ligamentum-flavum", {"value": "0.25", "unit": "cm"}, "Give it in mm"),
        ("ligamentum-flavum", {"value": "2.5"}, "Give it in mm"),
        ("ligamentum-flavum", {"value": "nan", "unit": "mm"}, "Enter a number"),
        ("ligamentum-flavum", {"value": 2.5, "unit": "mm"}, "Enter a number"),
        ("ligamentum-flavum", {"value": True, "unit": "mm"}, "Enter a number"),
        ("canal-area", {"value": "0.88", "unit": "mm²"}, "from 5 to 500 mm²"),
        ("bleeding-disorder", {"value": "no"}, "yes or no"),
        ("bleeding-disorder", {"value": None}, "yes or no"),
        ("conservative-relief", {"value": "some"}, "none, limited, good"),
        ("conservative-care", {"value": []}, "at least one of"),
        ("conservative-care", {"value": ["prayer"]}, "at least one of"),
        ("conservative-care", "physical-therapy", "value"),
        ("blood-group", {"value": "A"}, "does not ask for it"),
    ],
)
def test_an_answer_of_the_wrong_kind_unit_or_size_is_refused_at_its_item(key, raw, told):
    assert told in problem(key, raw)


def test_answers_come_back_as_they_were_stored():
    answers = read_answers(ITEMS, ALL_MET)
    stored = json.loads(json.dumps(answers_as_json(answers)))
    assert read_answers(ITEMS, stored) == answers
    assert stored["ligamentum-flavum"] == {"value": "3.2", "unit": "mm"}


@given(st.decimals(Decimal("0.5"), Decimal(20), places=3))
def test_a_number_is_never_rounded_on_its_way(amount):
    raw = {"ligamentum-flavum": {"value": str(amount), "unit": "mm"}}
    stored = answers_as_json(read_answers(ITEMS, raw))
    assert read_answers(ITEMS, stored)["ligamentum-flavum"].amount == amount


@pytest.mark.parametrize("found", [Verdict.MEETS, Verdict.DOES_NOT_MEET, Verdict.MISSING])
def test_only_a_decision_that_follows_the_list_needs_no_reason(found):
    assert overrules(JourneyState.CANDIDATE, found) == (found is not Verdict.MEETS)
    assert overrules(JourneyState.NOT_A_CANDIDATE, found) == (found is not Verdict.DOES_NOT_MEET)


FIRST, FLAVUM = "[[candidacy]]", 'key = "ligamentum-flavum"'


def broken(old: str, new: str, *, after: str) -> list[str]:
    head, mark, tail = MILD.partition(after)
    assert old in tail
    with pytest.raises(ProtocolError) as caught:
        load(head + mark + tail.replace(old, new, 1), name="x.toml")
    return [str(finding).removeprefix("x.toml: ") for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "after", "told"),
    [
        ('passes = ">= 2.5"', 'passes = "2.5 or more"', FLAVUM, 'passes: "2.5 or more" will not do: write a sign'),
        ('passes = ">= 2.5"', 'passes = ">= 25"', FLAVUM, "passes: lies outside lowest and highest"),
        ('unit = "mm"\n', "", FLAVUM, "unit: is missing"),
        ("highest = 20", "highest = 0.1", FLAVUM, "highest: must be more than lowest"),
        ("lowest = 0.5", "lowest = true", FLAVUM, "lowest: will not do"),
        ('passes = "no"', 'passes = "never"', "disc-herniation", '"never" is not one of yes, no'),
        ('passes = ["none", "limited"]', 'passes = ["little"]', FIRST, '"little" is not one of none, limited, good'),
        ('kind = "choice"', 'kind = "choise"', FIRST, 'Did you mean "choice"?'),
        ('confidence = "R"', 'confidence = "sure"', FLAVUM, '"sure" is not one of S, R, D'),
        ('key = "canal-area"', FLAVUM, FLAVUM, "key: is used twice"),
        ("[not_a_candidate]", "[texts.extra]", FIRST, "not_a_candidate: is missing"),
    ],
)
def test_the_check_says_what_is_wrong_with_an_item_and_where(old, new, after, told):
    assert any(told in finding for finding in broken(old, new, after=after)), broken(old, new, after=after)


def test_a_protocol_without_a_checklist_still_loads():
    before, _, rest = MILD.partition("[[candidacy]]")
    _, mark, after = rest.partition("[[measures]]")
    protocol = load(before + mark + after, name="x.toml")
    assert (protocol.candidacy, protocol.not_a_candidate_call) == ((), {})
    assert protocol.measures
