"""As much of HTTP/1.1 as the provider needs, on asyncio: several thousand requests a second from one process."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


@dataclass(frozen=True)
class Request:
    """One request, with its query and form read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What to write back: `times` over, `cut` off in the middle, or nothing: `silent` waits, `drop` hangs up."""

    status: int = 200
    found: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    cut: bool = False
    silent: bool = False
    drop: bool = False

    def written(self) -> bytes:
        """The bytes of the answer, once."""
        body = json.dumps(self.found).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(body)), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        if self.cut:
            body = body[: len(body) // 2]
        return f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Other')}\r\n{lines}\r\n".encode() + body


Handle = Callable[[Request], Awaitable[Answer]]


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other, each answered before the next is read."""

    def __init__(self, handle: Handle, open_connections: set["Connection"]) -> None:
        self.handle, self.open_connections = handle, open_connections
        self.buffer = b""
        self.gone = asyncio.Event()
        self.answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.open_connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.open_connections.discard(self)
        self.gone.set()  # what was begun goes on: a provider takes a message whose sender died meanwhile

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.answering is None:
            self.next_request()

    def next_request(self) -> None:
        """Begin to answer the next whole request in the buffer, if there is one."""
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        method, target, _ = first.split(" ")
        parts = urlsplit(target)
        form = dict(parse_qsl(rest[:length].decode(), keep_blank_values=True))
        request = Request(method, parts.path, dict(parse_qsl(parts.query)), headers, form)
        self.answering = asyncio.get_running_loop().create_task(self.answer(request))

    async def answer(self, request: Request) -> None:
        answer = await self.handle(request)
        if answer.silent:
            await self.gone.wait()  # until the client gives up, or the server ends
        if self.gone.is_set():
            return
        if not answer.drop:
            self.transport.write(answer.written() * answer.times)
        if answer.drop or answer.cut:
            self.transport.close()
        self.answering = None
        self.next_request()


async def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
    """Post a form to an address of this machine; the answer's status. Raises `OSError` when there is none."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise OSError("the simulated provider calls nobody but this machine")
    body = urlencode(form).encode()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = {
            "Host": parts.netloc,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        first = await asyncio.wait_for(reader.readline(), timeout=15)
        if not first:
            raise OSError("the connection ended without an answer")
        return int(first.split(b" ")[1])
    finally:
        writer.close()
