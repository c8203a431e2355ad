"""A process of its own for one part of a simulation. It knows no model: it is imported before Django is ready."""

import signal
from multiprocessing.connection import Connection
from typing import NoReturn

import django

TELL_EVERY = 25
"""Lines played between two messages to the parent."""


def play_in_child(numbers: dict[str, float], parent: Connection) -> None:
    """Play the part that `numbers` describe (the fields of `Task`); send how many lines were played, then the `Part`.

    Ends by an exception, and so deletes its database, when it is asked to stop or its parent is gone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the terminal; the parent decides
    signal.signal(signal.SIGTERM, leave)
    django.setup()
    from notifications.simulator.simulation import Task, play_in_its_own_database  # noqa: PLC0415 - needs Django ready

    played = 0

    def tell(lines: int) -> None:
        nonlocal played
        played += lines
        if played >= TELL_EVERY:
            say(parent, played)
            played = 0

    part = play_in_its_own_database(Task(**numbers), progress=tell)  # type: ignore[arg-type]
    say(parent, part)


def say(parent: Connection, message: object) -> None:
    """Send to the parent; when it is gone nobody waits for the result, and this process ends."""
    try:
        parent.send(message)
    except BrokenPipeError:
        raise SystemExit(1) from None


def leave(number: int, frame: object) -> NoReturn:
    """End by an exception, so that the throwaway database is deleted on the way out."""
    raise SystemExit(128 + number)
