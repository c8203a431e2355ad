"""The rules of check-ins, and what a protocol file may say about them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.check_ins import (
    DUE_WITHIN,
    GRAVEST_FIRST,
    NotAnAnswer,
    asked,
    choices_of,
    read_answer,
    signs_in,
    unanswered,
)
from pathway.protocol_file import ProtocolError, load, read_shipped, shipped_keys

SOURCES = {key: read_shipped(key) for key in shipped_keys()}
SPECS = [spec for key, source in SOURCES.items() for spec in load(source, name=key).check_ins]
MILD = SOURCES["mild"]


def findings(old: str, new: str) -> str:
    assert MILD.count(old) >= 1
    with pytest.raises(ProtocolError) as caught:
        load(MILD.replace(old, new, 1), name="x.toml")
    return str(caught.value)


@st.composite
def answered(draw):
    spec = draw(st.sampled_from(SPECS))
    some = draw(st.lists(st.sampled_from(spec.questions), unique_by=lambda one: one.key))
    return spec, {one.key: draw(st.sampled_from(choices_of(one))) for one in some}


@given(answered())
def test_more_answers_never_hide_a_sign(found):
    spec, answers = found
    whole = {(sign.question.key, sign.level) for sign in signs_in(spec, answers)}
    for key in answers:
        fewer = {name: said for name, said in answers.items() if name != key}
        assert {(sign.question.key, sign.level) for sign in signs_in(spec, fewer)} <= whole


@given(answered())
def test_the_gravest_sign_comes_first_and_every_level_but_the_expected_is_due(found):
    spec, answers = found
    levels = [GRAVEST_FIRST.index(sign.level) for sign in signs_in(spec, answers)]
    assert levels == sorted(levels)
    assert set(GRAVEST_FIRST) - set(DUE_WITHIN) == {"expected"}


@given(answered())
def test_every_answer_that_is_offered_is_an_answer(found):
    spec, answers = found
    for question in spec.questions:
        for said in choices_of(question):
            assert read_answer(question, f" {said} ") == said
        with pytest.raises(NotAnAnswer):
            read_answer(question, "¿?")
    left = unanswered(asked(spec, has_hold=True), answers)
    assert {one.key for one in left}.isdisjoint(answers)


def test_the_delays_are_those_of_the_clinical_facts():
    assert DUE_WITHIN["emergency"] == timedelta(0)
    assert DUE_WITHIN["same-day"] == timedelta(hours=1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key)
def test_every_shipped_check_in_asks_about_every_emergency(spec):
    emergencies = {one.key for one in spec.questions if one.level == "emergency"}
    assert emergencies == {"weak-leg", "numb", "bladder", "rising-pain", "chest-breath"}


def test_day_one_asks_all_that_section_6_names():
    [day_1] = [spec for spec in load(MILD, name="mild").check_ins if spec.key == "day-1"]
    assert {one.key for one in day_1.questions if one.level == "same-day"} == {
        "pain", "fever", "wound", "bleeding", "headache", "calf", "vomiting",
    }  # fmt: skip
    assert {one.key for one in day_1.questions if one.only_with_hold} == {"restarted"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('when = ["yes"]', 'when = ["maybe"]', 'when: "maybe" cannot be answered here: yes, no.'),
        ('at_least = 8  ', "at_least = 11  ", "at_least: is more than anybody can answer: give 1 to 10."),
        ('level = "emergency"\n', "", "level: is missing: a sign needs level and when, a plain question neither."),
        ('level = "emergency"', 'level = "bad"', '"bad" is not one of emergency, same-day, soon, expected.'),
        ('["weak-leg", "numb",', '["weak-leg", "num",', 'there is no question "num". Did you mean "numb"?'),
        ('["weak-leg", "numb",', '["numb", "numb",', "names a question twice: take one away."),
        ('"chest-breath", "pain",', '"pain", "chest-breath",', "put the emergency questions first."),
        ('key = "numb"', 'key = "weak-leg"', "is used twice: give every question its own key."),
        ('key = "numb"', 'key = "reply"', '"reply" is what a text says: give the question another key.'),
        ('step = "day-1"', 'step = "day-9"', 'there is no step "day-9". Did you mean "day-1"?'),
        ('if_silent = "urgent"\n', "", "if_silent: is missing"),
        ('due = { from = "discharge", offset = "P1D"', 'due = { from = "discharge", offset = "-P1D"',
         "due: is before opens: give a later moment."),
        ('kind = "follow-up"', 'kind = "procedure"', 'give it both or neither.'),
        ('kind = "follow-up"', 'kind = "consult"', '"consult" is the kind of another milestone'),
        ('book_until = { from = "procedure", offset = "P4W" }\n', "", "book_until: is missing: a follow-up needs"),
        ('expected = { from = "procedure", offset = "P3W"', 'expected = { from = "procedure", offset = "P5W"',
         "expected: lies outside the window"),
        ('book_ahead = "P2W" ', 'book_ahead = "-P2W" ', "book_ahead: must be more than nothing"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_a_finding_that_says_how_to_mend_it(old, new, told):
    assert told in findings(old, new)
