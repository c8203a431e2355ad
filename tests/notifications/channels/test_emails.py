"""Emails: what each reply of a mail server, and of a provider's API, is taken for."""

import json
import logging
import threading
import time

import pytest

from notifications.channels import email as email_module
from notifications.channels.accounts import Account
from notifications.channels.base import ChannelError, LookUp, NoAnswer, Receipt, Refusal
from notifications.channels.email import CONCURRENCY, smtp
from tests.builders import NOW
from tests.notifications.channels.letters import emails, envelope, sought
from tests.provider.mail import MailServer

pytestmark = pytest.mark.django_db

MAILGUN = "anymail.backends.mailgun.EmailBackend"


def test_an_email_is_handed_over_with_our_id_in_its_name(mail_server: MailServer):
    one = envelope("email", subject="A message\r\nfrom your clinic", body="Oak Clinic: ¿Se siente bien hoy?")
    assert emails(mail_server.url).send(one) == Receipt(NOW)
    (taken,) = mail_server.taken
    assert taken["Message-ID"] == f"<{one.reference}@oak.example>"
    assert (taken["From"], taken["To"]) == ("Oak Clinic <care@oak.example>", one.address)
    assert taken["Subject"] == "A message from your clinic"
    assert taken.get_content().strip() == one.body


@pytest.mark.parametrize(
    ("address", "one_click"),
    [("https://care.example/stop/0af3.x_-y", "List-Unsubscribe=One-Click"), ("http://127.0.0.1/stop/0af3.x", None)],
)
def test_a_mail_program_is_told_where_one_click_stops_the_messages(mail_server: MailServer, address, one_click):
    emails(mail_server.url).send(envelope("email", unsubscribe=address))
    emails(mail_server.url).send(envelope("email"))
    offered, last = mail_server.taken
    assert offered["List-Unsubscribe"] == f"<{address}>"
    assert offered["List-Unsubscribe-Post"] == one_click, "only a link that is not carried in the open"
    assert "List-Unsubscribe" not in last, "the email that says that messages have stopped"


@pytest.mark.parametrize(
    ("step", "reply", "what", "permanent"),
    [
        ("rcpt", "550 5.1.1 no alma@patient.example here", Refusal.NO_SUCH_ADDRESS, True),
        ("rcpt", "550 no such user", Refusal.NO_SUCH_ADDRESS, True),
        ("rcpt", "552 5.2.2 mailbox full", Refusal.UNREACHABLE, True),
        ("rcpt", "550 5.7.1 not from you", Refusal.FILTERED, True),
        ("rcpt", "450 4.2.0 greylisted", Refusal.RATE_LIMITED, False),
        ("mail", "530 log in first", Refusal.ACCOUNT, False),
        ("mail", "421 too many", Refusal.RATE_LIMITED, False),
        ("end", "554 5.7.1 looks like spam", Refusal.FILTERED, True),
        ("end", "451 try again", Refusal.RATE_LIMITED, False),
        ("greeting", "554 go away", Refusal.DOWN, False),
        ("greeting", "drop", Refusal.DOWN, False),
    ],
)
def test_a_refusal_is_sorted_by_the_servers_reply(
    mail_server: MailServer, step: str, reply: str, what: Refusal, permanent: bool
):
    mail_server.scripted[step] = reply
    with pytest.raises(ChannelError) as refused:
        emails(mail_server.url).send(envelope("email"))
    assert (refused.value.what, refused.value.permanent) == (what, permanent)
    assert mail_server.taken == []
    assert "alma" not in str(refused.value)


@pytest.mark.parametrize("step", ["rcpt", "data", "end"])
@pytest.mark.parametrize("fault", ["drop", "silent"])
def test_a_connection_that_breaks_after_the_offer_proves_nothing(
    mail_server: MailServer, monkeypatch, step: str, fault: str
):
    monkeypatch.setattr(email_module, "STEP_SECONDS", 0.3)
    channel, one = emails(mail_server.url), envelope("email")
    mail_server.scripted[step] = fault
    with pytest.raises(NoAnswer):
        channel.send(one)
    assert channel.look_up(sought(one)) is LookUp.UNSUPPORTED


@pytest.mark.parametrize(("step", "ended"), [("greeting", ChannelError), ("rcpt", NoAnswer)])
def test_an_email_that_takes_too_long_is_given_up_on_whatever_the_server_does(
    mail_server: MailServer, monkeypatch, step: str, ended: type[Exception]
):
    monkeypatch.setattr(email_module, "WHOLE_SECONDS", 0.3)
    mail_server.scripted[step] = "silent"
    began = time.monotonic()
    with pytest.raises(ended):
        emails(mail_server.url).send(envelope("email"))
    assert time.monotonic() - began < 2
    mail_server.ended.set()
    assert mail_server.taken == []


