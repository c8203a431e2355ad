"""The simulated provider itself: what chaos runs and other tests rely on."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qsl
from urllib.request import urlopen

import pytest

from notifications.channels.base import ChannelError, NoAnswer
from notifications.channels.voice import VoiceChannel
from tests.builders import NOW
from tests.notifications.channels.letters import envelope, texts, twilio
from tests.provider import SID, TOKEN, Faults, Ledger, Provider, signature

ROOT = Path(__file__).resolve().parent.parent.parent


class Site:
    """Something that is called back: remembers each path and form, and whether it was signed."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, str], bool]] = []
        site = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                signed = self.headers["X-Twilio-Signature"] == signature(site.url + self.path, form, token=TOKEN)
                site.heard.append((self.path, form, signed))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *about: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Listener)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def statuses(self, count: int) -> list[str]:
        """The statuses heard, once there are `count` of them."""
        patience = monotonic() + 10
        while len(self.heard) < count and monotonic() < patience:
            sleep(0.01)
        sleep(0.05)
        return [form.get("MessageStatus") or form.get("CallStatus", "") for _, form, _ in self.heard]


@pytest.fixture
def site(settings) -> Iterator[Site]:
    site = Site()
    settings.PUBLIC_URL = site.url
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_the_signature_is_the_one_that_the_providers_documentation_works_out():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(url, form, token="12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("", ["sent", "delivered"]),
        ("doubled", ["sent", "sent", "delivered", "delivered"]),
        ("disordered", ["delivered", "sent"]),
        ("undelivered", ["sent", "undelivered"]),
        ("late", ["sent", "delivered"]),
    ],
)
def test_it_calls_back_signed_in_the_way_its_faults_say(site: Site, fault: str, statuses: list[str]):
    faults = Faults({fault: 1.0} if fault else {})
    with Provider(faults=faults, callbacks=True, callback_after=0.01) as provider:
        one = envelope()
        receipt = texts(provider.url).send(one)
        assert site.statuses(len(statuses)) == statuses
    for path, form, signed in site.heard:
        assert path == f"/hooks/twilio/status/{one.reference}"
        assert signed
        assert (form["MessageSid"], form["AccountSid"]) == (receipt.provider_reference, SID)
    assert ("ErrorCode" in site.heard[-1][1]) is (fault == "undelivered")


@pytest.mark.parametrize(("fault", "who"), [("", "human"), ("machine", "machine_start")])
def test_it_tells_signed_whether_a_person_or_a_machine_took_a_call(site: Site, fault: str, who: str):
    faults = Faults({fault: 1.0} if fault else {})
    with Provider(faults=faults, callbacks=True, callback_after=0.01) as provider:
        one = envelope("voice")
        VoiceChannel(twilio("voice", provider.url)).send(one)
        assert site.statuses(2) == ["", "completed"]
        (taken,) = provider.ledger.taken("voice")
        assert provider.answered_by(taken, "unknown") == 204
    assert [form.get("AnsweredBy") for _, form, _ in site.heard] == [who, None, "unknown"]
    assert {(path, signed) for path, _, signed in site.heard} == {(f"/hooks/twilio/status/{one.reference}", True)}


def test_keys_and_texts_that_come_in_are_posted_signed(site: Site):
    with Provider() as provider:
        one = envelope("voice")
        VoiceChannel(twilio("voice", provider.url)).send(one)
        (taken,) = provider.ledger.taken("voice")
        assert provider.press(taken, "2") == 204
        assert provider.report(taken, "completed") == 204
        hook = f"{site.url}/hooks/twilio/message"
        assert provider.text_in(hook, sender="+12025550101", to="+12025550100", body="C") == 204
    pressed, completed, text = site.heard
    assert pressed[0] == f"/hooks/twilio/voice/{one.reference}/key"
    assert pressed[1]["Digits"] == "2"
    assert completed[1]["CallStatus"] == "completed"
    assert (text[1]["From"], text[1]["Body"]) == ("+12025550101", "C")
    assert all(signed for _, _, signed in site.heard)


def test_the_same_seed_gives_the_same_messages_the_same_faults_in_any_order():
    faults = Faults.read("0.5")
    names = [str(number) for number in range(400)]
    met = {name: faults.of_offer(f"7/{name}/1") for name in names}
    assert {name: faults.of_offer(f"7/{name}/1") for name in reversed(names)} == met
    assert 140 < sum(bool(fault) for fault in met.values()) < 260
    assert met != {name: faults.of_offer(f"8/{name}/1") for name in names}
    with pytest.raises(ValueError, match="no such faults: nonsense"):
        Faults.read("nonsense=1")


def test_what_is_offered_twice_is_taken_twice_and_the_ledger_shows_it():
    with Provider(clock=lambda: NOW) as provider:
        one = envelope()
        for _ in range(2):
            texts(provider.url).send(one)
        assert provider.ledger.doubles() == {str(one.reference): 2}


def test_as_a_process_it_keeps_its_ledger_when_it_is_killed(tmp_path: Path):
    file = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "tests.provider", "--seed", "3", "--ledger", str(file)]

    def start() -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, process.stdout.readline().removeprefix("READY ").strip()

    process, url = start()
    first = envelope()
    texts(url).send(first)
    process.kill()
    process.wait()
    assert [one.reference for one in Ledger(file).taken()] == [str(first.reference)]
    process, url = start()
    try:
        texts(url).send(envelope())
        with urlopen(f"{url}/ledger") as answer:
            assert [one["reference"] for one in json.load(answer)][0] == str(first.reference)
        with urlopen(f"{url}/counts") as answer:
            assert json.load(answer)["taken"] == 2
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_every_fault_of_an_offer_is_seen_as_the_channel_sees_it(monkeypatch):
    monkeypatch.setattr("notifications.channels.twilio.ANSWER_SECONDS", 0.3)
    seen = {}
    for fault in ("busy", "error", "error-taken", "silent", "silent-taken", "drop", "drop-taken", "garbled-taken"):
        with Provider(faults=Faults({fault: 1.0})) as provider:
            with pytest.raises((ChannelError, NoAnswer)) as ended:
                texts(provider.url).send(envelope())
            seen[fault] = (type(ended.value), len(provider.ledger.taken()))
    assert seen == {
        fault: (ChannelError if fault == "busy" else NoAnswer, int(fault.endswith("-taken"))) for fault in seen
    }
