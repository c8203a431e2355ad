"""No test reaches out of this machine: every connection but to a loopback address or a unix socket is refused."""

import ipaddress
import os
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest


class OutwardConnectionError(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Whether `host`, a name or an address, is this machine, or a test server that the environment names."""
    name = host.decode() if isinstance(host, bytes) else str(host)
    named = {urlsplit(os.environ.get(key, "")).hostname for key in ("DATABASE_URL", "REDIS_URL")}
    if name in {"", "None", "localhost"} or name in named:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def guarded(connect: Callable, /) -> Callable:
    """`socket.connect` that looks at the address first."""

    def connect_locally(self: socket.socket, address: object) -> object:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_local(address[0]):  # type: ignore[index]
            raise OutwardConnectionError(f"tests may not connect to {address}")
        return connect(self, address)

    return connect_locally


def refuse_outward_connections(patch: pytest.MonkeyPatch) -> None:
    """Guard every socket of this process, and the look-up of names, which would already go out."""
    look_up = socket.getaddrinfo

    def look_up_locally(host: object, *args: object, **named: object) -> object:
        if not is_local(host):
            raise OutwardConnectionError(f"tests may not look up {host}")
        return look_up(host, *args, **named)  # type: ignore[arg-type]

    patch.setattr(socket, "getaddrinfo", look_up_locally)
    patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
