"""Where the processes of one machine keep their counts, so that any of them can tell the sum.

Each process writes files of its own. They are named after a slot and not after the process's number: a process takes
the lowest slot that nobody holds, and goes on counting in its files. So however often processes are started anew, there
are never more files than processes at one time, nothing has to be cleaned up, and no count ever goes down.
"""

import fcntl
import os
from itertools import count
from pathlib import Path

from prometheus_client import values
from prometheus_client.values import MultiProcessValue, MutexValue


class Slot:
    """This process's number in a folder, held by a lock that ends with the process, also by `kill -9`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = 0
        self.number = 0
        self.lock = -1

    def __call__(self) -> int:
        """The number; a process that was forked since the last call takes one of its own."""
        if self.process != os.getpid():
            if self.lock >= 0:
                os.close(self.lock)  # the parent's: it keeps its slot, and this process must not keep it after its end
            self.number, self.lock = take_slot(self.folder)
            self.process = os.getpid()
        return self.number


def take_slot(folder: Path) -> tuple[int, int]:
    """Hold the lowest free number; the number, and the open file that holds it. Raises `OSError`."""
    for number in count(1):
        lock = os.open(folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        except BaseException:
            os.close(lock)
            raise
        else:
            return number, lock
    raise AssertionError("count() does not end")


def count_in(folder: Path) -> None:
    """Make the folder, and let every counter that is made from now on keep its value there. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values.ValueClass = MultiProcessValue(process_identifier=Slot(folder))  # type: ignore[no-untyped-call]


def count_in_memory() -> None:
    """Let the counters that are made from now on keep their values in this process only."""
    values.ValueClass = MutexValue
