"""What the health addresses say to whoever runs the site."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from config import views
from tests.notifications.due import make_due
from tests.notifications.refused import refuse_five


def test_a_running_process_is_healthy_without_touching_the_database(client: Client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


def test_a_health_check_only_reads(client: Client):
    assert client.post("/healthz").status_code == 405


def test_ready_means_database_migrations_and_broker(client: Client, db: None):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    told = {"ready": True, "database": True, "migrated": True, "broker": True, "dispatch_lag_seconds": 0.0}
    assert answer.json() == told


def test_an_unreachable_broker_is_not_ready(client: Client, db: None, monkeypatch: pytest.MonkeyPatch):
    nowhere = views.app.connection("redis://127.0.0.1:1/0")
    monkeypatch.setattr(views.app, "connection_for_write", lambda **named: nowhere)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["ready"], answer.json()["database"], answer.json()["broker"]) == (False, True, False)


def test_a_migration_that_the_database_lacks_is_not_ready(client: Client, db: None):
    newest = max(MigrationRecorder.Migration.objects.filter(app="notifications").values_list("name", flat=True))
    MigrationRecorder(connection).record_unapplied("notifications", newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["migrated"], answer.json()["dispatch_lag_seconds"]) == (False, None)


def test_late_reminders_do_not_take_the_web_server_away(client: Client, db: None):
    make_due(send_at=timezone.now() - timedelta(minutes=10))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert 600 <= answer.json()["dispatch_lag_seconds"] < 660


@pytest.mark.parametrize(("late", "status"), [(timedelta(minutes=1), 200), (timedelta(minutes=3), 503)])
def test_whoever_watches_the_sending_is_told_after_two_minutes(late: timedelta, status: int, client: Client, db: None):
    make_due(send_at=timezone.now() - late)
    answer = client.get("/healthz/dispatch")
    assert answer.status_code == status
    assert answer.json()["on_time"] is (status == 200)
    assert answer.json()["dispatch_lag_seconds"] >= late.total_seconds()


def test_what_a_provider_refuses_is_told_beside_the_lag(client: Client, db: None):
    now = timezone.now()
    refuse_five(now=now)
    assert client.get("/healthz/dispatch").json()["refused"] == ["sms"]


def test_a_database_that_is_down_is_told_and_breaks_no_address(client: Client, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(connection, "cursor", refuse)
    ready, dispatch = client.get("/readyz"), client.get("/healthz/dispatch")
    assert (ready.status_code, dispatch.status_code) == (503, 503)
    assert (ready.json()["database"], ready.json()["migrated"]) == (False, False)
    assert dispatch.json() == {"on_time": False, "dispatch_lag_seconds": None, "refused": None}
