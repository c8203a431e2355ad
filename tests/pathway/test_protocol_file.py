"""Loading a protocol file: the shipped one is good, and every fault is named with its table and field."""

import copy
import tomllib
from datetime import time, timedelta
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathway.planner.spec import Duration, Moment, Protocol
from pathway.protocol_file import DurationError, ProtocolError, load, read_duration, read_shipped, shipped_keys

MILD = read_shipped("mild")
EVENING = 'steps[4] "fasting" reminders[0] "evening-before"'


def findings(source: str) -> list[str]:
    """What is wrong with a source, one line each, without the file's name."""
    with pytest.raises(ProtocolError) as caught:
        load(source, name="x.toml")
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.findings)
    assert all(line.startswith("x.toml: ") for line in lines)
    return [line.removeprefix("x.toml: ") for line in lines]


def changed(old: str, new: str, *, after: str = "", count: int = 1) -> str:
    """The MILD file with one thing changed, behind the first place where `after` stands."""
    head, mark, tail = MILD.partition(after) if after else ("", "", MILD)
    assert old in tail, old
    return head + mark + tail.replace(old, new, count)


def test_the_shipped_protocol_loads():
    assert shipped_keys() == ["mild", "spinal-cord-stimulator-trial"]
    protocol = load(MILD, name="mild.toml")
    fasting = next(step for step in protocol.steps if step.key == "fasting")
    evening = fasting.reminders[0]
    assert evening.key == "fasting/evening-before"
    assert evening.send == Moment("procedure", Duration(days=-1), time(18))
    assert evening.tells == ("day", "arrival", "fast_from")
    assert evening.needs_booked == "procedure"
    assert protocol.closing_margin == timedelta(minutes=30)
    assert protocol.allows["home"] == ("leg", "legs", "pierna", "piernas")


def test_a_byte_order_mark_and_windows_lines_do_not_matter():
    assert load("\ufeff" + MILD.replace("\n", "\r\n"), name="x.toml") == load(MILD, name="x.toml")


def test_what_is_left_out_is_empty_in_every_language():
    welcome = load(MILD, name="x.toml").steps[0]
    assert welcome.detail == {"en": "", "es": ""}
    assert welcome.reminders[0].call == {"en": "", "es": ""}
    assert (welcome.reminders[0].correction, welcome.reminders[0].cancelled) == ("", "")


def test_a_slip_in_the_syntax_names_the_line():
    (found,) = findings(MILD.replace('version = "3"', "version = ", 1))
    assert found.startswith("top of the file: syntax: ")
    assert "line 28" in found


def test_an_empty_file_names_every_table():
    found = " ".join(findings(""))
    for table in ("protocol", "messages", "milestones", "steps", "texts"):
        assert f"top of the file: {table}: is missing" in found


