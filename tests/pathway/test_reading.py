"""The reading grade: published formulas, on texts whose counts can be checked by hand."""

import pytest

from pathway.protocol_file import load, read_shipped
from pathway.reading import HIGHEST_GRADE, grade, grade_of_score, sentences_of, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("medicine", 3),
        ("about", 2),
        ("take", 1),
        ("takes", 1),
        ("smile", 1),
        ("table", 2),
        ("changes", 2),
        ("asked", 1),
        ("needed", 2),
        ("procedure", 3),
        ("emergency", 4),
        ("24", 1),
    ],
)
def test_english_syllables(word, count):
    assert syllables(word, "en") == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("agua", 2),
        ("que", 1),
        ("guitarra", 3),
        ("día", 2),
        ("oír", 2),
        ("medicinas", 4),
        ("ley", 1),
        ("procedimiento", 5),
    ],
)
def test_spanish_syllables(word, count):
    assert syllables(word, "es") == count


def test_the_english_grade_is_flesch_kincaid():
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59 is below zero
    assert grade("The cat sat on the mat.", "en") == 0
    # 10 words, 1 sentence: the syllables decide
    text = "The physician documented considerable improvement in the patient after physiotherapy."
    words = sentences_of(text, "en")[0]
    assert len(words) == 10
    total = sum(syllables(word, "en") for word in words)
    assert grade(text, "en") == pytest.approx(0.39 * 10 + 11.8 * total / 10 - 15.59, abs=0.06)
    assert grade(text, "en") > 12


def test_the_spanish_grade_is_fernandez_huerta_in_its_bands():
    # El ni-ño to-ma a-gua frí-a: 5 words, 9 syllables, 1 sentence
    assert [syllables(word, "es") for word in ("El", "niño", "toma", "agua", "fría")] == [1, 2, 2, 2, 2]
    assert grade("El niño toma agua fría.", "es") == round(grade_of_score(206.84 - 60 * 9 / 5 - 1.02 * 5), 1)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(100, 3), (90, 4), (80, 5), (75, 5.5), (70, 6), (65, 7), (60, 8), (50, 12), (30, 16), (0, 20)],
)
def test_the_bands_of_fernandez_huerta_are_interpolated(score, expected):
    assert grade_of_score(score) == expected


def test_links_phones_the_name_in_front_and_reply_codes_are_no_prose():
    plain = sentences_of("Read your plan. Call us. Reply when done.", "en")
    dressed = "{clinic}: Read your plan: https://oak.example/p/abc Call us. {phone} Reply C when done. (555) 010-0199"
    assert sentences_of(dressed, "en") == plain
    assert sentences_of("I have a plan.", "en") == [["I", "have", "a", "plan"]]


def test_a_time_does_not_end_a_sentence():
    assert len(sentences_of("Come at 7:30 AM. Do not eat.", "en")) == 2


def test_hard_words_and_long_sentences_raise_the_grade():
    easy, hard = "Do not eat. Call us.", "Discontinue consumption and communicate immediately with the organization."
    assert grade(hard, "en") > HIGHEST_GRADE > grade(easy, "en")
    dificil = "Suspenda inmediatamente la administracion de medicamentos anticoagulantes previamente recomendados."
    assert grade(dificil, "es") > HIGHEST_GRADE > grade("No coma nada. Llame.", "es")


@pytest.mark.parametrize(
    "text", ["", "...", "{clinic}:", "1 2 3", "https://oak.example/p/abc", "{phone}", "\n\n", "😀"]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_without_words_asks_for_nothing(text, language):
    assert grade(text, language) == 0


def test_a_language_without_a_formula_is_refused():
    with pytest.raises(LookupError, match="'fr'"):
        grade("Bonjour", "fr")


def test_every_shipped_text_is_easy_enough():
    for key, wording in load(read_shipped("mild"), name="mild.toml").texts.items():
        for language, words in wording.items():
            assert grade(words, language) <= HIGHEST_GRADE, (key, language)
