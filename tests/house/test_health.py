"""What `healthz` and `readyz` say to whoever runs the site."""

import pytest
from django.test import Client

from config import views


def test_a_running_process_is_healthy_without_touching_the_database(client: Client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


def test_a_health_check_only_reads(client: Client):
    assert client.post("/healthz").status_code == 405


def test_ready_means_database_and_broker_answer(client: Client, db: None):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": True, "broker": True}


def test_an_unreachable_broker_is_not_ready(client: Client, db: None, monkeypatch: pytest.MonkeyPatch):
    nowhere = views.app.connection("redis://127.0.0.1:1/0")
    monkeypatch.setattr(views.app, "connection_for_write", lambda **named: nowhere)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "broker": False}
