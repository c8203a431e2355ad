"""What providers refuse for now is not late; it is told all the same."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from notifications.channels.base import ChannelError, NoAnswer
from notifications.dispatcher.rescue import WORKER_GONE
from notifications.models import DeliveryAttempt, Outcome
from notifications.queries import refusals
from notifications.queries.health import dispatch_lag
from notifications.queries.refusals import in_words, refused_channels
from tests.builders import NOW
from tests.notifications.due import make_bare_journey, make_due
from tests.notifications.refused import WRONG_PASSWORD, send_all

pytestmark = pytest.mark.django_db

ACCOUNT = "it does not accept our account: a wrong password, or one that is blocked or out of credit"


def test_a_wrong_password_is_told_though_nothing_is_late():
    clinic = send_all(NOW, *[WRONG_PASSWORD] * 5)
    soon = NOW + timedelta(seconds=5)
    assert dispatch_lag(now=soon) == timedelta(0)
    (refused,) = refused_channels(now=soon)
    assert (refused.clinic_id, refused.channel, refused.attempts, refused.in_vain) == (clinic.pk, "sms", 5, 5)
    assert refused.reason == ACCOUNT


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([WRONG_PASSWORD] * 4, False),  # too few to prove anything
        ([WRONG_PASSWORD] * 3 + [None] * 3, False),  # half
        ([WRONG_PASSWORD] * 4 + [None] * 3, True),
        ([NoAnswer("timeout")] * 5, True),
        ([ChannelError(code="30003", message="unreachable", permanent=True)] * 9, False),  # these numbers, not all
        ([WRONG_PASSWORD] * 4 + [ChannelError(code="30003", message="unreachable", permanent=True)] * 5, False),
    ],
)
def test_more_than_half_of_at_least_five_must_be_in_vain(answers, told):
    send_all(NOW, *answers)
    assert bool(refused_channels(now=NOW + timedelta(minutes=1))) is told


def test_it_is_over_ten_minutes_after_the_last_refusal():
    send_all(NOW, *[WRONG_PASSWORD] * 5)
    assert refused_channels(now=NOW + timedelta(minutes=9, seconds=59))
    assert not refused_channels(now=NOW + timedelta(minutes=10))


def test_each_clinic_is_told_of_its_own_provider_only():
    refused, fine = send_all(NOW, *[WRONG_PASSWORD] * 5), send_all(NOW, *[None] * 5)
    now = NOW + timedelta(minutes=1)
    assert [one.clinic_id for one in refused_channels(now=now)] == [refused.pk]
    assert refused_channels(now=now, clinic_ids=[refused.pk])
    assert not refused_channels(now=now, clinic_ids=[fine.pk])


def test_what_messages_of_another_clinic_say_does_not_hide_it():
    clinic = send_all(NOW, *[WRONG_PASSWORD] * 5)
    send_all(NOW, *[None] * 60)
    assert [one.clinic_id for one in refused_channels(now=NOW + timedelta(minutes=1))] == [clinic.pk]


@pytest.mark.parametrize("error", refusals.NOT_THE_PROVIDERS_DOING)
def test_what_our_own_workers_left_undone_is_no_refusal(error):
    send_all(NOW, *[None] * 5)
    DeliveryAttempt.objects.update(outcome=Outcome.UNKNOWN, error=error)
    assert not refused_channels(now=NOW + timedelta(minutes=1))


def test_the_words_for_a_worker_that_died_are_those_of_the_rescue():
    assert WORKER_GONE == refusals.WORKER_GONE


@pytest.mark.parametrize(
    ("outcome", "error", "words"),
    [
        (Outcome.UNKNOWN, "timeout", "it does not answer"),
        (Outcome.TEMPORARY, "20003: Authenticate", ACCOUNT),
        (Outcome.TEMPORARY, "63018: too many at once", "more than it allows at once"),
        (Outcome.TEMPORARY, "429: slow down", "more than it allows at once"),
        (Outcome.TEMPORARY, "503: ", "it is out of order"),
        (Outcome.TEMPORARY, "535: authentication failed", ACCOUNT),
        (Outcome.TEMPORARY, "11200: what nobody has heard of", "its code is 11200"),
        (Outcome.TEMPORARY, "something without a code", "it gives no reason"),
    ],
)
def test_the_reason_is_in_plain_words(outcome, error, words):
    assert in_words((outcome, error)) == words


def test_while_nothing_is_refused_one_index_is_read_and_nothing_else(django_assert_num_queries):
    send_all(NOW, *[None] * 5)
    journey = make_bare_journey()
    reminder = make_due(journey)
    message = DeliveryAttempt.objects.first().message
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(message=message, claim_token=uuid4(), started_at=NOW, finished_at=NOW, outcome=Outcome.ACCEPTED)
        for _ in range(3000)
    )
    assert reminder.state == "planned"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with django_assert_num_queries(1) as seen:
        assert refused_channels(now=NOW + timedelta(minutes=1), clinic_ids=[journey.clinic_id]) == []
    with connection.cursor() as cursor:
        how = "QUERY PLAN" if connection.vendor == "sqlite" else ""
        cursor.execute(f"EXPLAIN {how} {seen[0]['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "attempt_not_accepted" in plan
