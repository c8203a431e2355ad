"""What a reply means: keys, plain words of both languages, STOP and its kin, and what is never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies.understand import Kind, understand

SKIN_TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿", "\ufe0f"]


def choice_of(body: str) -> str:
    intent = understand(body)
    return str(intent.choice) if intent.kind is Kind.ANSWER else f"({intent.kind})"


@pytest.mark.parametrize(
    ("body", "choice"),
    [
        *(
            ("C", "C"),
            (" c. ", "C"),
            ("C!", "C"),
            ("C thanks", "C"),
            ("C, confirmed", "C"),
            ("R", "R"),
            ("r please", "R"),
        ),
        *(("1", "1"), ("1.", "1"), ("2", "2"), ("3", "3"), ("3 worse", "3"), ("1 good", "1"), ("２", "2")),
        *(("yes", "yes"), ("YES", "yes"), ("yes, ok", "yes"), ("ok thanks", "yes"), ("Confirm", "yes"), ("Y", "yes")),
        *(("sí", "yes"), ("SÍ", "yes"), ("si", "yes"), ("Sí, claro.", "yes"), ("vale", "yes"), ("claro", "yes")),
        *(("sí confirmo", "yes"), ("I will be there", "yes"), ("Yes I have a ride", "yes"), ("está bien", "yes")),
        *(("no", "no"), ("No, gracias", "no"), ("no puedo", "no"), ("No puedo ir", "no"), ("I can't make it", "no")),
        *(("can’t", "no"), ("I don't have a ride", "no"), ("no tengo quien me lleve", "no"), ("👎", "no")),
        *(("change", "change"), ("I need to change my appointment", "change"), ("cambiar", "change")),
        *(("quiero cambiar la cita", "change"), ("reschedule please", "change")),
        *(("question", "question"), ("I have a question?", "question"), ("Pregunta", "question")),
        *(("tengo una pregunta", "question"), ("duda", "question")),
        *(("good", "good"), ("I feel fine", "good"), ("estoy bien gracias", "good"), ("all good 🙂", "good")),
        *(("worse", "worse"), ("me siento peor", "worse"), ("I feel bad today", "worse")),
    ],
)
def test_keys_and_plain_words_are_answers(body: str, choice: str) -> None:
    assert choice_of(body) == choice


@pytest.mark.parametrize("tapped", ["Liked", "👍 to", "👍🏾 to", "Reacted 👍 to", "Le gustó", "👍 a"])
def test_a_thumb_tapped_on_our_own_text_is_a_yes(tapped: str) -> None:
    visit = "Oak Clinic: Your visit is Mon, Mar 8."
    intent = understand(f"{tapped} “{visit}”", ours=[visit])
    assert (intent.kind, intent.choice) == (Kind.ANSWER, "yes")
    assert understand(f"{tapped} “{visit}”").kind is Kind.WORDS


@pytest.mark.parametrize("tone", SKIN_TONES)
def test_a_thumbs_up_of_any_skin_is_a_yes(tone: str) -> None:
    assert choice_of(f"👍{tone}") == "yes"
    assert choice_of(f"👍{tone} thanks") == "yes"


@pytest.mark.parametrize(
    "body",
    [
        *("", "  ", "?", "C?", "yes?", "no ok?", "ok no", "claro que no", "C R", "1 2", "C1", "10", "yes no"),
        *("yes but not Tuesday", "C but I ate breakfast", "not good", "no bien", "never mind", "no problem"),
        *(
            "is it ok",
            "can I change",
            "I want to feel better",
            "I need to confirm",
            "no, I have a ride",
            "ok, a question",
        ),
        *("What time?", "2 weeks", "🎉", "❤️", "Questioned “Oak Clinic: Reply C”", "1 worse", "3 good", "C no"),
    ],
)
def test_what_could_mean_something_else_is_left_to_a_person(body: str) -> None:
    assert understand(body).kind is Kind.WORDS


@pytest.mark.parametrize(
    "body",
    [
        *("STOP", "stop", "Stop.", "STOP!!!", " stop ", "“STOP”", "STOPALL", "stop all", "QUIT", "END", "REVOKE"),
        *("OPT OUT", "opt-out", "optout", "CANCEL", "cancel.", "UNSUBSCRIBE", "ALTO", "alto!", "PARAR", "¡Parar!"),
        *("please stop", "stop please", "STOP now", "stop texting me", "Stop sending me these texts", "unsubscribe me"),
        *(
            "end these messages",
            "cancel the texts",
            "quit texting me",
            "no more texts",
            "don't text me",
            "Alto por favor",
        ),
        *("Do not text me anymore", "no me manden más mensajes", "no quiero mas textos", "stop texting, wrong number"),
        *(
            "ＳＴＯＰ",
            "stop 👎",
            "STOP to end",
            "stop it",
            "stop contacting me",
            "no me escriban",
            "no me escriban más",
        ),
        *("STOP\n\nSent from my iPhone", "Stop\n--\nAlma Ruiz", "ALTO\nEnviado desde mi iPhone", "remove me"),
    ],
)
def test_stop_and_its_kin_are_an_opt_out(body: str) -> None:
    assert understand(body).kind is Kind.STOP


@pytest.mark.parametrize(
    "body",
    [
        *("stop eating?", "stop eating", "when do I stop my pills", "When do I stop?", "do i stop aspirin", "stop?"),
        *(
            "should I stop now?",
            "stop my blood thinner",
            "cancel my appointment",
            "cancel please",
            "the end",
        ),
        *("I want to stop", "I got no text", "no text", "end of the week", "quit smoking", "¿Parar la medicina?"),
        *(
            "parar de comer",
            "dejar la aspirina",
            "the bleeding won't stop",
            "bus stop",
            "I can't stop bleeding",
            "can't stop it",
        ),
    ],
)
def test_a_question_about_stopping_is_no_opt_out(body: str) -> None:
    assert understand(body).kind is not Kind.STOP


@pytest.mark.parametrize("body", ["START", "start", "Start!", "UNSTOP", "start please", "start texts again"])
def test_start_lifts_a_stop(body: str) -> None:
    assert understand(body).kind is Kind.START


@pytest.mark.parametrize("body", ["start my pills", "when do I start", "start eating?", "START?"])
def test_a_question_about_starting_is_not_start(body: str) -> None:
    assert understand(body).kind is Kind.WORDS


@pytest.mark.parametrize("body", ["HELP", "help", "Help!", "help?", "INFO", "AYUDA", "ayuda por favor"])
def test_help_asks_for_help(body: str) -> None:
    assert understand(body).kind is Kind.HELP


@pytest.mark.parametrize("body", ["help me", "help I fell", "can you help me with the form"])
def test_somebody_who_needs_help_is_read_by_a_person(body: str) -> None:
    assert understand(body).kind is Kind.WORDS


@given(st.text(max_size=400))
def test_any_message_is_understood_without_breaking(body: str) -> None:
    intent = understand(body)
    assert (intent.kind is Kind.ANSWER) == bool(intent.choice)


@given(
    st.sampled_from(["C", "yes", "no", "1", "vale"]), st.sampled_from(["but", "lunch", "aspirin", "pero", "Tuesday"])
)
def test_one_word_too_many_makes_it_a_matter_for_a_person(answer: str, more: str) -> None:
    assert understand(f"{answer} {more}").kind is Kind.WORDS
    assert understand(f"{more} {answer}").kind is Kind.WORDS
