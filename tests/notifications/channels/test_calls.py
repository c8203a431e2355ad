"""Calls through Twilio: what they say, which key means what, and how one is looked up."""

from xml.etree import ElementTree

import pytest

from notifications.channels.base import ChannelError, Envelope, NoAnswer, Receipt, Refusal
from notifications.channels.spoken import LONGEST_TWIML, twiml
from notifications.channels.voice import VoiceChannel
from notifications.models import MessageState
from pathway.states import ReminderState
from tests.builders import NOW
from tests.notifications.channels.letters import envelope, sought, twilio
from tests.notifications.channels.test_look_up import HOUR, make_message
from tests.provider import Provider

pytestmark = pytest.mark.django_db

ENGLISH = (
    "Oak Clinic: Your plan is ready: https://milepost.example.org/p/x1Yz_2-a Do not stop any on your own. "
    "Reply C when you have read it. (202) 555-0143"
)
SPANISH = (
    "Clínica Roble: Vea hoy su plan: https://milepost.example.org/p/x1Yz_2-a o llame al 202-555-0143. Luego responda C."
)


def calls(url: str, **fields) -> VoiceChannel:
    """The channel for calls."""
    return VoiceChannel(twilio("voice", url, **fields))


def called(provider: Provider, one: Envelope) -> ElementTree.Element:
    """Make the call; what the provider was asked to play."""
    calls(provider.url).send(one)
    return ElementTree.fromstring(provider.ledger.taken("voice")[-1].body)


def said(played: ElementTree.Element) -> list[str]:
    return [str(say.text) for say in played.iter("Say")]


def test_a_call_reads_the_words_twice_and_asks_for_a_key(provider: Provider, settings):
    settings.PUBLIC_URL = "https://milepost.example.org"
    one = envelope("voice", body=ENGLISH)
    played = called(provider, one)
    words = (
        "Oak Clinic: Your plan is ready: your care page. Do not stop any on your own. "
        "Call us at 2 0 2, 5 5 5, 0 1 4 3. Ask us for the link to your care page."
    )
    keys = "Press 1 if you understand. Press 2 if you have a question."
    assert said(played) == [words, keys, "Once more.", words, keys, "Goodbye."]
    assert {say.get("language") for say in played.iter("Say")} == {"en-US"}
    gather = played.find("Gather")
    assert gather is not None
    assert gather.get("numDigits") == "1"
    assert gather.get("action") == f"https://milepost.example.org/hooks/twilio/voice/{one.reference}/key"
    (taken,) = provider.ledger.taken("voice")
    assert taken.callback == f"https://milepost.example.org/hooks/twilio/status/{one.reference}"
    assert taken.detection == taken.callback, "who took the call is told there too"


def test_no_key_counts_before_the_call_has_said_what_it_stands_for():
    played = twiml(ENGLISH, language="en", action="https://milepost.example.org/", answers="check-in")
    before, gathering = played.split("<Gather", 1)
    for spoken in (before, gathering):
        assert "Press 1 if you feel good. Press 2 if you have a question. Press 3 if you feel worse." in spoken


def test_a_call_in_spanish_speaks_spanish_throughout(provider: Provider):
    played = called(provider, envelope("voice", body=SPANISH, language="es"))
    words = (
        "Clínica Roble: Vea hoy su plan: su página o llame al 2 0 2, 5 5 5, 0 1 4 3. Pídanos el enlace de su página."
    )
    keys = "Oprima 1 si entendió. Oprima 2 si tiene una pregunta."
    assert said(played) == [words, keys, "Repetimos.", words, keys, "Adiós."]
    assert {say.get("language") for say in played.iter("Say")} == {"es-MX"}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Call 911.", "Call 9 1 1."),
        ("Call +1 202 555 0143 now.", "Call 1, 2 0 2, 5 5 5, 0 1 4 3 now."),
        ("Come Sunday, March 14 at 7:30 AM.", "Come Sunday, March 14 at 7:30 AM."),
        ("No 4911 or 2027-03-14.", "No 4911 or 2027-03-14."),
    ],
)
def test_telephone_numbers_are_read_by_digits_and_other_numbers_are_not(text: str, spoken: str):
    played = ElementTree.fromstring(twiml(text, language="en", action="https://milepost.example.org/"))
    assert said(played)[0] == spoken


def test_words_cannot_become_instructions_for_the_provider():
    hostile = 'A & B</Say><Dial>+12025550666</Dial> "quoted"'
    played = ElementTree.fromstring(
        twiml(hostile, language="en", action='https://milepost.example.org/?a="><Hangup/>&b')
    )
    assert said(played)[0] == hostile.replace("+12025550666", "1 2 0 2 5 5 5 0 6 6 6") + "."
    assert {element.tag for element in played.iter()} == {"Response", "Gather", "Say", "Pause"}


def test_a_text_too_long_to_be_read_twice_is_read_once():
    long = "Drink only what your care team told you. " * 60
    played = twiml(long, language="en", action="https://milepost.example.org/")
    assert len(played) < LONGEST_TWIML
    assert said(ElementTree.fromstring(played)).count("Goodbye.") == 1
    assert len(said(ElementTree.fromstring(played))) == 3


def test_a_number_that_cannot_be_called_is_told_apart(provider: Provider):
    provider.script("21217")
    with pytest.raises(ChannelError) as refused:
        calls(provider.url).send(envelope("voice"))
    assert refused.value.what is Refusal.NO_SUCH_ADDRESS


def test_a_call_that_was_taken_without_an_answer_is_found_by_number_and_time(provider: Provider):
    one = envelope("voice")
    provider.clock = lambda: NOW - HOUR
    calls(provider.url).send(envelope("voice"))
    provider.clock = lambda: NOW
    calls(provider.url, sender="+12025550177").send(envelope("voice"))
    assert calls(provider.url).look_up(sought(one)) is None
    provider.script("drop-taken")
    with pytest.raises(NoAnswer):
        calls(provider.url).send(one)
    found = calls(provider.url).look_up(sought(one))
    assert found == Receipt(NOW, provider_reference=provider.ledger.taken()[-1].sid)


def test_nobody_knows_whose_call_it_was_when_two_messages_are_unproven(provider: Provider):
    one, other = envelope("voice"), envelope("voice", body="Oak Clinic: something else")
    make_message(one)
    make_message(other)
    assert calls(provider.url).look_up(sought(one)) is None
    provider.script("drop-taken")
    with pytest.raises(NoAnswer):
        calls(provider.url).send(other)
    with pytest.raises(NoAnswer):
        calls(provider.url).look_up(sought(one))


def test_a_call_known_as_another_messages_is_not_it(provider: Provider):
    one, other = envelope("voice"), envelope("voice")
    receipt = calls(provider.url).send(other)
    make_message(
        other,
        state=MessageState.SENT,
        reminder_state=ReminderState.PLANNED,
        sent_at=NOW,
        provider_reference=receipt.provider_reference,
    )
    assert calls(provider.url).look_up(sought(one)) is None
