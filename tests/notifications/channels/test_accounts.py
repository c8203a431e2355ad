"""Accounts at providers: shared, a clinic's own, and set in part."""

import json

import pytest
from django.db import connection

from notifications.channels.accounts import Account, Gap, accounts_and_gaps, known_accounts
from notifications.models import ProviderAccount
from tests.builders import make_clinic

pytestmark = pytest.mark.django_db

SID, OTHER_SID = "AC" + "1" * 32, "AC" + "2" * 32
TWILIO = {
    "MILEPOST_TWILIO_ACCOUNT_SID": SID,
    "MILEPOST_TWILIO_AUTH_TOKEN": "hush",
    "MILEPOST_TWILIO_FROM": "+12025550100",
}
SMTP = {
    "MILEPOST_EMAIL_URL": "smtp://care:hush@mail.example.org:587",
    "MILEPOST_EMAIL_FROM": "Oak Clinic <care@oak.example.org>",
}


def gaps() -> list[Gap]:
    """What is set in part."""
    return [one for one in accounts_and_gaps() if isinstance(one, Gap)]


def make_row(clinic=None, **fields) -> ProviderAccount:
    """A clinic's own account for texts."""
    row = {"kind": "sms", "provider": "twilio", "account": OTHER_SID, "secret": "hush too", "sender": "+12025550199"}
    return ProviderAccount.objects.create(**{"clinic": clinic or make_clinic(), **row, **fields})


def test_with_nothing_set_there_is_no_account_and_no_gap(settings):
    settings.PROVIDERS = {}
    assert accounts_and_gaps() == []


def test_the_shared_account_carries_texts_and_calls(settings):
    settings.PROVIDERS = {**TWILIO, "MILEPOST_TWILIO_PER_SECOND": "12.5"}
    texts, calls = known_accounts()
    assert texts == Account(
        None, "sms", "twilio", SID, "hush", "+12025550100", per_second=12.5, url="https://api.twilio.com"
    )
    assert (calls.kind, calls.sender) == ("voice", "+12025550100")


def test_a_messaging_service_makes_no_calls_without_a_number_for_them(settings):
    service = "MG" + "a" * 32
    settings.PROVIDERS = {**TWILIO, "MILEPOST_TWILIO_FROM": service}
    assert [(one.kind, one.sender) for one in known_accounts()] == [("sms", service)]
    settings.PROVIDERS = {**settings.PROVIDERS, "MILEPOST_TWILIO_VOICE_FROM": "+12025550107"}
    assert [(one.kind, one.sender) for one in known_accounts()] == [("sms", service), ("voice", "+12025550107")]


def test_a_clinic_may_have_its_own_account_or_only_its_own_number(settings):
    own = {name + "_CLINIC_7": value for name, value in TWILIO.items()} | {
        "MILEPOST_TWILIO_ACCOUNT_SID_CLINIC_7": OTHER_SID
    }
    settings.PROVIDERS = {**TWILIO, **own, "MILEPOST_TWILIO_FROM_CLINIC_12": "+12025550112"}
    found = [(one.clinic_id, one.account, one.sender) for one in known_accounts() if one.kind == "sms"]
    assert found == [
        (None, SID, "+12025550100"),
        (7, OTHER_SID, "+12025550100"),
        (12, SID, "+12025550112"),
    ]


def test_emails_go_by_smtp_or_by_a_backend_with_its_settings(settings):
    settings.PROVIDERS = SMTP
    assert [(one.kind, one.account, one.secret) for one in known_accounts()] == [
        ("email", "", "smtp://care:hush@mail.example.org:587")
    ]
    backend = "anymail.backends.mailgun.EmailBackend"
    anymail = json.dumps({"MAILGUN_API_KEY": "hush"})
    settings.PROVIDERS = {
        "MILEPOST_EMAIL_BACKEND_CLINIC_3": backend,
        "MILEPOST_ANYMAIL_CLINIC_3": anymail,
        "MILEPOST_EMAIL_FROM_CLINIC_3": "care@oak.example.org",
    }
    assert [(one.clinic_id, one.account, one.secret) for one in known_accounts()] == [(3, backend, anymail)]


def test_a_row_of_the_database_wins_for_its_clinic_while_it_is_active(settings):
    clinic = make_clinic()
    settings.PROVIDERS = {**TWILIO, f"MILEPOST_TWILIO_FROM_CLINIC_{clinic.pk}": "+12025550112"}
    row = make_row(clinic, per_second=3)

    def theirs() -> dict[str, tuple[str, str, float | None]]:
        return {
            one.kind: (one.account, one.sender, one.per_second)
            for one in known_accounts()
            if one.clinic_id == clinic.pk
        }

    assert theirs() == {"sms": (OTHER_SID, "+12025550199", 3), "voice": (SID, "+12025550112", None)}
    ProviderAccount.objects.filter(pk=row.pk).update(is_active=False)
    assert theirs()["sms"] == (SID, "+12025550112", None)


