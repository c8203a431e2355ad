"""Fixtures that every test may use. The servers themselves are started by `tests/servers.py`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase, override_settings
from kombu import Connection

from config.processes import Household
from tests import emptying, sockets, workers


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        sockets.refuse_outward_connections(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_fast() -> Iterator[None]:
    """What makes a password hard to guess back makes every person of every test cost half a second."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On SQLite, a file instead of pytest-django's database in memory, so that other processes can open it.

    Commits are not flushed to the disk: these tests kill processes, not machines.
    """
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        database["TEST"]["NAME"] = str(Path(os.environ["MILEPOST_DATA"]) / f"test-{worker}.sqlite3")
        database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session", autouse=True)
def _empty_only_what_was_filled() -> Iterator[None]:
    """After a transactional test, delete its rows instead of flushing the database as Django does.

    Truncating every table and writing all content types and permissions anew costs more than most tests do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptying.empty(connection))
        yield


@pytest.fixture
def valkey_url() -> str:
    """The broker's address: as `REDIS_URL`, on SQLite a unix socket, on PostgreSQL loopback TCP."""
    return settings.REDIS_URL


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """A client of the broker that Celery uses, emptied before and after the test."""
    with Connection(settings.REDIS_URL) as link:
        client = link.default_channel.client
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def broker_emptied(broker: redis.Redis) -> Callable[[], int]:
    """Call it to lose everything that the broker holds, as a crash does; returns how many keys were lost."""

    def empty() -> int:
        lost = broker.dbsize()
        broker.flushdb()
        return int(lost)

    return empty


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """A `DATABASE_URL` of this test's database, for another process. What the test commits, that process sees."""
    return workers.database_url()


@pytest.fixture
def household() -> Iterator[Household]:
    """Starts child processes that end with the test."""
    with Household() as household:
        yield household


@pytest.fixture
def start_worker(
    transactional_db: None, broker: redis.Redis, household: Household, tmp_path: Path
) -> Callable[..., workers.Worker]:
    """Call it to start a real Celery worker; `beat=True` adds beat, `environ={...}` adds variables."""

    def start(**named: object) -> workers.Worker:
        return workers.start_worker(household, tmp_path, **named)  # type: ignore[arg-type]

    return start


@pytest.fixture
def celery_worker(start_worker: Callable[..., workers.Worker]) -> workers.Worker:
    """A real Celery worker on the test database and the broker."""
    return start_worker()
