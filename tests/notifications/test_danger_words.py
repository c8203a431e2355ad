"""Words of danger: never missed for their spelling, their company, or a "no" before them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies.danger import danger_signs, dangers_in
from notifications.replies.understand import Kind, understand

SAID = [
    *(
        "I cannot walk",
        "cant walk",
        "can't walk",
        "can’t walk!",
        "CAN NOT WALK",
        "I can't really walk today",
        "cant wlak",
    ),
    *("unable to walk", "my leg is weak", "weak leg", "legs wont move", "my leg gave out", "I can't feel my feet"),
    *("can't pee", "cannot urinate", "cant pee", "i have not peed since last night", "trouble peeing", "I wet myself"),
    *("fever", "I have a FEVER of 102", "feverr", "feverrrrr", "temp is 103", "bleeding", "its bleding a lot", "blood"),
    *("bleeeeding", "chest pain", "chest hurts", "pain in my chest", "chest pian", "numb", "numbness between the legs"),
    *(
        "can't breathe",
        "cant breath",
        "short of breath",
        "trouble breathing",
        "can not breeth",
        "the pain is unbearable",
    ),
    *(
        "no puedo caminar",
        "No puedo ni caminar",
        "no puedo orinar",
        "no puedo horinar",
        "fiebre",
        "calentura",
        "sangrado",
    ),
    *("está sangrando", "sangre", "dolor de pecho", "me duele el pecho", "dolor en el pecho", "no puedo respirar"),
    *("me falta el aire", "no siento las piernas", "pierna débil", "se me duerme la pierna adormecida", "me desmayé"),
    *("I fell", "me caí", "vomiting", "vómito", "pus", "swollen", "headache", "call 911", "ambulancia"),
]

SPELT = [
    *("I have not been able to urinate", "I have not been able to walk", "canot walk", "cannt walk", "i cant wlk"),
    *("cant go to the bathroom", "unable to void", "i can barely walk", "my leg buckles", "dragging my foot"),
    *("no feeling in my foot", "fevor", "fver", "feevr", "101.5", "102", "38.6", "39 C", "temp 102 F", "bled"),
    *("blacked out", "so much pain", "help me", "no he podido orinar", "no he podido caminar", "no puedo ir al baño"),
    *("no puedo hacer pis", "no hago pipi", "no puedo caminr", "no tengo fuerza en la pierna", "fiebe", "feibre"),
    *("no me responden las piernas", "dolor torácico", "me asfixio", "ayúdame", "socorro", "nopuedo caminar"),
    *("haven't been able to pee", "cant stnad up", "can't braethe", "my chset hurts", "no puedo oriar", "sagnre"),
]
"""As people write in pain, with slips."""


@pytest.mark.parametrize("body", SPELT)
def test_a_slip_or_another_form_of_the_verb_hides_no_sign(body: str) -> None:
    assert dangers_in(body)


@pytest.mark.parametrize("word", ["fever", "fiebre", "bleeding", "vomit"])
def test_one_letter_missing_doubled_or_swapped_still_alarms(word: str) -> None:
    for at in range(1, len(word)):
        assert dangers_in(f"I have {word[:at]}{word[at + 1 :]}"), "missing"
        assert dangers_in(f"I have {word[:at]}{word[at]}{word[at:]}"), "doubled"
        assert dangers_in(f"I have {word[: at - 1]}{word[at]}{word[at - 1]}{word[at + 1 :]}"), "swapped"


@pytest.mark.parametrize("body", SAID)
def test_a_sign_of_danger_is_heard(body: str) -> None:
    assert dangers_in(body)


@given(
    st.sampled_from(SAID),
    st.sampled_from(["", "No ", "ok, ", "C ", "STOP ", "hi doctor... ", "Liked it. ", "gracias\n"]),
    st.sampled_from(["", "!", " since yesterday", " thanks", "?", "\n\nno", " 👍", ", stop"]),
    st.booleans(),
)
def test_nothing_around_it_hides_a_sign(said: str, before: str, after: str, loud: bool) -> None:
    body = f"{before}{said}{after}"
    assert dangers_in(body.upper() if loud else body)


@pytest.mark.parametrize("body", ["no fever", "I don't have fever", "sin fiebre", "no bleeding so far", "not numb"])
def test_a_negation_alarms_rather_than_hides(body: str) -> None:
    assert dangers_in(body)


@pytest.mark.parametrize(
    "body",
    [
        *("C", "yes", "ok thanks", "sí, gracias", "STOP", "I have a question", "What time is my visit?", "1 good"),
        *(
            "I take blood thinners",
            "when do I stop my blood thinner",
            "my blood pressure is fine",
            "blood work is done",
        ),
        *(
            "I can walk well",
            "por favor",
            "can you help me with the form",
            "I can't find my wallet",
            "never got a text",
            "tengo 40 años",
            "I weigh 102 lbs",
            "I can't move my appointment",
            "no puedo mover la cita",
            "when can I walk",
            "can I shower",
        ),
        *(
            "I never got the link",
            "¿a qué hora llego?",
            "mi hija me lleva",
            "I fell asleep",
            "my legs felt better last week",
        ),
    ],
)
def test_everyday_messages_raise_no_alarm(body: str) -> None:
    assert not dangers_in(body)


DAY_1 = "Oak Clinic: How are you today? Weak leg, fever, or bad pain? Call (202) 555-0100 now."
REACTIONS = [
    "👍 to",
    "👍🏽 to",
    "👍 a",
    "Liked",
    "Loved",
    "Reacted 👍 to",
    "Le gustó",
    "Reaccionó con 👍 a",
    "Questioned",
]


@pytest.mark.parametrize("tapped", REACTIONS)
def test_a_reaction_to_our_own_text_is_not_the_patients_danger(tapped: str) -> None:
    assert understand(f"{tapped} “{DAY_1}”", ours=[DAY_1]).dangers == ()
    assert understand(f"{tapped} “{DAY_1[:50]}…”", ours=[DAY_1]).dangers == ()


@pytest.mark.parametrize("tapped", REACTIONS)
def test_quoted_words_that_are_not_ours_are_the_patients_danger(tapped: str) -> None:
    for quote in ("weak leg", "Weak leg, fever, or bad pain", "pierna débil", DAY_1):
        assert understand(f"{tapped} “{quote}”", ours=["Oak Clinic: Your visit is Monday."]).dangers
    assert understand(f"{tapped} “weak leg…”", ours=["Weak leg? Call us."]).dangers, "too short to be known as ours"


@pytest.mark.parametrize("body", ['Yes to "weak leg"', 'Si a "pierna débil"', 'Fever to "me"', 'ok to "cant pee"'])
def test_an_answer_to_quoted_words_is_no_tapped_reaction(body: str) -> None:
    assert understand(body, ours=[DAY_1]).dangers
    assert understand(body, ours=[DAY_1]).kind is Kind.WORDS


def test_where_somebody_went_is_never_dropped_as_a_reaction() -> None:
    assert understand("went to “ER, cant walk”", ours=[DAY_1]).dangers


def test_an_emergency_is_named_before_what_can_wait_an_hour() -> None:
    signs = dangers_in("I have a fever and now I can't pee")
    assert [sign.level for sign in signs] == ["emergency", "same-day"]


def test_every_sign_has_words_to_say_in_both_languages() -> None:
    assert all(set(sign.say) == {"en", "es"} and all(sign.say.values()) for sign in danger_signs())


def test_the_gravest_signs_come_first_and_every_sign_has_its_own_name() -> None:
    signs = danger_signs()
    assert [sign.level for sign in signs] == sorted((sign.level for sign in signs), key="emergency same-day".index)
    assert len({sign.name for sign in signs}) == len(signs)
