"""Looking at process trees from the outside, to see that nothing is left of them."""

import time
from collections.abc import Callable

import psutil


def tree_of(pid: int) -> list[psutil.Process]:
    """The process and all its descendants, as they are now."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def gone(family: list[psutil.Process]) -> bool:
    """Whether every one of them has ended. A zombie, which waits for its parent only, has ended."""

    def has_ended(process: psutil.Process) -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return all(has_ended(process) for process in family)


def wait_for(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait until `condition()` is true. Raises `AssertionError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not true within {seconds} seconds"
        time.sleep(0.05)
