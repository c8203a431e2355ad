"""Looking a text up at a provider that keeps no name of ours: never another message's, never somebody else's."""

from datetime import timedelta

import pytest

from notifications.channels.base import NoAnswer, Receipt
from notifications.channels.twilio import PAGES_AT_MOST
from notifications.models import Message, MessageState
from pathway.states import ReminderState
from tests.builders import NOW
from tests.notifications.channels.letters import envelope, sought, texts
from tests.notifications.due import make_due
from tests.provider import Provider

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def make_message(one, *, state: str = MessageState.UNKNOWN, reminder_state: str = ReminderState.UNKNOWN, **fields):
    """The row behind an envelope."""
    reminder = make_due(state=reminder_state, started_at=NOW)
    return Message.objects.create(
        **{
            "id": one.reference,
            "journey": reminder.journey,
            "reminder": reminder,
            "channel": one.channel,
            "address": one.address,
            "language": "en",
            "body": one.body,
            "state": state,
            "created_at": one.offered_at,
            **fields,
        }
    )


def offer_in_vain(provider: Provider, one) -> None:
    """An offer that was taken without an answer."""
    provider.script("drop-taken")
    with pytest.raises(NoAnswer):
        texts(provider.url).send(one)


def test_other_words_other_numbers_and_older_texts_are_not_it(provider: Provider):
    channel, one = texts(provider.url), envelope()
    channel.send(envelope(body="Oak Clinic: something else"))
    channel.send(envelope(address="+12025550109"))
    provider.clock = lambda: NOW - HOUR
    channel.send(envelope())
    assert channel.look_up(sought(one)) is None


def test_a_provider_whose_clock_is_a_minute_behind_is_still_believed(provider: Provider):
    one = envelope()
    provider.clock = lambda: NOW - timedelta(minutes=1)
    offer_in_vain(provider, one)
    found = texts(provider.url).look_up(sought(one))
    assert isinstance(found, Receipt)
    assert found.accepted_at == NOW - timedelta(minutes=1)


def test_what_is_recorded_as_another_messages_is_not_it(provider: Provider):
    channel, first, second = texts(provider.url), envelope(), envelope()
    receipt = channel.send(first)
    make_message(
        first,
        state=MessageState.SENT,
        reminder_state=ReminderState.PLANNED,
        sent_at=NOW,
        provider_reference=receipt.provider_reference,
    )
    assert channel.look_up(sought(second)) is None
    offer_in_vain(provider, second)
    found = channel.look_up(sought(second))
    assert found is not None
    assert found.provider_reference == provider.ledger.taken()[-1].sid


def test_two_unproven_texts_with_the_same_words_never_get_the_same_trace(provider: Provider):
    channel = texts(provider.url)
    first, second = envelope(), envelope(offered_at=NOW + timedelta(seconds=1))
    make_message(first)
    make_message(second)
    offer_in_vain(provider, second)
    found = [channel.look_up(sought(one)) for one in (first, second)]
    assert [one.provider_reference if one else None for one in found] == [provider.ledger.taken()[0].sid, None]
    offer_in_vain(provider, first)
    found = [channel.look_up(sought(one)) for one in (first, second)]
    assert {one.provider_reference for one in found} == {taken.sid for taken in provider.ledger.taken()}


def test_nobody_knows_while_a_text_with_the_same_words_is_being_sent(provider: Provider):
    channel, one, other = texts(provider.url), envelope(), envelope()
    make_message(one)
    make_message(other, state=MessageState.SENDING)
    assert channel.look_up(sought(one)) is None
    offer_in_vain(provider, other)
    with pytest.raises(NoAnswer):
        channel.look_up(sought(one))


def test_a_look_up_goes_through_every_page(provider: Provider, monkeypatch):
    monkeypatch.setattr("notifications.channels.twilio.PAGE_SIZE", 2)
    channel, one = texts(provider.url), envelope()
    offer_in_vain(provider, one)
    for number in range(5):
        channel.send(envelope(body=f"Oak Clinic: {number}"))
    found = channel.look_up(sought(one))
    assert found is not None
    assert found.provider_reference == provider.ledger.taken()[0].sid


def test_a_list_too_long_to_look_through_proves_nothing(provider: Provider, monkeypatch):
    monkeypatch.setattr("notifications.channels.twilio.PAGE_SIZE", 1)
    channel = texts(provider.url)
    for number in range(PAGES_AT_MOST + 1):
        channel.send(envelope(body=f"Oak Clinic: {number}"))
    with pytest.raises(NoAnswer):
        channel.look_up(sought(envelope()))


def test_words_that_the_provider_does_not_keep_prove_nothing(provider: Provider):
    channel = texts(provider.url)
    channel.send(envelope(body="REDACTED"))
    with pytest.raises(NoAnswer):
        channel.look_up(sought(envelope()))
    provider.clock = lambda: NOW - HOUR
    assert channel.look_up(sought(envelope(address="+12025550109"))) is None


def test_the_words_that_a_trial_account_puts_before_ours_do_not_hide_it(provider: Provider):
    channel, one = texts(provider.url), envelope()
    channel.send(envelope(body="Sent from your Twilio trial account - " + one.body))
    assert isinstance(channel.look_up(sought(one)), Receipt)


def test_a_question_that_the_provider_does_not_answer_proves_nothing(provider: Provider):
    provider.accounts.clear()
    with pytest.raises(NoAnswer):
        texts(provider.url).look_up(sought(envelope()))
