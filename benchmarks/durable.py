"""A PostgreSQL that keeps its promises: what production has, and what throughput is measured on.

Every run gets a fresh copy of a filled database, so that no run finds the dead rows of the one before.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.processes import Household
from tests.postgres import DURABLE, Cluster, make_cluster

IN_MEMORY = {"tmpfs", "ramfs"}
"""File systems that keep nothing: a flush to one of them costs nothing and proves nothing."""


class NoDisk(RuntimeError):
    """There is no folder on a disk to put the database in."""


@dataclass(frozen=True)
class Durable:
    """A running server, on a disk, that flushes every commit; `flush_microseconds` is what one flush takes there."""

    cluster: Cluster
    household: Household
    file_system: str
    flush_microseconds: float

    def url(self, name: str) -> str:
        """The `DATABASE_URL` of one of its databases."""
        return f"{self.cluster.url}/{name}"

    def execute(self, statement: str, *, on: str = "postgres") -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url(on), autocommit=True) as link:
            link.execute(statement)  # type: ignore[call-overload]

    def make(self, name: str) -> None:
        """An empty database, in place of one of that name."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{name}"')

    def copy(self, filled: str, *, to: str) -> None:
        """A fresh copy of a filled database that nobody is connected to, with nothing left to be flushed."""
        self.execute(f'DROP DATABASE IF EXISTS "{to}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{to}" TEMPLATE "{filled}" STRATEGY FILE_COPY')
        self.execute("CHECKPOINT")

    def about(self) -> str:
        """One line for the table: where the data lie, and how they are kept."""
        return (
            f"PostgreSQL {version(self.cluster)}, fsync, synchronous_commit, full_page_writes and autovacuum on, "
            f"shared_buffers 1GB; data on {self.file_system}, {self.flush_microseconds:.0f} µs a flush (pg_test_fsync)"
        )


@contextmanager
def durable() -> Iterator[Durable]:
    """A new server in a temporary folder on a disk, removed with the block. Raises `NoDisk` where there is none."""
    with Household() as household:
        folder = Path(tempfile.mkdtemp(prefix="milepost-bench-", dir=on_a_disk()))
        household.keep_clean(folder)
        cluster = make_cluster(folder / "postgres")
        flush = flush_microseconds(cluster.programs / "bin" / "pg_test_fsync", folder / "flush")
        cluster.start(household, settings=DURABLE)
        yield Durable(cluster, household, file_system_of(folder), flush)


def on_a_disk() -> Path:
    """The first folder for temporary files that lies on a disk."""
    for folder in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd()):
        if folder.is_dir() and file_system_of(folder) not in IN_MEMORY:
            return folder
    raise NoDisk("temporary files lie in memory: set TMPDIR to a folder on a disk")


def file_system_of(folder: Path) -> str:
    """The kind of file system that holds a folder, such as `ext4`; `unknown` where the kernel does not say."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    held = folder.resolve()
    found = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    above = [(point, kind) for point, kind in found if held.is_relative_to(point)]
    return max(above, key=lambda one: len(one[0]))[1] if above else "unknown"


def flush_microseconds(program: Path, file: Path) -> float:
    """What one flush of an 8 kB write takes, by PostgreSQL's own measurement with its default method."""
    told = subprocess.run([program, "-s", "1", "-f", file], capture_output=True, text=True, check=True).stdout
    file.unlink(missing_ok=True)
    found = re.search(r"fdatasync\s.*?([\d.]+) usecs/op", told)
    return float(found[1]) if found else float("nan")


def version(cluster: Cluster) -> str:
    """The version of the server, such as `18.6`."""
    program = cluster.programs / "bin" / "postgres"
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
