"""What a protocol file may not get wrong about food and medicines, however well formed it is."""

import pytest

from pathway.protocol_file import ProtocolError, load, read_shipped

MILD = read_shipped("mild")
FAST = 'steps[4] "fasting"'
EVENING = FAST + ' reminders[0] "evening-before"'
PLAN = 'steps[2] "medication-plan"'
READY = PLAN + ' reminders[0] "ready"'
HOLD_DAY = PLAN + ' reminders[1] "hold-day"'


def findings(old: str, new: str, *, after: str) -> list[str]:
    """What is wrong with the MILD file once one thing behind `after` was changed."""
    head, mark, tail = MILD.partition(after)
    assert old in tail, old
    try:
        load(head + mark + tail.replace(old, new, 1), name="x.toml")
    except ProtocolError as error:
        return [str(finding).removeprefix("x.toml: ") for finding in error.findings]
    return []


@pytest.mark.parametrize(
    ("old", "new", "after", "said"),
    [
        (
            'starts = { from = "fast-start" }',
            'starts = { from = "procedure", offset = "-PT2H" }',
            'kind = "fasting"',
            FAST + ": starts: a fast must begin exactly at",
        ),
        (
            'starts = { from = "fast-start" }',
            'starts = { from = "fast-start", offset = "PT1M" }',
            'kind = "fasting"',
            FAST + ": starts: a fast must begin exactly at",
        ),
        (
            'starts = { from = "fast-start" }',
            'starts = { from = "fast-start", at = "04:00" }',
            'kind = "fasting"',
            FAST + ": starts: a fast must begin exactly at",
        ),
        (
            'ends = { from = "procedure" }',
            'ends = { from = "arrival" }',
            'kind = "fasting"',
            FAST + ": ends: a fast must last until the procedure",
        ),
        (
            'ends = { from = "procedure" }',
            'ends = { from = "procedure", offset = "-PT1H" }',
            'kind = "fasting"',
            FAST + ": ends: a fast must last until the procedure",
        ),
        ('moves = "earlier"', 'moves = "later"', 'kind = "fasting"', EVENING + ': moves: must be "earlier"'),
        ('if_late = "call"', 'if_late = "skip"', 'kind = "fasting"', EVENING + ': if_late: must be "call"'),
        ("safety = true", "safety = false", 'kind = "fasting"', EVENING + ": safety: must be true"),
        ("safety = true", "", 'kind = "fasting"', EVENING + ": safety: must be true"),
        ('if_late = "call"', 'if_late = "skip"', 'kind = "medication"', READY + ': if_late: must be "call"'),
        ("safety = true", "safety = false", 'kind = "medication"', READY + ": safety: must be true"),
        ('for_each = "hold"', "", 'key = "hold-day"', HOLD_DAY + ': for_each: must be "hold"'),
        (
            'useful_until = { from = "hold-start" }',
            'useful_until = { from = "hold-start", offset = "PT1H" }',
            'key = "hold-day"',
            HOLD_DAY + ": useful_until: may be after the hold has begun",
        ),
        (
            'useful_until = { from = "hold-start" }',
            'useful_until = { from = "procedure" }',
            'key = "hold-day"',
            HOLD_DAY + ": useful_until: may be after the hold has begun",
        ),
        (
            'useful_until = { from = "hold-start" }',
            'useful_until = { from = "last-dose", offset = "P2D" }',
            'key = "hold-day"',
            HOLD_DAY + ": useful_until: may be after the hold has begun",
        ),
    ],
)
def test_what_could_mislead_about_food_or_a_medicine_is_refused(old, new, after, said):
    found = findings(old, new, after=after)
    assert any(line.startswith(said) for line in found), found


@pytest.mark.parametrize(
    "until",
    [
        '{ from = "hold-start" }',
        '{ from = "hold-start", offset = "-PT1H" }',
        '{ from = "last-dose", at = "20:00" }',
        '{ from = "last-dose", offset = "P1D" }',
    ],
)
def test_a_last_dose_may_be_told_until_the_hold_begins(until):
    changed = findings('useful_until = { from = "hold-start" }', f"useful_until = {until}", after='key = "hold-day"')
    assert changed == []


def test_a_slip_in_a_word_is_one_finding():
    (found,) = findings('moves = "earlier"', 'moves = "sooner"', after='kind = "fasting"')
    assert 'moves: "sooner" is not one of' in found
    (found,) = findings('from = "fast-start"', 'from = "faststart"', after='kind = "fasting"')
    assert 'starts.from: "faststart" is unknown' in found


@pytest.mark.parametrize(
    ("key", "english", "spanish"),
    [
        ("correction", "Ignore our texts with the old day.", "No siga los textos con la de antes."),
        ("correction-fasting", "Ignore the old time.", "No siga la de antes."),
        ("correction-visit", "Ignore our texts with the old time.", "No siga los textos con la hora de antes."),
        ("cancelled", "ignore our texts about it.", "No siga los textos sobre ella."),
        ("plan-changed", "Ignore the old ones.", "No siga las de antes"),
    ],
)
def test_a_correction_names_what_it_replaces_and_not_whatever_came_last(key, english, spanish):
    texts = load(read_shipped("mild"), name="mild.toml").texts[key]
    assert english in texts["en"]
    assert spanish in texts["es"]
    assert "last text" not in texts["en"]
    assert "texto anterior" not in texts["es"]
