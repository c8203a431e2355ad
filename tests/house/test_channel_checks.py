"""A channel that is set in part is an error that names what is missing and how to mend it."""

import socket
from pathlib import Path

import pytest
from django.core.checks import Error

from config.channel_checks import environment_is_whole, rows_are_whole
from config.demo_site import DemoSite, Folder
from config.processes import Household
from tests.house.test_checks import NEEDED, STARTS, run
from tests.notifications.channels.test_accounts import SMTP, TWILIO, make_row

NOT_PRODUCTION = {"MILEPOST_PRODUCTION": ""}


def told(found) -> list[tuple[str, str]]:
    """The id and the first word of each finding."""
    return [(one.id, one.msg.split(" ")[0]) for one in found]


@pytest.mark.parametrize("missing", TWILIO)
def test_manage_py_check_names_the_variable_and_how_to_mend_it(missing: str):
    ended = run(
        STARTS["manage.py check"],
        {**NOT_PRODUCTION, **{name: value for name, value in TWILIO.items() if name != missing}},
    )
    assert ended.returncode != 0
    assert f"(config.E010) {missing} is not set, so no texts" in ended.stderr
    assert "HINT: Set it to" in ended.stderr
    assert "hush" not in ended.stderr


@pytest.mark.parametrize("start", ["gunicorn", "celery worker"])
def test_production_does_not_start_with_a_channel_set_in_part(start: str):
    ended = run(STARTS[start], {**NEEDED, "MILEPOST_EMAIL_FROM": "care@oak.example"})
    assert ended.returncode != 0
    assert "MILEPOST_EMAIL_URL is not set, so no emails go out." in ended.stdout + ended.stderr


def test_whole_accounts_are_no_finding(settings):
    settings.PROVIDERS, settings.CHANNELS = {**TWILIO, **SMTP}, {}
    settings.PUBLIC_URL = "https://milepost.example.org"
    assert environment_is_whole(None) == []


def test_backends_and_classes_that_do_not_exist_are_errors(settings):
    settings.PROVIDERS = {"MILEPOST_EMAIL_BACKEND": "nowhere.Backend", "MILEPOST_EMAIL_FROM": "care@oak.example"}
    settings.CHANNELS = {"sms": "nowhere.Channel"}
    found = [one for one in environment_is_whole(None) if isinstance(one, Error)]
    assert told(found) == [("config.E010", "MILEPOST_EMAIL_BACKEND"), ("config.E011", "MILEPOST_SMS")]


MAILGUN = {
    "MILEPOST_EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend",
    "MILEPOST_EMAIL_FROM": "care@oak.example",
}


@pytest.mark.parametrize(
    ("environ", "id", "words"),
    [
        (
            {"MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "a:b"}'},
            "config.E010",
            "MILEPOST_ANYMAIL lacks a sound MAILGUN_API_KEY",
        ),
        (
            {
                "MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "a:b"}',
                "MILEPOST_EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
            },
            "config.E010",
            "MILEPOST_ANYMAIL lacks a sound POSTMARK_SERVER_TOKEN",
        ),
        (
            {"MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "abc", "MAILGUN_API_KEY": "x"}'},
            "config.E012",
            "MILEPOST_ANYMAIL has a WEBHOOK_SECRET that is no name and password with a colon",
        ),
        (
            {
                "MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "a:b", "MAILGUN_API_KEY": "x"}',
                "MILEPOST_EMAIL_BACKEND": "anymail.backends.mailgun",
            },
            "config.E010",
            "MILEPOST_EMAIL_BACKEND",
        ),
        (
            {"MILEPOST_EMAIL_BACKEND": "django.core.mail.EmailMessage"},
            "config.E010",
            "MILEPOST_EMAIL_BACKEND is no Django email backend",
        ),
    ],
)
def test_an_email_account_that_could_not_be_used_is_an_error_that_names_the_variable(settings, environ, id, words):
    settings.PROVIDERS = {**MAILGUN, **environ}
    found = [one for one in environment_is_whole(None) if isinstance(one, Error)]
    assert [one.id for one in found] == [id]
    assert found[0].msg.startswith(words)
    assert found[0].hint


def test_an_email_account_that_is_whole_is_no_error(settings):
    settings.PROVIDERS = {**MAILGUN, "MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "a:b", "MAILGUN_API_KEY": "x"}'}
    assert not [one for one in environment_is_whole(None) if isinstance(one, Error)]


def test_a_class_that_is_no_channel_is_an_error(settings):
    settings.PROVIDERS, settings.CHANNELS = {}, {"sms": "collections.OrderedDict"}
    assert told(environment_is_whole(None)) == [("config.E011", "MILEPOST_SMS")]


@pytest.mark.django_db
def test_events_of_an_account_that_is_set_in_part_are_not_found_and_no_error_of_ours(client, settings):
    settings.PROVIDERS = {**MAILGUN, "MILEPOST_ANYMAIL": '{"WEBHOOK_SECRET": "a:b"}'}
    assert client.post("/hooks/email", b"{}", content_type="application/json").status_code == 404


def test_what_nothing_carries_once_something_is_carried_is_warned_of(settings):
    settings.CHANNELS = {}
    settings.PROVIDERS = SMTP
    assert [one.msg.partition(":")[0] for one in environment_is_whole(None)] == [
        "Nothing carries texts",
        "Nothing carries calls",
    ]
    settings.PROVIDERS = {}
    assert environment_is_whole(None) == []


def test_an_address_that_the_provider_may_not_reach_is_warned_of(settings):
    settings.PROVIDERS, settings.CHANNELS = {**TWILIO, **SMTP}, {}
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert told(environment_is_whole(None)) == [("config.W011", "MILEPOST_PUBLIC_URL")]


def test_production_with_an_account_and_no_https_address_does_not_start():
    ended = run(STARTS["manage.py check"], {**NEEDED, **TWILIO, "MILEPOST_PUBLIC_URL": "http://milepost.example.org"})
    assert ended.returncode != 0
    assert "(config.E005) MILEPOST_PUBLIC_URL" in ended.stderr


@pytest.mark.django_db
def test_a_row_set_in_part_is_an_error_where_the_database_may_be_asked(settings):
    settings.PROVIDERS = {}
    row = make_row(account="")
    make_row(kind="email", provider="email", account="nowhere.Backend", secret="{}", sender="care@oak.example")
    assert rows_are_whole(None) == []
    found = rows_are_whole(None, databases=["default"])
    assert [one.id for one in found] == ["config.E010", "config.E010"]
    assert row.clinic.name in found[0].msg
    assert "is not set, so no texts go out." in found[0].msg
    assert "cannot be imported, so no emails go out." in found[1].msg


def test_the_demo_sees_no_account_and_so_writes_to_no_real_phone(monkeypatch, tmp_path: Path):
    for name, value in {
        **TWILIO,
        **SMTP,
        "MILEPOST_TWILIO_FROM_CLINIC_1": "+12025550112",
        "MILEPOST_SMS": "a.B",
    }.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as door, Household() as household:
        door.bind(("127.0.0.1", 0))
        environ = DemoSite(household, Folder(tmp_path), door).environ
    kept = {name for name in environ if name.startswith("MILEPOST_")}
    assert not kept & {*TWILIO, *SMTP, "MILEPOST_TWILIO_FROM_CLINIC_1", "MILEPOST_SMS"}
