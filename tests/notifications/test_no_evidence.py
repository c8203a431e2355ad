"""Nobody answered for a message, and the provider does not answer when it is asked either."""

from datetime import datetime, timedelta

import pytest

from notifications.channels.base import LookUp, NoAnswer, Receipt
from pathway.models import WorkItem
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db


def silent(*answers) -> ScriptedChannel:
    """A provider that does not answer for its messages, and breaks at every look-up."""

    def broken(_):
        raise NoAnswer("timed out")

    channel = ScriptedChannel(*(answers or [NoAnswer("timed out")] * 5))
    channel.evidence = broken
    return channel


def first_told(channel: ScriptedChannel, *, until: datetime) -> datetime | None:
    """Send every half minute; when a person first heard of it."""
    at = NOW
    while at <= until:
        drain_at(at, channels={"sms": channel})
        if WorkItem.objects.exists():
            return at
        at += timedelta(seconds=30)
    return None


def test_a_safety_text_is_offered_again_when_look_ups_fail_and_then_a_person_hears_within_ten_minutes():
    make_due(resend_unproven=True, safety=True)
    channel = silent()
    told = first_told(channel, until=NOW + timedelta(hours=1))
    assert len(channel.offered) == 2
    assert channel.offered[0].reference == channel.offered[1].reference
    assert told is not None
    assert told <= NOW + timedelta(minutes=10)


def test_a_safety_text_that_the_provider_takes_at_the_second_offer_needs_nobody():
    make_due(resend_unproven=True, safety=True)
    channel = silent(NoAnswer("timed out"), None)
    assert first_told(channel, until=NOW + timedelta(hours=1)) is None
    assert len(channel.offered) == 2


def test_evidence_that_comes_before_patience_ends_prevents_the_second_text():
    make_due(resend_unproven=True, safety=True)
    channel = silent()
    drain_at(NOW, channels={"sms": channel})
    drain_at(NOW + timedelta(seconds=30), channels={"sms": channel})
    channel.evidence = lambda _: Receipt(NOW)
    drain_at(NOW + timedelta(minutes=1), channels={"sms": channel})
    drain_at(NOW + timedelta(minutes=10), channels={"sms": channel})
    assert len(channel.offered) == 1


def test_a_routine_text_is_never_offered_twice_without_evidence():
    make_due()
    channel = silent()
    told = first_told(channel, until=NOW + timedelta(hours=1))
    assert len(channel.offered) == 1
    assert told is not None
    assert told <= NOW + timedelta(minutes=31)


@pytest.mark.parametrize("minutes", [6, 40])
def test_what_is_soon_of_no_use_goes_to_a_person_while_half_of_the_time_is_left(minutes):
    make_due(useful_until=NOW + timedelta(minutes=minutes))
    told = first_told(silent(), until=NOW + timedelta(hours=1))
    assert told is not None
    assert told <= NOW + timedelta(minutes=minutes / 2)


def test_a_provider_that_cannot_be_asked_leaves_it_to_the_protocol_at_once():
    make_due(resend_unproven=True, safety=True)
    channel = silent()
    channel.evidence = lambda _: LookUp.UNSUPPORTED
    told = first_told(channel, until=NOW + timedelta(hours=1))
    assert len(channel.offered) == 2
    assert told is not None
    assert told <= NOW + timedelta(minutes=2)
