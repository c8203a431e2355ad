"""Placeholders, days and times as people say them, and what a text costs to send."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.wording import (
    GSM_BASIC,
    GSM_EXTENSION,
    LANGUAGES,
    WordingError,
    fill,
    say_clock,
    segments,
    spoken,
)

SAYS = {"day": "2027-03-14", "time": "07:30", "arrival": "06:30", "fast_from": "2027-03-13T23:30"}


def test_every_placeholder_is_filled():
    assert fill("{clinic}: {day}, {time}", {"clinic": "Oak", "day": "Sun", "time": "7 AM"}) == "Oak: Sun, 7 AM"


def test_a_value_with_braces_is_not_filled_again():
    assert fill("{clinic}", {"clinic": "{phone}", "phone": "1"}) == "{phone}"


def test_a_missing_value_is_named():
    with pytest.raises(WordingError, match=r"\{phone\}"):
        fill("Call {phone}", {})


def test_english_tells_days_and_times_as_people_do():
    assert spoken(SAYS, "en") == {
        "day": "Sun, Mar 14",
        "time": "7:30 AM",
        "arrival": "6:30 AM",
        "fast_from": "11:30 PM Sat",
    }


def test_spanish_tells_days_without_accents():
    assert spoken(SAYS, "es") == {
        "day": "dom 14 mar",
        "time": "7:30 AM",
        "arrival": "6:30 AM",
        "fast_from": "sab 11:30 PM",
    }


def test_a_zone_is_named_with_every_clock_time():
    told = spoken(SAYS | {"zone": "CDT"}, "en")
    assert told["time"] == "7:30 AM CDT"
    assert told["fast_from"] == "11:30 PM CDT Sat"
    assert told["day"] == "Sun, Mar 14"


@pytest.mark.parametrize(
    ("clock", "said"),
    [("00:00", "12:00 AM"), ("00:05", "12:05 AM"), ("12:00", "12:00 PM"), ("13:07", "1:07 PM")],
)
def test_midnight_and_noon_on_the_twelve_hour_clock(clock, said):
    from datetime import time

    assert say_clock(time.fromisoformat(clock)) == said


def test_a_language_without_words_is_refused():
    with pytest.raises(WordingError, match="'fr'"):
        spoken(SAYS, "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_day_of_the_year_needs_more_than_plain_text(language):
    for number in range(366):
        day = (date(2028, 1, 1) + timedelta(days=number)).isoformat()
        for words in spoken({"day": day, "fast_from": f"{day}T23:59"}, language).values():
            assert segments(words).encoding == "GSM-7"


def test_the_gsm_alphabet_has_its_published_size():
    assert len(GSM_BASIC) == 127  # 128 places, one of them the escape to the extension table
    assert len(GSM_EXTENSION) == 10


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("ñ¿¡éü", "GSM-7", 5, 1),
        ("á" + "a" * 69, "UCS-2", 70, 1),
        ("á" + "a" * 70, "UCS-2", 71, 2),
        ("á" + "a" * 134, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
    ],
)
def test_segments_follow_the_standard(text, encoding, units, count):
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_a_character_of_two_places_is_never_split():
    # 152 places, then a two-place character: it moves whole into the second message, which then overflows
    assert segments("a" * 152 + "€" + "a" * 151).count == 2
    assert segments("a" * 152 + "€" + "a" * 152).count == 3
    assert segments("á" + "a" * 65 + "😀" + "a" * 66).count == 3


@given(st.text(max_size=400))
def test_segments_never_shrink_when_a_text_grows(text):
    assert segments(text + "a").count >= segments(text).count
