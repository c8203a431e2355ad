"""A dispatcher's own address for its figures, for a machine that has no web process."""

import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

from django.db import connections

from notifications.metrics.exposition import CONTENT_TYPE

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
SLOWEST_READER = 10.0
"""Seconds after which whoever does not read on is dropped: they are answered one after the other."""


class Door(TCPServer):
    """Listens on loopback. Not `HTTPServer`, which would ask for the machine's full name first."""

    allow_reuse_address = True


def serve_figures(text: Callable[[], bytes], *, port: int) -> Door:
    """Answer `GET /metrics` on loopback with `text()` in a thread of its own, until `shutdown`. Raises `OSError`."""

    class Handler(BaseHTTPRequestHandler):
        timeout = SLOWEST_READER
        server_version = "milepost"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404)
                return
            try:
                body = text()
            except Exception as error:
                logger.error("the figures could not be told: %s", type(error).__name__)
                self.send_error(503)
                return
            finally:
                connections.close_all()  # this thread's own; it may be long until the next question
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: it is asked every few seconds."""

    door = Door((HOST, port), Handler)
    threading.Thread(target=door.serve_forever, name="figures", daemon=True).start()
    return door
