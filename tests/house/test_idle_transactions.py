"""A transaction that somebody forgot must not hold up the claims: PostgreSQL ends it."""

import time

import pytest
from django.db import DatabaseError, connection

from config.settings import database

LIMIT = "-c idle_in_transaction_session_timeout=30000"


@pytest.mark.servers
def test_every_connection_has_the_limit(db: None):
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_idles_in_a_transaction_is_cut_off():
    forgotten, idle = connection.copy(), connection.copy()
    try:
        for one in (forgotten, idle):
            with one.cursor() as cursor:
                cursor.execute("SET idle_in_transaction_session_timeout = 200")  # 30 s would be long for a test
        forgotten.set_autocommit(False)
        for one in (forgotten, idle):
            one.cursor().execute("SELECT 1")
        time.sleep(0.6)
        with pytest.raises(DatabaseError):
            forgotten.cursor().execute("SELECT 1")
        idle.cursor().execute("SELECT 1")  # outside a transaction one may idle for as long as one likes
    finally:
        forgotten.close()
        idle.close()


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", LIMIT),
        ("?options=-c%20search_path%3Dmilepost", f"-c search_path=milepost {LIMIT}"),
        (
            "?options=-c%20idle_in_transaction_session_timeout%3D5000",
            "-c idle_in_transaction_session_timeout=5000",
        ),
    ],
)
def test_options_of_ones_own_do_not_lose_the_limit(query: str, options: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://milepost@localhost/milepost{query}")
    assert database()["OPTIONS"]["options"] == options
