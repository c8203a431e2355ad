"""The pytest plugin that starts the servers before Django reads its settings.

`MILEPOST_TEST_ON` says what the suite runs on:

    sqlite      (default) SQLite in a file and an embedded Valkey on a unix socket: what `make demo` runs on
    postgres    a real PostgreSQL and a real Valkey on TCP: what production runs on

`MILEPOST_TEST_DATABASE_URL` and `MILEPOST_TEST_REDIS_URL` name servers of your own instead. The controller starts one
of each; xdist's workers share them, each with its own database and its own Valkey database number.
"""

import os
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config.embedded import start_valkey
from config.processes import Household, die_with_parent, stop_with
from tests.postgres import start_postgres

HOUSEHOLD = pytest.StashKey[Household]()
ONLY_ON = {
    "servers": ("postgres", "needs a real PostgreSQL: MILEPOST_TEST_ON=postgres"),
    "browser": ("postgres", "the browser runs once, on PostgreSQL: MILEPOST_TEST_ON=postgres"),
    "embedded": ("sqlite", "makes an SQLite of its own, whatever the suite runs on: MILEPOST_TEST_ON=sqlite"),
}
"""By mark, the one of the two runs in which a test has something to show, and why."""

SERVED = {"db", "transactional_db", "broker", "valkey_url", "household"}
"""Fixtures that stand on a server: whoever asks for one of them is marked `served`."""


def on() -> str:
    """What the suite runs on: `sqlite` or `postgres`. Raises `UsageError` for anything else."""
    name = os.environ.get("MILEPOST_TEST_ON", "sqlite")
    if name not in {"sqlite", "postgres"}:
        raise pytest.UsageError(f"MILEPOST_TEST_ON is {name!r}; it can be sqlite or postgres")
    return name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start the servers. A wrapper: pytest-django's own hook, which reads the settings, comes before any conftest."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        die_with_parent(os.getppid(), signal.SIGKILL)
        os.environ["REDIS_URL"] = numbered(os.environ["REDIS_URL"], 1 + int(worker.removeprefix("gw")))
    else:
        stop_with(os.environ)
        early_config.stash[HOUSEHOLD] = start_servers()
        early_config.add_cleanup(early_config.stash[HOUSEHOLD].stop)
    return (yield)


def start_servers() -> Household:
    """Start what is not named in the environment, and name it there for Django, xdist's workers and their children."""
    household = Household()
    folder = Path(tempfile.mkdtemp(prefix="milepost-test-"))
    household.keep_clean(folder)
    database, broker = os.environ.get("MILEPOST_TEST_DATABASE_URL"), os.environ.get("MILEPOST_TEST_REDIS_URL")
    try:
        if on() == "sqlite":
            database = f"sqlite:///{folder}/milepost.sqlite3"
        elif not database:
            database = start_postgres(household, folder / "postgres") + "/milepost"
        os.environ["DATABASE_URL"] = database
        os.environ["REDIS_URL"] = broker or start_valkey(household, folder / "valkey", tcp=on() == "postgres").url
        os.environ["MILEPOST_DATA"] = str(folder)
    except BaseException:
        household.stop()
        raise
    return household


def numbered(url: str, number: int) -> str:
    """The same Redis with another database number, so that workers do not take each other's tasks."""
    if url.startswith("redis+socket:"):
        return f"{url.partition('?')[0]}?virtual_host={number}"
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{number}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what belongs to the other run, and say why; mark what a second run on other servers may see differently."""
    for item in items:
        only = {run: reason for name, (run, reason) in ONLY_ON.items() if item.get_closest_marker(name)}
        if len(only) > 1:
            raise pytest.UsageError(f"{item.nodeid} would run nowhere: {'; '.join(only.values())}")
        for run, reason in only.items():
            if run != on():
                item.add_marker(pytest.mark.skip(reason=reason))
        if item.get_closest_marker("django_db") or not SERVED.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("served")


def pytest_report_header() -> str:
    """One line that says what the run is about."""
    return f"milepost: on {on()}"
