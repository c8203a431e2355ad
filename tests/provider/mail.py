"""A mail server on loopback that can also refuse, say nothing, or hang up at any step."""

import email
import socketserver
import threading
from email.message import Message
from email.policy import default

STEPS = ("greeting", "hello", "mail", "rcpt", "data", "end")


class Session(socketserver.StreamRequestHandler):
    """One client: as much of SMTP as one email needs."""

    server: "Listener"

    def handle(self) -> None:
        replies = {"ehlo": "hello", "helo": "hello", "mail": "mail", "rcpt": "rcpt", "data": "data"}
        if not self.say("greeting", "220 mail.example"):
            return
        for line in self.rfile:
            word = line.strip()[:4].lower().decode("ascii", "replace")
            if word == "quit":
                self.wfile.write(b"221 bye\r\n")
                return
            step = replies.get(word, "")
            if not self.say(step, "354 go on" if step == "data" else "250 fine"):
                return
            if step == "data" and not self.take():
                return

    def take(self) -> bool:
        """Read one email, and keep it unless it is refused at its end."""
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        said = self.server.mail.scripted.get("end", "250 queued as 1")
        if said[0] not in "45":
            self.server.mail.taken.append(email.message_from_bytes(b"".join(lines), policy=default))
        return self.say("end", "250 queued as 1")

    def say(self, step: str, usual: str) -> bool:
        """Answer one step as scripted; false when the connection is to end."""
        reply = self.server.mail.scripted.pop(step, usual)
        if reply == "silent":
            self.server.mail.ended.wait(30)
        if reply in {"drop", "silent"}:
            return False
        self.wfile.write(f"{reply}\r\n".encode())
        return True


class Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mail: "MailServer"

    def handle_error(self, *about: object) -> None:
        """A client that went away is no error here."""


class MailServer:
    """Takes emails. `scripted`: by step, the reply to give once instead of the usual one, or "silent" or "drop"."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.scripted: dict[str, str] = {}
        self.ended = threading.Event()

    def __enter__(self) -> "MailServer":
        self.listener = Listener(("127.0.0.1", 0), Session)
        self.listener.mail = self
        self.url = f"smtp://127.0.0.1:{self.listener.server_address[1]}?tls=off"
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.listener.shutdown()
        self.listener.server_close()
