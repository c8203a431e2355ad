"""A text where nobody can reply: what an email says in its place, and that no shipped text asks for a reply in one."""

import pytest

from pathway.answers import ANSWER_SETS
from pathway.medical_words import medical_words
from pathway.planner.spec import Protocol
from pathway.protocol_file import load, read_shipped
from pathway.protocol_file.asking import ASKS, KEY, KEYWORD
from pathway.reading import HIGHEST_GRADE, grade
from pathway.replying import ASK_BY_EMAIL, NO_REPLIES, STOP_HERE, as_email, without_replies
from pathway.wording import LANGUAGES

SHIPPED = [load(read_shipped(key), name=key) for key in ("mild", "spinal-cord-stimulator-trial")]


@pytest.mark.parametrize(
    ("language", "text", "left"),
    [
        (
            "en",
            "{clinic}: Fill in this form: {link} Reply C to confirm, R to change. {phone}",
            "{clinic}: Fill in this form: {link} {phone}",
        ),
        (
            "en",
            "{clinic}: You will get no more texts. We will call you. Text START to get texts again. {phone}",
            "{clinic}: You will get no more texts. We will call you. {phone}",
        ),
        ("en", "Not sure? {phone}. Then reply C.", "Not sure? {phone}."),
        (
            "en",
            "Text messages are not private. See {link} now.",
            "Text messages are not private. See {link} now.",
        ),
        (
            "es",
            "{clinic}: ¿Se siente bien hoy? Responda 1 bien, 3 me siento peor. Pierna débil: llame al {phone}.",
            "{clinic}: ¿Se siente bien hoy? Pierna débil: llame al {phone}.",
        ),
        ("es", "Vea: {link} No reinicie por su cuenta. Luego responda C.", "Vea: {link} No reinicie por su cuenta."),
        ("es", "Mande sus papeles. Envíe ALTO para no recibir.", "Mande sus papeles."),
        ("es", "Ya no recibe textos. Mande START si quiere recibirlos otra vez.", "Ya no recibe textos."),
    ],
)
def test_sentences_that_only_a_text_can_follow_are_left_out(language: str, text: str, left: str):
    assert without_replies(text, language) == left


def emails_of(protocol: Protocol):
    """Every text of a protocol as an email: its key, language, what it asks, and its words."""
    asked = {key: spec.answers for step in protocol.steps for spec in step.reminders for key in spec.asked_in}
    for key, wording in protocol.texts.items():
        for language, words in {**wording, **protocol.emails.get(key, {})}.items():
            asks = asked.get(key, "")
            yield key, language, asks, as_email(words, language=language, asks=asks, may_stop=key != "stopped")


@pytest.mark.parametrize("protocol", SHIPPED, ids=lambda one: one.key)
def test_no_shipped_text_asks_for_a_reply_in_an_email_and_each_says_whom_to_call_and_where_to_stop(protocol: Protocol):
    for key, language, asks, words in emails_of(protocol):
        where = (key, language, words)
        body, *asked, foot = words.split("\n\n")
        assert not any(asking.search(body) for asking in (ASKS, KEY, KEYWORD)), where
        assert len(body) > len("{clinic}: "), where
        assert asked == ([ASK_BY_EMAIL[asks][language]] if asks else []), where
        assert ("{phone}" in foot, "{stop}" in foot) == (True, key != "stopped"), where
        assert grade(words, language) <= HIGHEST_GRADE, where
        assert not medical_words(words, language, allows=protocol.allows.get(key, ())), where


def test_every_question_can_be_asked_by_email_in_every_language_and_told_by_phone():
    assert ASK_BY_EMAIL.keys() == ANSWER_SETS.keys()
    for words in (*ASK_BY_EMAIL.values(), NO_REPLIES, STOP_HERE):
        assert set(words) == set(LANGUAGES)
        for language, said in words.items():
            assert grade(said, language) <= HIGHEST_GRADE, said
            assert not medical_words(said, language), said
