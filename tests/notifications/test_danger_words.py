"""Words of danger: never missed for their spelling, their company, or a "no" before them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.replies.danger import danger_words, dangers_in
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


def test_a_reaction_to_our_own_text_is_not_the_patients_danger() -> None:
    intent = understand("👍 to “Oak Clinic: How are you today? Weak leg, fever, or bad pain? Call now.”")
    assert (intent.kind, intent.dangers) == (Kind.ANSWER, ())


def test_an_emergency_is_named_before_what_can_wait_an_hour() -> None:
    signs = dangers_in("I have a fever and now I can't pee")
    assert [sign.level for sign in signs] == ["emergency", "same-day"]


def test_every_level_has_words_to_say_in_both_languages() -> None:
    table = danger_words()
    assert {sign.level for sign in table.signs} == set(table.say)
    assert all(set(say) == {"en", "es"} for say in table.say.values())


def test_the_gravest_signs_come_first_and_every_sign_has_its_own_name() -> None:
    signs = danger_words().signs
    assert [sign.level for sign in signs] == sorted((sign.level for sign in signs), key="emergency same-day".index)
    assert len({sign.name for sign in signs}) == len(signs)
