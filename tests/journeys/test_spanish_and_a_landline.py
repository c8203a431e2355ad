"""A patient who speaks Spanish, has a landline and no mobile phone, and a daughter who helps."""

import pytest

from notifications.replies.keys import Heard, press_key
from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)
LANDLINE, DAUGHTER = "+12025550111", "+12025550177"


def when_a_key_is_pressed(story: Story, digits: str) -> Heard:
    """In the last call that rang."""
    call = [one for one in story.messages() if one.channel == "voice"][-1]
    return press_key(message_id=call.pk, digits=digits, call=f"CA{call.pk}", now=story.now)[0]


def test_calls_in_spanish_texts_to_the_daughter_and_a_nurse_who_knows_what_to_say_in_spanish():
    story = Story("2027-05-03 09:00", language="es")
    story.given_a_landline(LANDLINE)
    story.given_a_caregiver(phone=DAUGHTER)
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-13 10:05")
    assert story.phone() == [], "no text goes to a landline"
    assert story.phone(channel="voice") == [
        "05-03 09:00 Le mandaremos unos 12 textos",
        "05-13 10:00 Su procedimiento es el jue 20 may",
    ]
    assert when_a_key_is_pressed(story, "1") is Heard.UNDERSTOOD, "there is a ride"
    assert story.phone("caregiver") == [
        "05-03 09:00 Le mandaremos unos 12 textos",
        "05-13 10:00 Su procedimiento es el jue 20 may",
    ]

    story.when_time_passes_until("2027-05-19 18:10")
    assert story.phone(channel="voice")[-1] == "05-19 18:00 Llegue el jue 20 may, 6:30 AM"
    assert "No coma después de las 1:30 a. m. del jueves" in story.page()
    story.when_the_caregiver_texts("mi mama no puede orinar")
    told = story.task("danger-words")
    assert told.startswith("Urgent: Lucía Ruiz (daughter), the caregiver, wrote (cannot pee, or hold it)")
    story.when_the_procedure_moves_to("2027-05-20 06:30")
    story.when_time_passes_until("2027-05-19 18:20")
    assert story.phone(channel="voice")[-1] == "05-19 18:10 Su hora cambia"

    story.when_time_passes_until("2027-05-20 07:30")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-05-20 09:30")
    story.when_it_has_happened("discharge")
    story.when_time_passes_until("2027-05-21 16:30")
    silent = story.undone("no-answer")
    assert silent.say.startswith("Control del primer día por teléfono"), "a call that nobody took is a nurse's call"
