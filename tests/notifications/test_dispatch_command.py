"""`manage.py dispatch` and the task when something is wrong: no traceback, no giving up, no patient's words."""

import logging
import os
import subprocess
import sys
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from notifications import tasks
from notifications.management.commands import dispatch

SECRET = "Osborne, born 1944"


class Rounds(threading.Event):
    """A stop signal that comes by itself after some rounds, and notes the pauses instead of making them."""

    def __init__(self, number):
        super().__init__()
        self.number, self.pauses = number, []

    def wait(self, timeout=None):
        self.pauses.append(timeout)
        if len(self.pauses) == self.number:
            self.set()
        return self.is_set()


def always(error):
    """A drain that breaks."""

    def drain(**_):
        raise error

    return drain


@pytest.mark.parametrize("arguments", [[], ["--once"]])
def test_before_migrate_dispatch_says_so_in_one_line_and_ends(arguments, tmp_path):
    fresh = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    ended = subprocess.run(
        [sys.executable, "manage.py", "dispatch", *arguments],
        env={**fresh, "MILEPOST_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "run manage.py migrate first" in ended.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ValueError(SECRET), OperationalError(SECRET), KeyError(SECRET)])
def test_a_round_that_breaks_is_tried_again_ever_later(error, monkeypatch):
    monkeypatch.setattr(dispatch, "drain", always(error))
    stop, out, err = Rounds(9), StringIO(), StringIO()
    dispatch.Command(stdout=out, stderr=err).keep_sending(stop)
    assert stop.pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert err.getvalue().splitlines()[0] == f"{type(error).__name__}; trying again in 0.5 s"
    assert SECRET not in err.getvalue() + out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_after_a_round_that_works_the_pauses_are_short_again(monkeypatch):
    working = dispatch.drain
    broken = always(ValueError())
    rounds = iter([broken, broken, working, broken])
    monkeypatch.setattr(dispatch, "drain", lambda **named: next(rounds)(**named))
    stop = Rounds(4)
    dispatch.Command(stdout=StringIO(), stderr=StringIO()).keep_sending(stop)
    assert stop.pauses == [0.5, 1, dispatch.LONGEST_SLEEP, 0.5]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("error", "code"), [(ValueError(SECRET), 1), (OperationalError(SECRET), 2)])
def test_dispatch_once_that_breaks_tells_only_the_kind_of_exception(error, code, monkeypatch):
    monkeypatch.setattr(dispatch, "drain", always(error))
    with pytest.raises(CommandError) as raised:
        call_command("dispatch", once=True)
    assert raised.value.returncode == code
    assert type(error).__name__ in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_task_that_breaks_leaves_it_to_the_next_tick(monkeypatch, caplog):
    monkeypatch.setattr(tasks, "drain", always(ValueError(SECRET)))
    with caplog.at_level(logging.DEBUG):
        assert tasks.dispatch_due() == {}
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text
