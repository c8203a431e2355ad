"""The last one to leave: ends process groups and removes folders once the process that started it is gone.

`config/processes.py` runs this file as a script and holds the only writing end of the pipe on its standard input. Each
line names something to see to: `group 1234` or `folder /tmp/x`; `forget group 1234` takes it back. The pipe closes when
the parent exits in whatever way, even by SIGKILL, which no handler and no `finally` in the parent survives. A
parent-death signal alone is not enough: it reaches the direct children only, and asks once. The one argument is the
grace in seconds.

Standard library only, and no import from the project: it must start in a blink.
"""

import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 8.0
"""How long a group may take to stop by itself before it is killed."""


def is_alive(group: int) -> bool:
    """Whether any process of the process group is left, a zombie included."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(group: int, number: int) -> None:
    """Signal a process group that may be gone already."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def end(groups: set[int], *, grace: float) -> None:
    """Ask every group to stop, wait up to `grace` seconds, then kill what is left."""
    for group in groups:
        send(group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(is_alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def main() -> None:
    """Listen until the parent is gone, then clear up what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    kept: dict[str, set[str]] = {"group": set(), "folder": set()}
    for line in sys.stdin:
        *forget, kind, name = line.rstrip("\n").split(" ", 2 if line.startswith("forget ") else 1)
        if forget:
            kept[kind].discard(name)
        else:
            kept[kind].add(name)
    end({int(group) for group in kept["group"]}, grace=float(sys.argv[1]))
    for folder in kept["folder"]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
