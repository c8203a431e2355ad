"""A clinic's own account, entered in the back office: checked as it is entered, its secret never shown again."""

import pytest
from django.test import Client

from notifications.models import ProviderAccount
from patients.models import Staff
from tests.builders import make_clinic
from tests.notifications.channels.test_accounts import OTHER_SID, make_row

pytestmark = pytest.mark.django_db
ADD = "/admin/notifications/provideraccount/add/"


@pytest.fixture
def support(client: Client) -> Client:
    """Somebody of support, signed in."""
    client.force_login(Staff.objects.create_superuser("root", password="pass-word-1"))
    return client


def entered(clinic, **fields) -> dict[str, str]:
    """What is typed into the form."""
    row = {"kind": "sms", "provider": "twilio", "account": OTHER_SID, "secret": "hush-hush", "sender": "+12025550199"}
    return {"clinic": str(clinic.pk), "is_active": "on", "per_second": "", **row, **fields}


def test_an_account_is_entered_and_its_secret_is_never_shown_again(support: Client):
    clinic = make_clinic()
    assert support.post(ADD, entered(clinic)).status_code == 302
    row = ProviderAccount.objects.get()
    assert (row.clinic, row.secret, row.per_second) == (clinic, "hush-hush", None)
    pages = ["", f"{row.pk}/change/", f"{row.pk}/history/", f"{row.pk}/delete/"]
    for page in pages:
        shown = support.get(f"/admin/notifications/provideraccount/{page}")
        assert shown.status_code == 200
        assert "hush-hush" not in shown.content.decode()


def test_an_empty_secret_leaves_the_old_one_and_a_new_one_replaces_it(support: Client):
    row = make_row()
    change = f"/admin/notifications/provideraccount/{row.pk}/change/"
    assert support.post(change, entered(row.clinic, secret="", sender="+12025550188")).status_code == 302
    row.refresh_from_db()
    assert (row.secret, row.sender) == ("hush too", "+12025550188")
    assert support.post(change, entered(row.clinic, secret="a new one")).status_code == 302
    row.refresh_from_db()
    assert row.secret == "a new one"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"account": "oak"}, "This is not an account SID."),
        ({"secret": ""}, "This is not set. Set it to the Auth Token"),
        ({"sender": "Oak"}, "This cannot send texts."),
        ({"kind": "email"}, "This carries no such messages."),
        ({"per_second": "0"}, "This is not a number above 0."),
        (
            {
                "kind": "email",
                "provider": "email",
                "account": "nowhere.Backend",
                "secret": "{}",
                "sender": "a@b.example",
            },
            "This cannot be imported.",
        ),
        (
            {"kind": "email", "provider": "email", "account": "", "sender": "a@b.example"},
            "This is not an SMTP address.",
        ),
    ],
)
def test_what_nothing_could_be_sent_with_is_refused_with_how_to_mend_it(support: Client, typed: dict, told: str):
    answer = support.post(ADD, entered(make_clinic(), **typed))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert "hush-hush" not in answer.content.decode()
    assert not ProviderAccount.objects.exists()
