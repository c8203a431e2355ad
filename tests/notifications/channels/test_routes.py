"""Which channel carries what: accounts, a clinic's own, and what happens while one is set in part."""

import logging

import pytest

from notifications.channels import configured_routes
from notifications.channels.base import ChannelError, Refusal
from notifications.channels.email import EmailChannel
from notifications.channels.outbox import OutboxChannel
from notifications.channels.sms import SmsChannel
from notifications.channels.unusable import UnusableChannel
from notifications.channels.voice import VoiceChannel
from notifications.models import ProviderAccount
from pathway.models import Reminder
from pathway.states import ReminderState
from tests.builders import NOW, make_clinic
from tests.notifications.channels.letters import envelope
from tests.notifications.channels.test_accounts import OTHER_SID, SMTP, TWILIO, make_row
from tests.notifications.due import drain_at, make_due
from tests.provider import SID, TOKEN, Provider

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_configured(settings):
    settings.PROVIDERS, settings.CHANNELS = {}, {}


def kinds_of_channels(clinic_id: int) -> dict[str, type]:
    routes = configured_routes()
    return {kind: type(routes.channel(kind, clinic_id)) for kind in sorted(routes.kinds(clinic_id))}


def test_with_nothing_configured_the_outbox_carries_everything():
    assert kinds_of_channels(1) == {"email": OutboxChannel, "sms": OutboxChannel, "voice": OutboxChannel}


def test_accounts_of_the_environment_carry_every_clinics_messages(settings):
    settings.PROVIDERS = {**TWILIO, **SMTP}
    assert kinds_of_channels(1) == {"email": EmailChannel, "sms": SmsChannel, "voice": VoiceChannel}


def test_the_outbox_catches_nothing_once_there_is_any_account(settings):
    settings.PROVIDERS = SMTP
    assert kinds_of_channels(1) == {"email": EmailChannel}


def test_a_clinics_own_account_carries_only_its_messages(settings):
    settings.PROVIDERS = TWILIO
    clinic = make_clinic()
    make_row(clinic)
    routes = configured_routes()
    own, shared = routes.channel("sms", clinic.pk), routes.channel("sms", clinic.pk + 1)
    assert own is not None
    assert shared is not None
    assert own.account == f"twilio/sms/{OTHER_SID}"
    assert shared.account != own.account
    assert routes.channel("voice", clinic.pk) is routes.channel("voice", clinic.pk + 1)


def test_a_class_that_the_settings_name_wins_over_every_account(settings):
    settings.PROVIDERS = TWILIO
    settings.CHANNELS = {"sms": "notifications.channels.outbox.OutboxChannel"}
    clinic = make_clinic()
    make_row(clinic)
    assert kinds_of_channels(clinic.pk) == {"sms": OutboxChannel, "voice": VoiceChannel}


def test_channels_are_kept_while_their_account_is_unchanged(settings, django_assert_num_queries):
    settings.PROVIDERS = TWILIO
    row = make_row()
    with django_assert_num_queries(1):
        before = configured_routes()
    ProviderAccount.objects.filter(pk=row.pk).update(sender="+12025550188")
    after = configured_routes()
    assert after.channel("voice", 0) is before.channel("voice", 0)
    assert after.channel("sms", 0) is before.channel("sms", 0)
    changed = after.channel("sms", row.clinic_id)
    assert changed is not before.channel("sms", row.clinic_id)
    assert isinstance(changed, SmsChannel)
    assert changed.sender == "+12025550188"


def test_an_account_set_in_part_sends_nothing_and_says_so_once(settings, caplog):
    settings.PROVIDERS = {name: value for name, value in TWILIO.items() if name != "MILEPOST_TWILIO_AUTH_TOKEN"}
    with caplog.at_level(logging.ERROR):
        assert kinds_of_channels(1) == {"sms": UnusableChannel, "voice": UnusableChannel}
        configured_routes()
    assert caplog.text.count("MILEPOST_TWILIO_AUTH_TOKEN is not set") == 1


def test_one_clinics_gap_is_not_filled_with_the_shared_account_and_stops_nobody_else(settings):
    settings.PROVIDERS = TWILIO
    clinic = make_clinic()
    make_row(clinic, account="")
    assert kinds_of_channels(clinic.pk) == {"sms": UnusableChannel, "voice": VoiceChannel}
    assert kinds_of_channels(clinic.pk + 1) == {"sms": SmsChannel, "voice": VoiceChannel}


def test_an_email_backend_that_does_not_exist_is_a_gap(settings, caplog):
    settings.PROVIDERS = {"MILEPOST_EMAIL_BACKEND": "nowhere.Backend", "MILEPOST_EMAIL_FROM": "care@oak.example"}
    with caplog.at_level(logging.ERROR):
        channel = configured_routes().channel("email", 1)
    assert "MILEPOST_EMAIL_BACKEND" in caplog.text
    assert channel is not None
    with pytest.raises(ChannelError) as refused:
        channel.send(envelope("email"))
    assert refused.value.what is Refusal.ACCOUNT


@pytest.mark.django_db(transaction=True)
def test_a_due_reminder_goes_out_through_the_configured_account(settings):
    with Provider(clock=lambda: NOW) as provider:
        settings.PROVIDERS = {
            **TWILIO,
            "MILEPOST_TWILIO_ACCOUNT_SID": SID,
            "MILEPOST_TWILIO_AUTH_TOKEN": TOKEN,
            "MILEPOST_TWILIO_URL": provider.url,
        }
        reminder = make_due()
        assert drain_at(NOW).sent == 1
        (taken,) = provider.ledger.taken()
    message = reminder.messages.get()
    assert (taken.reference, taken.to, taken.body) == (str(message.pk), message.address, message.body)
    assert message.provider_reference == taken.sid
    assert taken.validity == "36000"


@pytest.mark.django_db(transaction=True)
def test_a_reminder_waits_for_an_account_that_is_set_in_part(settings):
    settings.PROVIDERS = {"MILEPOST_TWILIO_FROM": "+12025550100"}
    reminder = make_due()
    assert drain_at(NOW).retried == 1
    kept = Reminder.objects.get(pk=reminder.pk)
    assert (kept.state, kept.reason) == (ReminderState.PLANNED, "Refused for now (not-configured).")