@pytest.mark.parametrize(
    ("old", "new", "after", "said"),
    [
        (
            "window_opens",
            "windows_open",
            "",
            'messages: windows_open: no such field here. Did you mean "window_opens"?',
        ),
        (
            'closing_margin = "PT30M"',
            'closing_margin = "P1D"',
            "",
            "messages: closing_margin: must be hours or minutes",
        ),
        ('closing_margin = "PT30M"', 'closing_margin = "PT12H"', "", "messages: closing_margin: must be shorter"),
        ('window_closes = "20:00"', 'window_closes = "07:00"', "", "messages: window_closes: must be later"),
        ('window_closes = "20:00"', 'window_closes = "8 pm"', "", 'messages: window_closes: "8 pm" is not a time of'),
        ("daily_cap = 1", "daily_cap = 0", "", "messages: daily_cap: 0 is too small"),
        ("daily_cap = 1", "daily_cap = true", "", "messages: daily_cap: True will not do"),
        ("weekly_cap = 3", 'weekly_cap = "3"', "", 'messages: weekly_cap: "3" will not do'),
        ('es = "Un mensaje de {clinic}"', "", "", "messages: subject.es: is missing"),
        ("Un mensaje de {clinic}", "Hola {day}", "", "messages: subject.es: {day} cannot be filled in here."),
        ('languages = ["en", "es"]', 'languages = ["en", "fr"]', "", 'protocol: languages: "fr" is not one that'),
        ('key = "discharge"', 'key = "arrival"', "[[milestones]]", 'milestones[2] "arrival": key: is a moment that'),
        ('key = "discharge"', 'key = "consult"', "[[milestones]]", 'milestones[2] "consult": key: is used twice'),
        ('key = "procedure"', 'key = "treatment"', "[[milestones]]", 'top of the file: milestones: has no "procedure"'),
        ('offset = "P2W"', 'offset = "P5W"', "book_from", 'milestones[3] "follow-up-weeks": book_until: must be after'),
        ('kind = "fasting"', 'kind = "fastin"', "", 'steps[4] "fasting": kind: "fastin" is not one of'),
        ('key = "fasting"', 'key = "Fasting"', "", 'steps[4] "Fasting": key: "Fasting" is not a key'),
        ('key = "fasting"', 'key = "fas/ting"', "", 'steps[4] "fas/ting": key: "fas/ting" is not a key'),
        ('key = "fasting"', 'key = "ride"', "", 'steps[4] "ride": key: is used twice'),
        ('about = "procedure"', 'about = "procedur"', 'key = "fasting"', 'steps[4] "fasting": about: "procedur" is no'),
        (
            'from = "fast-start"',
            'from = "faststart"',
            'key = "fasting"',
            'steps[4] "fasting": starts.from: "faststart"',
        ),
        ('from = "fast-start"', 'from = "hold-start"', 'key = "fasting"', 'starts.from: "hold-start" belongs to a'),
        ('key = "starts"', 'key = "evening-before"', "", 'reminders[1] "evening-before": key: is used twice in this'),
        ('text = "fasting"', 'text = "fastin"', "", EVENING + ": text: there is no [texts.fastin]"),
        ('offset = "-P1D"', 'offset = "-P1M"', 'key = "evening-before"', EVENING + ': send.offset: "-P1M": years and'),
        (
            'offset = "-P1D"',
            'offset = "-PT6H"',
            'key = "evening-before"',
            EVENING + ": send.at: a clock time goes with",
        ),
        (
            'at = "18:00"',
            'att = "18:00"',
            'key = "evening-before"',
            EVENING + ": send.att: no such field here. Did you",
        ),
        ('at = "18:00"', 'at = "6 pm"', 'key = "evening-before"', EVENING + ': send.at: "6 pm" is not a time of day'),
        (
            'moves = "earlier"',
            'moves = "sooner"',
            'key = "evening-before"',
            EVENING + ': moves: "sooner" is not one of',
        ),
        ("safety = true", 'safety = "yes"', 'key = "evening-before"', EVENING + ': safety: "yes" will not do'),
        ('correction = "correction-fasting"', "", "", EVENING + ": correction: is missing: the text tells"),
        ('cancelled = "cancelled"', "", 'key = "evening-before"', EVENING + ": cancelled: is missing: the text tells"),
        (
            'correction = "correction-fasting"',
            'correction = "correction-visit"',
            "",
            EVENING + ": correction: [texts.correction-visit] must tell {arrival}, {fast_from} too",
        ),
        ('cancelled = "cancelled"', 'cancelled = "fasting"', "", "cancelled: [texts.fasting] tells {day}, {arrival}"),
        ("call = {", "call_ = {", 'key = "evening-before"', EVENING + ": call: is missing"),
        (
            'useful_until = { from = "fast-start" }',
            'useful_until = { from = "procedure", offset = "PT1H" }',
            'key = "evening-before"',
            EVENING + ': useful_until: may be after "procedure"',
        ),
        (
            'useful_until = { from = "fast-start" }',
            'useful_until = { from = "procedure", offset = "-P1D", at = "17:00" }',
            'key = "evening-before"',
            EVENING + ": useful_until: must be after send",
        ),
        (
            'useful_until = { from = "fast-start" }',
            'useful_until = { from = "procedure" }',
            'key = "starts"',
            'useful_until: may be after "fast-start"',
        ),
        (
            'useful_until = { from = "fast-start" }',
            'useful_until = { from = "discharge" }',
            'key = "evening-before"',
            EVENING + ': useful_until: may be after "procedure"',
        ),
        ("{fast_from}", "{fastfrom}", "[texts.fasting]", "texts.fasting: en: {fastfrom} cannot be filled in here. Did"),
        ("{fast_from}", "{fast_from", "[texts.fasting]", "texts.fasting: en: has a brace without its partner"),
        ("{arrival}", "las 7", "Llegue el", "texts.fasting: es: lacks {arrival}"),
        ("[texts.stopped]", "[texts.spare]", "", "texts.spare: key: no reminder uses this text"),
        ('about = "consult"', 'about = "procedure"', "", "count send or useful_until from it"),
        ("Walk a little", "{day} walk a little", "", 'steps[8] "activity": detail.en: {day} cannot be filled in here'),
        (
            'eases = { from = "discharge", offset = "P3D" }',
            'eases = { from = "discharge", offset = "P4W" }',
            "",
            "eases: is after",
        ),
    ],
)
def test_a_fault_is_named_with_its_table_and_field(old, new, after, said):
    found = findings(changed(old, new, after=after))
    assert any(said in line for line in found), found


