"""The figures: what they count, who may read them, and that nobody can be recognised in them."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest

from notifications.channels.base import ChannelError, Envelope, NoAnswer, NotOffered, Receipt, Refusal, answer_of
from notifications.metrics import counters
from notifications.metrics.answers import count_answers
from notifications.metrics.exposition import exposition
from notifications.simulator.parts import simulate
from pathway.states import ReminderState
from tests.builders import NOW
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.notifications.figures import samples, told
from tests.notifications.refused import refuse_five

TOKEN = "a-token-that-is-long-enough"
FACTS = ("Ruiz", "Alma", "+1202555", "Oak Clinic", "MRN-")


def test_ends_are_counted_by_channel_and_a_retry_is_one(counting):
    sent, again, missed = ReminderState.SENT, ReminderState.PLANNED, ReminderState.MISSED
    counters.count_ends([("sms", sent), ("sms", sent), ("email", sent), ("sms", again), ("", missed)])
    assert counting("milepost_reminders_total", end="sent", channel="sms") == 2
    assert counting("milepost_reminders_total", end="sent", channel="email") == 1
    assert counting("milepost_reminders_total", end="retried", channel="sms") == 1
    assert counting("milepost_reminders_total", end="missed", channel="none") == 1


def test_answers_are_counted_by_kind_and_never_by_the_providers_words(counting):
    refused = ChannelError(code="21610", message="unsubscribed: +12025550100", what=Refusal.OPTED_OUT)
    busy = ChannelError(code="20429", message="slow down", what=Refusal.RATE_LIMITED)
    answers = [Receipt(NOW), NoAnswer("timeout"), NotOffered("late"), refused, busy, busy]
    count_answers(("sms", answer) for answer in answers)
    for outcome, reason, number in [
        ("accepted", "", 1),
        ("unanswered", "", 1),
        ("not-offered", "", 1),
        ("refused-for-good", "opted_out", 1),
        ("refused-for-now", "rate_limited", 2),
    ]:
        grown = counting("milepost_provider_answers_total", channel="sms", outcome=outcome, reason=reason)
        assert grown == number, outcome


@pytest.mark.parametrize("answer", [None, NoAnswer("timeout"), ValueError("unforeseen")])
def test_every_offer_is_timed_however_it_ends(answer, counting):
    offered = Envelope(reference="", channel="voice", address="", subject="", body="", offered_at=NOW, useful_until=NOW)
    answer_of(ScriptedChannel(answer or ChannelError(code="1", message="no")), offered)
    assert counting("milepost_provider_answer_seconds_count", channel="voice") == 1
    assert counting("milepost_provider_answer_seconds_bucket", channel="voice", le="1.0") == 1


def test_lateness_falls_into_its_bucket_and_early_is_not_late(counting):
    counters.observe_lateness([("sms", -3.0), ("sms", 2.5), ("sms", 4000)])
    assert counting("milepost_lateness_seconds_bucket", channel="sms", le="0.5") == 1
    assert counting("milepost_lateness_seconds_bucket", channel="sms", le="3.0") == 2
    assert counting("milepost_lateness_seconds_count", channel="sms") == 3


def test_a_group_observed_at_once_is_the_same_as_one_by_one():
    amounts = [0.0, 0.5, 0.5000001, 1, 2.5, 3600, 3601, 1e9]
    told = []
    for observe_group in (True, False):
        registry = CollectorRegistry()
        figure = counters.GroupHistogram("late", "How late.", buckets=counters.LATENESS, registry=registry)
        if observe_group:
            figure.observe_all(amounts)
        else:
            for amount in amounts:
                figure.observe(amount)
        told.append([s for s in generate_latest(registry).decode().splitlines() if "_created" not in s])
    assert told[0] == told[1]


def test_no_channel_but_those_there_are_becomes_a_label(counting):
    counters.count_ends([("+12025550100", ReminderState.SENT)])
    assert counting("milepost_reminders_total", end="sent", channel="none") == 1
    assert not [labels for (_, labels), _ in samples() if "+1202" in str(labels)]


def test_where_nobody_looks_nothing_is_counted():
    before = dict(samples())
    counters.count_ends([("sms", ReminderState.SENT)])
    count_answers([("sms", NoAnswer("timeout"))])
    assert dict(samples()) == before


def test_what_a_simulation_sends_is_not_counted(counting, django_db_blocker):
    before = dict(samples())
    with django_db_blocker.unblock():
        assert simulate(journeys=2, weeks=8, seed=7, faults=0.05).sent > 0
    assert dict(samples()) == before
    assert counters.Counting.on


def test_a_full_disk_ends_the_counting_and_not_the_sending(counting, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(counters.ENDS, "labels", full)
    for _ in range(3):
        counters.count_ends([("sms", ReminderState.SENT)])
    assert caplog.text.count("figures are not kept any more: OSError") == 1


@pytest.mark.django_db
def test_the_database_tells_the_queue_and_what_waits_for_people():
    make_due(send_at=NOW - timedelta(minutes=3))
    make_due(send_at=NOW - timedelta(minutes=5), useful_until=NOW - timedelta(minutes=4))
    drain_at(NOW - timedelta(minutes=3))
    make_due(send_at=NOW - timedelta(minutes=1))
    make_due(send_at=NOW + timedelta(minutes=1))
    refuse_five(now=NOW - timedelta(minutes=2))
    text = exposition(clock=lambda: NOW)
    assert told(text, "milepost_database_up") == 1
    assert told(text, "milepost_dispatch_lag_seconds") == 60
    assert told(text, "milepost_due_reminders") == 1
    assert told(text, "milepost_claimed_reminders") == 0
    assert told(text, "milepost_unsettled_reminders") == 0
    assert told(text, "milepost_last_sent_age_seconds") == 180
    assert sum(told(text, "milepost_work_items", priority=name) for name in ("urgent", "soon", "routine")) == 1
    assert told(text, "milepost_stray_messages") == 0
    assert told(text, "milepost_refused_clinics", channel="sms") == 1
    assert told(text, "milepost_refused_clinics", channel="email") == 0
    assert not [fact for fact in FACTS if fact in text.decode()]


@pytest.mark.django_db
def test_figures_ask_the_database_a_fixed_number_of_times(django_assert_max_num_queries):
    journey = make_bare_journey()
    for _ in range(20):
        make_due(journey)
    with django_assert_max_num_queries(9):
        exposition(clock=lambda: NOW)


def test_while_the_database_is_down_the_counts_are_told(counting):
    def down():
        raise OperationalError("the database is down")

    counters.count_ends([("sms", ReminderState.SENT)])
    text = exposition(clock=down)
    assert told(text, "milepost_database_up") == 0
    assert told(text, "milepost_reminders_total", end="sent", channel="sms") >= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "production", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, False, 200),
        ({"REMOTE_ADDR": "::1"}, False, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, False, 401),
        ({"REMOTE_ADDR": ""}, False, 401),  # a unix socket: somebody else's proxy
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"}, False, 401),
        ({"REMOTE_ADDR": "127.0.0.1"}, True, 401),
    ],
)
def test_without_a_token_only_this_machine_may_look_and_in_production_nobody(
    sender, production, status, client: Client, settings
):
    settings.METRICS_TOKEN, settings.PRODUCTION = "", production
    assert client.get("/metrics", **sender).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("production", [False, True])
def test_with_a_token_whoever_shows_it_may_look_and_nobody_else(production, client: Client, settings):
    settings.METRICS_TOKEN, settings.PRODUCTION = TOKEN, production
    shown = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="10.0.0.7")
    assert shown.status_code == 200
    assert told(shown.content, "milepost_database_up") == 1
    for wrong in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer tökén"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    assert client.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


@pytest.mark.django_db
def test_the_figures_read_indexes_only_however_many_reminders_wait():
    journey = make_bare_journey()
    first = make_due(journey, send_at=timezone.now() + timedelta(days=1))
    columns = {field.attname: getattr(first, field.attname) for field in first._meta.fields if not field.primary_key}
    type(first).objects.bulk_create(type(first)(**{**columns, "key": f"ride/{number}"}) for number in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked = []

    def notice(execute, sql, params, many, context):
        if 'FROM "pathway_reminder"' in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(notice):
        exposition(clock=timezone.now)
    assert len(asked) == 5
    for sql, params in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {'QUERY PLAN' if connection.vendor == 'sqlite' else ''} {sql}", params)
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "reminder_" in plan
        assert "Seq Scan" not in plan
