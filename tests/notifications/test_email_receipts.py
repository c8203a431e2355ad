"""What an email provider tells of an email: checked and read by Anymail, believed as far as the account goes."""

import hashlib
import hmac
import json
from base64 import b64encode

import pytest
from django.core.checks import Error
from django.test import Client

from config.channel_checks import environment_is_whole
from notifications.channels.base import NoAnswer
from notifications.channels.outbox import OutboxChannel
from notifications.models import Message
from pathway.models import Reminder, WorkItem
from patients.models import ContactPoint, Patient
from tests.builders import NOW, make_clinic
from tests.notifications.channels.letters import emails, envelope
from tests.notifications.coming_back import make_caregiver, make_sent, state_of
from tests.notifications.due import ScriptedChannel, drain_at, make_due

pytestmark = pytest.mark.django_db

KEY, SECRET = "key-hush", "milepost:a-long-password"
MAILGUN = {"MAILGUN_API_KEY": KEY, "MAILGUN_SENDER_DOMAIN": "oak.example", "WEBHOOK_SECRET": SECRET}
POSTMARK = {"POSTMARK_SERVER_TOKEN": KEY, "WEBHOOK_SECRET": SECRET}


def by_anymail(esp: str, anymail: dict[str, str], suffix: str = "") -> dict[str, str]:
    """An account for emails in the environment."""
    return {
        f"MILEPOST_EMAIL_BACKEND{suffix}": f"anymail.backends.{esp}.EmailBackend",
        f"MILEPOST_ANYMAIL{suffix}": json.dumps(anymail),
        f"MILEPOST_EMAIL_FROM{suffix}": "care@oak.example",
    }


@pytest.fixture(autouse=True)
def account(settings) -> None:
    """One account at Mailgun that all clinics share, beside a way for texts."""
    settings.PROVIDERS = by_anymail("mailgun", MAILGUN)
    settings.CHANNELS = {"sms": "notifications.channels.outbox.OutboxChannel"}


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> None:
    """Providers call at `NOW`."""
    monkeypatch.setattr("notifications.webhooks.emails.timezone.now", lambda: NOW)


def make_email(**fields) -> Message:
    """An email about the ride that is out, to a patient who can also be texted."""
    message = make_sent(**fields)
    ContactPoint.objects.create(patient=message.journey.patient, kind="email", email="alma@patient.example", rank=2)
    Message.objects.update(channel="email", address="alma@patient.example", provider_reference="")
    message.refresh_from_db()
    return message


def shows(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}


def mailgun_tells(
    client: Client, message: Message, event: str, *, key: str = KEY, secret: str = SECRET, path="/hooks/email", **about
):
    """Mailgun posts one event about an email, with our id in it as we gave it."""
    token = f"{event}-{message.pk}"
    signed = hmac.new(key.encode(), f"1803913200{token}".encode(), hashlib.sha256).hexdigest()
    told = {
        "signature": {"timestamp": "1803913200", "token": token, "signature": signed},
        "event-data": {
            "event": event,
            "timestamp": 1803913200.0,
            "recipient": message.address,
            "message": {"headers": {"message-id": f"{message.pk}@oak.example"}},
            "user-variables": {"milepost_id": str(message.pk)},
            **about,
        },
    }
    answer = client.post(path, json.dumps(told), content_type="application/json", headers=shows(secret))
    message.refresh_from_db()
    return answer


def test_a_delivered_email_is_delivered_once_and_for_all(client: Client):
    message = make_email()
    assert mailgun_tells(client, message, "delivered").status_code == 200
    assert (message.state, message.delivered_at, state_of(message.reminder_id)) == ("delivered", NOW, "delivered")
    assert message.provider_reference == f"<{message.pk}@oak.example>"
    mailgun_tells(client, message, "failed", severity="permanent")
    assert message.state == "delivered", "a status never steps back"


def test_a_bounce_marks_the_address_and_goes_the_next_way(client: Client):
    message = make_email()
    mailgun_tells(client, message, "failed", severity="permanent", reason="bounce")
    assert (message.state, message.error) == ("failed", "bounced")
    dead = ContactPoint.objects.get(kind="email")
    assert (dead.undeliverable_at, dead.undeliverable_reason) == (NOW, "no such number or address")
    assert state_of(message.reminder_id) == "planned"
    assert drain_at(NOW).sent == 1
    assert Message.objects.exclude(pk=message.pk).get().channel == "sms"


def test_a_bounce_with_no_other_way_left_goes_to_a_person(client: Client):
    message = make_email()
    ContactPoint.objects.filter(kind="sms").delete()
    mailgun_tells(client, message, "failed", severity="permanent")
    assert state_of(message.reminder_id) == "failed"
    assert WorkItem.objects.get().kind == "failed-message"


def test_a_delay_is_no_bounce(client: Client):
    message = make_email()
    mailgun_tells(client, message, "failed", severity="temporary")
    assert (message.state, ContactPoint.objects.get(kind="email").undeliverable_at) == ("sent", None)


def test_a_rejection_for_the_words_leaves_the_address_alone(client: Client):
    message = make_email()
    mailgun_tells(client, message, "rejected", reject={"reason": "policy"})
    assert (message.state, message.error) == ("failed", "other")
    assert ContactPoint.objects.get(kind="email").undeliverable_at is None
    assert state_of(message.reminder_id) == "planned"


