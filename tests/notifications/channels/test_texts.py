"""Texts through Twilio: what each answer, and each missing answer, is taken for."""

import logging
import socket
import time
from datetime import timedelta
from uuid import UUID

import pytest

from notifications.channels import twilio as twilio_module
from notifications.channels.base import REFUSALS, ChannelError, NoAnswer, NotOffered, Receipt, Refusal, answer_of
from notifications.channels.twilio import refusal_for
from tests.builders import NOW
from tests.notifications.channels.letters import envelope, sought, texts
from tests.provider import SID, Provider

pytestmark = pytest.mark.django_db


def test_a_text_is_handed_over_with_its_words_sender_and_callback(provider: Provider, settings):
    settings.PUBLIC_URL = "https://milepost.example.org"
    one = envelope(body="Oak Clinic: ¿Se siente bien hoy? Responda 1 & 2 + 3 👍")
    receipt = texts(provider.url).send(one)
    (taken,) = provider.ledger.taken()
    assert receipt == Receipt(NOW, provider_reference=taken.sid)
    assert (taken.to, taken.sender, taken.body) == (one.address, "+12025550100", one.body)
    assert taken.callback == f"https://milepost.example.org/hooks/twilio/status/{one.reference}"
    assert UUID(taken.reference) == one.reference


def test_a_messaging_service_stands_in_for_the_number(provider: Provider):
    service = "MG" + "a" * 32
    texts(provider.url, sender=service).send(envelope())
    assert provider.ledger.taken()[0].sender == service


@pytest.mark.parametrize(
    ("left", "validity"),
    [
        (timedelta(minutes=20, seconds=5), "1205"),
        (timedelta(days=3), "36000"),
        (timedelta(milliseconds=300), "1"),
    ],
)
def test_the_provider_is_told_how_long_the_text_is_of_use(provider: Provider, left: timedelta, validity: str):
    texts(provider.url).send(envelope(useful_until=NOW + left))
    assert provider.ledger.taken()[0].validity == validity


@pytest.mark.parametrize(
    ("code", "what", "permanent"),
    [
        ("21610", Refusal.OPTED_OUT, True),
        ("21614", Refusal.NOT_FOR_TEXTS, True),
        ("21211", Refusal.NO_SUCH_ADDRESS, True),
        ("21612", Refusal.UNREACHABLE, True),
        ("14107", Refusal.RATE_LIMITED, False),
        ("20003", Refusal.ACCOUNT, False),
        ("20005", Refusal.ACCOUNT, False),
        ("21606", Refusal.ACCOUNT, False),
        ("29999", Refusal.OTHER, True),
    ],
)
def test_a_refusal_is_sorted_by_the_providers_code(provider: Provider, code: str, what: Refusal, permanent: bool):
    provider.script(code)
    with pytest.raises(ChannelError) as refused:
        texts(provider.url).send(envelope())
    assert (refused.value.code, refused.value.what, refused.value.permanent) == (code, what, permanent)
    assert provider.ledger.taken() == []


def test_opted_out_numbers_and_landlines_are_told_apart(provider: Provider):
    provider.opted_out.add("+12025550102")
    provider.landlines.add("+12025550103")
    whats = []
    for address in ("+12025550102", "+12025550103"):
        with pytest.raises(ChannelError) as refused:
            texts(provider.url).send(envelope(address=address))
        whats.append(refused.value.what)
    assert whats == [Refusal.OPTED_OUT, Refusal.NOT_FOR_TEXTS]


def test_every_code_of_the_table_means_one_thing_and_reports_use_the_same_table():
    codes = [code for codes in twilio_module.CODES.values() for code in codes.split()]
    assert len(codes) == len(set(codes))
    reports = {"30003": "UNREACHABLE", "30004": "BLOCKED", "30005": "NO_SUCH_ADDRESS", "30006": "NOT_FOR_TEXTS"}
    assert {code: refusal_for(code).name for code in reports} == reports
    assert refusal_for("30007") is Refusal.FILTERED
    assert not REFUSALS[refusal_for("30001")].permanent
    assert refusal_for("") is Refusal.OTHER


def test_too_many_at_once_says_when_to_come_back(provider: Provider):
    provider.script("busy")
    with pytest.raises(ChannelError) as refused:
        texts(provider.url).send(envelope())
    assert (refused.value.what, refused.value.retry_after) == (Refusal.RATE_LIMITED, timedelta(seconds=7))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["error", "drop", "silent"])
def test_an_answer_that_proves_nothing_is_no_answer_and_nothing_is_found(provider: Provider, fault: str):
    channel, one = texts(provider.url), envelope()
    provider.script(fault)
    with pytest.raises(NoAnswer):
        channel.send(one)
    assert channel.look_up(sought(one)) is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["error-taken", "drop-taken", "silent-taken", "garbled-taken"])