def test_an_email_that_was_given_up_before_its_offer_is_not_offered_later(mail_server: MailServer, monkeypatch):
    monkeypatch.setattr(email_module, "WHOLE_SECONDS", 0.0)
    channel, busy = emails(mail_server.url), threading.Event()
    for _ in range(2 * CONCURRENCY):
        channel.threads.submit(busy.wait)
    with pytest.raises(ChannelError) as refused:
        channel.send(envelope("email"))
    assert refused.value.what is Refusal.DOWN
    busy.set()
    channel.threads.shutdown()
    assert mail_server.taken == []


def test_the_settings_of_a_mail_server_are_read_from_its_address():
    plain, at_once = smtp("smtp://care:p%40ss@mail.example.org")(), smtp("smtps://mail.example.org")()
    assert (plain.host, plain.port, plain.username, plain.password) == ("mail.example.org", 587, "care", "p@ss")
    assert (plain.use_tls, plain.use_ssl) == (True, False)
    assert (at_once.port, at_once.use_tls, at_once.use_ssl, at_once.username) == (465, False, True, "")


class Api:
    """A stand-in for the one request that Anymail makes."""

    def __init__(self, status: int, found: object) -> None:
        self.status, self.found, self.asked = status, found, {}

    def request(self, session, **asked):
        import requests

        self.asked = asked
        response = requests.Response()
        response.status_code, response._content = self.status, json.dumps(self.found).encode()
        return response


@pytest.fixture
def api(monkeypatch) -> Api:
    import requests

    api = Api(200, {"id": "<20270301@oak.example>", "message": "Queued. Thank you."})
    monkeypatch.setattr(requests.Session, "request", lambda session, **asked: api.request(session, **asked))
    return api


def mailgun(key: str = "key-hush"):
    return emails(json.dumps({"MAILGUN_API_KEY": key, "MAILGUN_SENDER_DOMAIN": "oak.example"}), backend=MAILGUN)


def test_an_email_goes_out_through_a_providers_api_with_the_accounts_own_settings(api: Api):
    one = envelope("email", subject="A message from your clinic")
    assert mailgun().send(one) == Receipt(NOW, provider_reference="<20270301@oak.example>")
    assert api.asked["auth"] == ("api", "key-hush")
    assert "oak.example" in api.asked["url"]
    assert str(one.reference) in str(api.asked["data"])
    mailgun("another").send(one)
    assert api.asked["auth"] == ("api", "another")


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        (401, Refusal.ACCOUNT),
        (429, Refusal.RATE_LIMITED),
        (400, Refusal.OTHER),
        (500, None),
        (408, None),
    ],
)
def test_the_answer_of_a_providers_api_is_sorted(api: Api, status: int, ended: Refusal | None):
    api.status = status
    with pytest.raises(ChannelError if ended else NoAnswer) as answer:
        mailgun().send(envelope("email"))
    assert getattr(answer.value, "what", None) is ended


def test_a_providers_api_that_nobody_listens_at_is_certain(monkeypatch):
    settings = {"MAILGUN_API_KEY": "k", "MAILGUN_SENDER_DOMAIN": "d", "MAILGUN_API_URL": "http://127.0.0.1:9/v3"}
    with pytest.raises(ChannelError) as refused:
        emails(json.dumps(settings), backend=MAILGUN).send(envelope("email"))
    assert refused.value.what is Refusal.DOWN


def test_a_backend_without_its_settings_is_our_accounts_fault():
    with pytest.raises(ChannelError) as refused:
        emails("{}", backend=MAILGUN).send(envelope("email"))
    assert refused.value.what is Refusal.ACCOUNT


@pytest.mark.parametrize("reply", ["550 5.1.1 no alma@patient.example here", "250 queued", "drop"])
def test_neither_logs_nor_names_hold_address_words_or_password(mail_server: MailServer, caplog, reply: str):
    url = mail_server.url.replace("smtp://", "smtp://care:hush-hush@")
    account = Account(None, "email", "email", "", url, "care@oak.example", None)
    mail_server.scripted["end"] = reply
    told = ""
    with caplog.at_level(logging.DEBUG):
        try:
            emails(mail_server.url).send(envelope("email"))
        except (ChannelError, NoAnswer) as error:
            told = repr(error) + repr(error.__cause__)
    for secret in ("hush-hush", "alma", "hello"):
        assert secret not in caplog.text + told + repr(account) + emails(url).account