@pytest.mark.parametrize("event", ["complained", "unsubscribed"])
def test_a_complaint_and_an_unsubscription_are_a_stop_on_every_channel(client: Client, event):
    message = make_email()
    mailgun_tells(client, message, event)
    assert Patient.objects.get().stopped_at == NOW
    item = WorkItem.objects.get()
    assert item.kind == "call-instead"
    assert "unsubscribed from an email, or reported it as spam" in item.why


def test_a_caregivers_complaint_stops_only_the_copies(client: Client):
    message = make_email()
    caregiver = make_caregiver(message.journey.patient)
    Message.objects.update(recipient="caregiver", address=caregiver.phone.as_e164)
    mailgun_tells(client, message, "complained")
    caregiver.refresh_from_db()
    assert (caregiver.stopped_at, Patient.objects.get().stopped_at) == (NOW, None)


def test_an_email_of_which_nobody_knew_is_settled_by_the_id_it_carried(client: Client):
    reminder = make_due()
    drain_at(NOW, channels={"sms": ScriptedChannel(NoAnswer("timeout"))})
    Message.objects.update(channel="email")
    mailgun_tells(client, Message.objects.get(), "delivered")
    assert state_of(reminder.pk) == "delivered"


def test_without_the_id_the_message_id_of_our_own_making_will_do(client: Client):
    message = make_email()
    mailgun_tells(client, message, "delivered", **{"user-variables": {}})
    assert message.state == "delivered"


@pytest.mark.parametrize(
    ("key", "secret"), [("another", SECRET), (KEY, ""), (KEY, "milepost:guessed"), (KEY, "a-long-password")]
)
def test_who_cannot_prove_to_be_the_provider_changes_nothing(client: Client, key, secret):
    message = make_email()
    assert mailgun_tells(client, message, "delivered", key=key, secret=secret).status_code == 400
    assert message.state == "sent"


@pytest.mark.parametrize(
    "providers",
    [
        {},
        {"MILEPOST_EMAIL_URL": "smtp://mail.example", "MILEPOST_EMAIL_FROM": "care@oak.example"},
        by_anymail("mailgun", {"MAILGUN_API_KEY": KEY}),
    ],
    ids=["nothing", "a mail server", "no secret"],
)
def test_where_no_account_can_be_proven_there_is_no_such_address(client: Client, settings, providers):
    settings.PROVIDERS = providers
    message = make_email()
    assert mailgun_tells(client, message, "delivered").status_code == 404
    assert message.state == "sent"


def test_one_clinics_account_does_not_speak_for_anothers_email(client: Client, settings):
    message, other = make_email(), make_clinic()
    for clinic_id in (other.pk, message.journey.clinic_id):
        settings.PROVIDERS = by_anymail("mailgun", MAILGUN, f"_CLINIC_{clinic_id}")
        assert mailgun_tells(client, message, "delivered").status_code == 404, "it is not the shared one"
        assert mailgun_tells(client, message, "delivered", path=f"/hooks/email/{clinic_id}").status_code == 200
        assert message.state == ("delivered" if clinic_id == message.journey.clinic_id else "sent")


def test_a_text_is_none_of_an_email_providers_business(client: Client):
    message = make_sent()
    mailgun_tells(client, message, "failed", severity="permanent")
    assert message.state == "sent"


def test_a_provider_that_signs_nothing_is_known_by_the_secret(client: Client, settings):
    settings.PROVIDERS = by_anymail("postmark", POSTMARK)
    message = make_email()
    told = {
        "RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "TypeCode": 1, "MessageID": "883953f4",
        "Metadata": {"milepost_id": str(message.pk)}, "Email": message.address, "BouncedAt": "2027-03-01T15:00:00Z",
    }  # fmt: skip
    for secret, status, state in (("", 400, "sent"), (SECRET, 200, "failed")):
        answer = client.post("/hooks/email", told, content_type="application/json", headers=shows(secret))
        message.refresh_from_db()
        assert (answer.status_code, message.state) == (status, state)


def test_a_provider_may_ask_first_whether_the_address_is_there(client: Client):
    assert client.head("/hooks/email").status_code == 200
    assert client.get("/hooks/email").status_code == 405


def test_an_email_carries_our_id_for_the_provider_and_no_header_shows_it():
    channel = emails(json.dumps(MAILGUN), backend="anymail.backends.mailgun.EmailBackend")
    one = envelope("email")
    email = channel.email(one)
    assert email.metadata == {"milepost_id": str(one.reference)}
    assert "milepost_id" not in email.message().as_string()


def test_a_missing_secret_is_an_error_that_names_the_variable(settings):
    settings.CHANNELS = {}
    settings.PROVIDERS = by_anymail("postmark", {"POSTMARK_SERVER_TOKEN": KEY}, "_CLINIC_3")
    [error] = [one for one in environment_is_whole(None) if isinstance(one, Error)]
    assert (error.id, error.msg.partition(",")[0]) == ("config.E012", "MILEPOST_ANYMAIL_CLINIC_3 has no WEBHOOK_SECRET")
    assert '"WEBHOOK_SECRET": "a-name:a-long-password"' in error.hint
    settings.PROVIDERS = by_anymail("postmark", POSTMARK, "_CLINIC_3")
    assert [one for one in environment_is_whole(None) if isinstance(one, Error)] == []


def test_what_it_tells_twice_changes_nothing_the_second_time(client: Client):
    message = make_email()
    for _ in range(2):
        mailgun_tells(client, message, "failed", severity="permanent")
    drain_at(NOW, channels={"sms": OutboxChannel()})
    assert Reminder.objects.get().state == "sent"
    assert Message.objects.count() == 2