@pytest.mark.parametrize("missing", TWILIO)
def test_what_is_missing_of_an_account_for_texts_is_named_and_nothing_is_half_used(settings, missing: str):
    settings.PROVIDERS = {name: value for name, value in TWILIO.items() if name != missing}
    assert known_accounts() == []
    assert {(gap.where, gap.fault) for gap in gaps()} == {(missing, "is not set")}


@pytest.mark.parametrize(
    ("environ", "where", "fault"),
    [
        ({**TWILIO, "MILEPOST_TWILIO_ACCOUNT_SID": "oak"}, "MILEPOST_TWILIO_ACCOUNT_SID", "is not an account SID"),
        ({**TWILIO, "MILEPOST_TWILIO_FROM": "Oak"}, "MILEPOST_TWILIO_FROM", "cannot send texts"),
        ({**TWILIO, "MILEPOST_TWILIO_VOICE_FROM": "Oak"}, "MILEPOST_TWILIO_VOICE_FROM", "cannot make calls"),
        ({**TWILIO, "MILEPOST_TWILIO_PER_SECOND": "ten"}, "MILEPOST_TWILIO_PER_SECOND", "is not a number above 0"),
        ({**TWILIO, "MILEPOST_TWILIO_PER_SECOND": "0"}, "MILEPOST_TWILIO_PER_SECOND", "is not a number above 0"),
        ({"MILEPOST_TWILIO_AUTH_TOKEN_CLINIC_4": "x"}, "MILEPOST_TWILIO_ACCOUNT_SID_CLINIC_4", "is not set"),
        ({"MILEPOST_TWILIO_FROM_CLINIC_4": "+12025550112"}, "MILEPOST_TWILIO_ACCOUNT_SID_CLINIC_4", "is not set"),
        ({"MILEPOST_EMAIL_FROM": "care@oak.example.org"}, "MILEPOST_EMAIL_URL", "is not set"),
        ({"MILEPOST_EMAIL_URL": SMTP["MILEPOST_EMAIL_URL"]}, "MILEPOST_EMAIL_FROM", "is not set"),
        ({**SMTP, "MILEPOST_EMAIL_URL": "mail.example.org:587"}, "MILEPOST_EMAIL_URL", "is not an SMTP address"),
        ({**SMTP, "MILEPOST_EMAIL_FROM": "Oak Clinic"}, "MILEPOST_EMAIL_FROM", "is not an email address"),
        ({**SMTP, "MILEPOST_EMAIL_BACKEND": "x.Y"}, "MILEPOST_EMAIL_URL", "is set beside a backend"),
        ({"MILEPOST_ANYMAIL": "{}", "MILEPOST_EMAIL_FROM": "a@b.example"}, "MILEPOST_EMAIL_BACKEND", "is not set"),
        (
            {"MILEPOST_EMAIL_BACKEND": "x.Y", "MILEPOST_ANYMAIL": "key", "MILEPOST_EMAIL_FROM": "a@b.example"},
            "MILEPOST_ANYMAIL",
            "is not a JSON object",
        ),
    ],
)
def test_what_is_wrong_with_an_account_is_named(settings, environ: dict[str, str], where: str, fault: str):
    settings.PROVIDERS = environ
    assert (where, fault) in {(gap.where, gap.fault) for gap in gaps()}
    assert all(gap.mend for gap in gaps())


def test_a_row_set_in_part_names_its_clinic_and_field_and_replaces_nothing_else(settings):
    clinic = make_clinic()
    settings.PROVIDERS = {**TWILIO, f"MILEPOST_TWILIO_FROM_CLINIC_{clinic.pk}": "+12025550112"}
    make_row(clinic, account="")
    assert [(gap.clinic_id, gap.kinds, gap.where) for gap in gaps()] == [
        (clinic.pk, ("sms",), f"The back office's account for Text message of {clinic.name}: account")
    ]
    assert [(one.clinic_id, one.kind) for one in known_accounts()] == [
        (None, "sms"),
        (None, "voice"),
        (clinic.pk, "voice"),
    ]


def test_the_secret_is_ciphertext_in_its_column_and_in_no_representation(settings):
    settings.PROVIDERS = {}
    make_row()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM notifications_provideraccount")
        (stored,) = cursor.fetchone()
    assert "hush too" not in stored
    assert stored.startswith("gAAAAA")
    (account,) = known_accounts()
    assert account.secret == "hush too"
    assert "hush" not in repr(account)


def test_a_secret_that_another_key_encrypted_is_a_gap(settings):
    settings.PROVIDERS = {}
    make_row()
    with connection.cursor() as cursor:  # as it looks after SECRET_KEY was changed: a token that our key does not open
        cursor.execute("UPDATE notifications_provideraccount SET secret = %s", ["gAAAAAB" + "x" * 90])
    assert known_accounts() == []
    assert [gap.fault for gap in gaps()] == ["cannot be decrypted"]