def test_all_faults_are_named_at_once():
    source = changed("daily_cap = 1", "daily_cap = -1").replace('kind = "ride"', "").replace("{fast_from}", "{when}")
    found = findings(source)
    assert any("daily_cap" in line for line in found)
    assert any("kind: is missing" in line for line in found)
    assert any("{when}" in line for line in found)


def test_milestones_expected_from_each_other_are_a_circle():
    source = changed(
        'expected = { from = "procedure", offset = "P3W", at = "10:00" }', 'expected = { from = "follow-up-6-weeks" }'
    ).replace(
        'expected = { from = "procedure", offset = "P6W", at = "10:00" }', 'expected = { from = "follow-up-weeks" }'
    )
    assert any("goes round in a circle" in line for line in findings(source))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P3W", Duration(days=21)),
        ("-P7D", Duration(days=-7)),
        ("PT6H", Duration(elapsed=timedelta(hours=6))),
        ("-P1DT12H", Duration(days=-1, elapsed=timedelta(hours=-12))),
    ],
)
def test_durations_are_days_on_the_calendar_and_time_that_passes(text, expected):
    assert read_duration(text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "P1Y", "P2M", "P1Y2D", "1D", "P1.5D", "PD", "P1DT", "P9999W", "--P1D"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(DurationError):
        read_duration(text)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["procedure", "consult", "-P1D", "PT6H", "08:00", "{day}", "{", "en", "a/b", "hold"]),
    st.sampled_from([[], {}, [[]], [{}]]),
    st.times(),
    st.dates(),
    st.dictionaries(st.sampled_from(["from", "offset", "at", "en", "es"]), st.text(max_size=5)),
)


def places(node, path=()):
    """The path of every value in a tree of tables and lists."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


TREE = tomllib.loads(MILD)
PLACES = list(places(TREE))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK, st.booleans()), min_size=1, max_size=4))
def test_whatever_is_changed_gives_a_protocol_or_findings(changes):
    tree = copy.deepcopy(TREE)
    for path, junk, remove in changes:
        node = tree
        try:
            for key in path[:-1]:
                node = node[key]
            if remove:
                del node[path[-1]]
            else:
                node[path[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took that place away
    give(tree)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(MILD)), st.integers(0, 40), st.text(max_size=8))
def test_whatever_is_typed_into_the_file_gives_a_protocol_or_findings(start, length, typed):
    protocol_or_findings(MILD[:start] + typed + MILD[start + length :])


def give(tree: dict) -> None:
    """Load a tree of tables as if it had been read from a file."""
    with mock.patch("pathway.protocol_file.loading.parse_toml", return_value=tree):
        protocol_or_findings("")


def protocol_or_findings(source: str) -> None:
    """Fail on anything else that loading could come to."""
    try:
        found = load(source, name="x.toml")
    except ProtocolError as error:
        found = error
    if isinstance(found, ProtocolError):
        assert found.findings
        assert len(str(found).splitlines()) == len(found.findings)
    else:
        assert isinstance(found, Protocol)
