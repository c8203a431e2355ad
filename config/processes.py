"""Child processes that never outlive us: started in their own sessions, ended with all that they started.

Three things see to it, each for what the others miss. `Household.stop` ends the children in order. A parent-death
signal (Linux) asks them to stop when we are killed. The guardian process then kills what has not stopped, grandchildren
included, and removes our temporary folders. honcho and a shell's `trap` were refused: both leave orphans on SIGKILL.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from config import guardian

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ChildFailedError(Exception):
    """A child ended, or did not start. The message names it and shows the end of what it wrote."""


def die_with_parent(parent: int, number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process `number` when `parent` (a process id) ends; at once if it has ended already.

    Calls nothing that allocates or locks, so it may run between fork and exec. Does nothing where there is no prctl.
    """
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def stop_with(environ: dict[str, str] | os._Environ[str], number: int = signal.SIGTERM) -> None:
    """Obey `MILEPOST_STOP_WITH`: the id of the parent (make) that this process must not outlive."""
    parent = environ.pop("MILEPOST_STOP_WITH", "")
    if parent:
        die_with_parent(int(parent), number)


@dataclass(frozen=True)
class Child:
    """A running program. Its process id is also the id of its session and process group."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path | None

    def failure(self) -> ChildFailedError:
        """What to tell about this child's end, with the last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:] if self.log and self.log.exists() else []
        told = f"{self.name} ended with status {self.process.poll()}"
        return ChildFailedError("\n    ".join([told + (":" if lines else ""), *lines]))

    def signal(self, number: int) -> None:
        """Signal the child alone, as a person or a supervisor would."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """End the child and all that it started, at once, and wait for it."""
        guardian.send(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Household:
    """Children that are started one after the other and stopped together, the last one first.

    A context manager. A child that is asked to stop has `grace` seconds to do so. Start children from the thread that
    lives longest: the parent-death signal follows the thread.
    """

    def __init__(self, *, grace: float = guardian.GRACE_SECONDS) -> None:
        self.children: list[Child] = []
        self.grace = grace
        self._guardian = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", str(Path(guardian.__file__)), str(grace)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd="/",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
        user: str | None = None,
    ) -> Child:
        """Start a program as a child that ends with us. Its output is appended to `log`, or shared with ours.

        `user` (a login name) may be given by root only. Raises `OSError` when the program cannot be run.
        """
        parent = os.getpid()

        def before_exec() -> None:
            die_with_parent(parent)

        output: IO[bytes] | None = log.open("ab") if log else None
        try:
            process = subprocess.Popen(  # noqa: S603 - programs that we name, never a shell
                [os.fspath(part) for part in command],
                env=None if environ is None else dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                cwd=cwd,
                pass_fds=pass_fds,
                start_new_session=True,
                preexec_fn=before_exec,
                user=user,
                extra_groups=[] if user else None,
            )
        finally:
            if output:
                output.close()
        child = Child(name=name, process=process, log=log)
        self.children.append(child)
        self._tell(f"group {process.pid}")
        return child

    def keep_clean(self, folder: Path) -> None:
        """Have `folder` removed at the end, however the end comes."""
        self._tell(f"folder {folder}")

    def first_ended(self) -> Child | None:
        """The first child that is no longer running, if any."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def stop_child(self, child: Child) -> None:
        """Ask one child to stop, wait as long as `grace`, then kill it with all that it started."""
        guardian.send(child.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=self.grace)
        child.kill()
        self.children.remove(child)
        self._tell(f"forget group {child.process.pid}")

    def stop(self) -> None:
        """Stop every child, the last started first; then let the guardian remove the folders and go."""
        for child in reversed(self.children.copy()):
            self.stop_child(child)
        if self._guardian.stdin and not self._guardian.stdin.closed:
            self._guardian.stdin.close()
        self._guardian.wait()

    def _tell(self, line: str) -> None:
        if self._guardian.stdin is None or self._guardian.poll() is not None:
            raise ChildFailedError("the guardian process is gone")
        self._guardian.stdin.write(line + "\n")
        self._guardian.stdin.flush()


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
    """Wait until `ready()` is true. Raises `ChildFailedError` if the child ends first or `seconds` go by."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.process.poll() is not None:
            raise child.failure()
        if time.monotonic() > deadline:
            raise ChildFailedError(f"{child.name} did not answer within {seconds:.0f} seconds")
        time.sleep(0.05)