def test_what_was_taken_without_an_answer_is_found_by_looking_it_up(provider: Provider, fault: str):
    channel, one = texts(provider.url), envelope()
    provider.script(fault)
    with pytest.raises(NoAnswer):
        channel.send(one)
    (taken,) = provider.ledger.taken()
    assert channel.look_up(sought(one)) == Receipt(NOW, provider_reference=taken.sid)


@pytest.mark.parametrize("address", ["+12025550101", "+12025550109"])
def test_an_answer_that_comes_twice_is_never_taken_for_the_next_messages(provider: Provider, address: str):
    channel = texts(provider.url)
    provider.script("twice")
    theirs = {}
    for one in (envelope(), envelope(address=address, body="Oak Clinic: the next")):
        try:
            receipt = channel.send(one)
        except NoAnswer:
            receipt = channel.look_up(sought(one))
        theirs[str(one.reference)] = receipt.provider_reference if receipt else "not taken"
    taken = {one.reference: one.sid for one in provider.ledger.taken()}
    assert theirs == {reference: taken.get(reference, "not taken") for reference in theirs}


def test_a_refusal_that_belongs_to_another_offer_is_never_believed(provider: Provider):
    channel = texts(provider.url)
    provider.latency = 0.05
    provider.script("twice", "21614", "ok", "twice", "ok")
    letters = [envelope(address=f"+1202555010{number}") for number in range(5)]
    answers = [answer_of(channel, one) for one in letters]
    refused = [one.address for one, answer in zip(letters, answers, strict=True) if isinstance(answer, ChannelError)]
    assert refused == [letters[1].address]
    receipts = [answer.provider_reference for answer in answers if isinstance(answer, Receipt)]
    assert receipts == [taken.sid for taken in provider.ledger.taken()]


def test_no_connection_is_certain_and_tried_again_later():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ChannelError) as refused:
        texts(url).send(envelope())
    assert (refused.value.what, refused.value.permanent) == (Refusal.DOWN, False)
    with pytest.raises(NoAnswer):
        texts(url).look_up(sought(envelope()))


@pytest.mark.usefixtures("impatient")
def test_a_silent_provider_is_given_up_on_well_within_ten_seconds(provider: Provider):
    provider.script("silent")
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        texts(provider.url).send(envelope())
    assert time.monotonic() - began < 5


def test_many_go_out_at_once_each_over_a_connection_of_its_own(provider: Provider):
    provider.latency = 0.02
    channel = texts(provider.url)
    many = [envelope(address=f"+1202555{1000 + number}") for number in range(100)]
    answers = channel.send_many(many, may_offer=lambda one: one is not many[7])
    assert [type(answer) for answer in answers].count(Receipt) == 99
    assert isinstance(answers[7], NotOffered)
    sids = {taken.reference: taken.sid for taken in provider.ledger.taken()}
    assert [sids.get(str(one.reference)) for one in many if one is not many[7]] == [
        answer.provider_reference for answer in answers if isinstance(answer, Receipt)
    ]
    assert provider.connections_made == 99


def test_a_clinics_own_credentials_are_the_ones_used(provider: Provider):
    other = "AC" + "6" * 32
    provider.accounts[other] = "another-token"
    texts(provider.url, account=other, secret="another-token").send(envelope())
    assert provider.ledger.taken()[0].account == other
    with pytest.raises(ChannelError) as refused:
        texts(provider.url, account=other, secret="wrong").send(envelope())
    assert refused.value.what is Refusal.ACCOUNT


def test_the_account_and_its_rate_are_named_without_the_secret(provider: Provider):
    channel = texts(provider.url, per_second=4)
    assert (channel.account, channel.per_second) == (f"twilio/sms/{SID}", 4)


def test_all_waits_together_stay_under_the_ten_seconds_of_a_channel():
    waits = twilio_module.WAIT_SECONDS + 2 * twilio_module.CONNECT_SECONDS + twilio_module.WRITE_SECONDS
    assert waits + twilio_module.ANSWER_SECONDS < 10


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", ["ok", "21610", "error", "drop", "silent"])
def test_neither_logs_nor_exceptions_hold_number_words_or_token(provider: Provider, caplog, fault: str):
    channel, one = texts(provider.url, secret="wrong" if fault == "20003" else "simulated-auth-token"), envelope()
    provider.script(fault)
    told = ""
    with caplog.at_level(logging.DEBUG):
        try:
            channel.send(one)
        except (ChannelError, NoAnswer) as error:
            told = repr(error) + repr(error.__cause__)
        channel.look_up(sought(one))
    for secret in (one.address, one.address[1:], one.body, "simulated-auth-token", SID):
        assert secret not in caplog.text + told
