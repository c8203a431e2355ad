"""The provider's calls: signed, behind a proxy, forged, too large; and nothing told to whoever cannot sign."""

from uuid import uuid4

import pytest
from django.test import Client

from notifications.models import Message, StrayMessage
from notifications.webhooks.signature import is_signed, signature
from notifications.webhooks.twilio import NOT_KEPT
from pathway.models import Reminder
from patients.models import Clinic
from tests.builders import make_clinic, make_patient
from tests.notifications.coming_back import PUBLIC, SID, TOKEN, calls_back, make_sent, number_of
from tests.notifications.due import make_bare_journey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shared_account")]

EXAMPLE = {
    "CallSid": ["CA1234567890ABCDE"],
    "Caller": ["+14158675309"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
}


def status_path(message_id: object) -> str:
    return f"/hooks/twilio/status/{message_id}"


def test_the_providers_published_example_has_its_published_signature():
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(url=url, fields=EXAMPLE, token="12345") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url=url, fields=EXAMPLE, tokens=["old", "12345"])
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B9=", url=url, fields=EXAMPLE, tokens=["12345"])
    assert not is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url=url, fields=EXAMPLE, tokens=[])
    assert not is_signed("é", url=url, fields=EXAMPLE, tokens=["12345"])


def test_a_signed_receipt_is_believed(client: Client):
    message = make_sent()
    answer = calls_back(client, status_path(message.pk), MessageStatus="delivered", MessageSid="SM1")
    message.refresh_from_db()
    assert (answer.status_code, message.state, message.provider_reference) == (204, "delivered", "SM1")
    assert not answer.cookies


def test_a_replay_is_harmless(client: Client):
    message = make_sent()
    for _ in range(3):
        assert calls_back(client, status_path(message.pk), MessageStatus="delivered").status_code == 204
    assert Message.objects.get().state == "delivered"


def test_behind_a_proxy_the_public_address_counts(client: Client, settings):
    settings.PUBLIC_URL = "https://care.example/milepost"
    message = make_sent()
    path = status_path(message.pk)
    fields = {"AccountSid": SID, "MessageStatus": "delivered"}
    signed = signature(
        url=f"{settings.PUBLIC_URL}{path}?a=1", fields={name: [value] for name, value in fields.items()}, token=TOKEN
    )
    for named in ({"SCRIPT_NAME": "/inner"}, {"HTTP_HOST": "127.0.0.1"}):
        answer = client.post(f"{path}?a=1", fields, headers={"X-Twilio-Signature": signed}, **named)
        assert answer.status_code == 204
    assert Message.objects.get().state == "delivered"


@pytest.mark.parametrize("claimed", ["", "nonsense", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_a_forged_receipt_changes_nothing_and_learns_nothing(client: Client, claimed):
    message = make_sent()
    headers = {"X-Twilio-Signature": claimed} if claimed else {}
    fields = {"AccountSid": SID, "MessageStatus": "delivered"}
    known = client.post(status_path(message.pk), fields, headers=headers)
    unknown = client.post(status_path(uuid4()), fields, headers=headers)
    assert (known.status_code, unknown.status_code) == (403, 403)
    assert known.content == unknown.content
    assert Message.objects.get().state == "sent"


def test_a_signature_of_other_fields_or_another_address_is_refused(client: Client):
    message = make_sent()
    path = status_path(message.pk)
    signed = signature(url=f"{PUBLIC}{path}", fields={"AccountSid": [SID], "MessageStatus": ["sent"]}, token=TOKEN)
    headers = {"X-Twilio-Signature": signed}
    assert client.post(path, {"AccountSid": SID, "MessageStatus": "delivered"}, headers=headers).status_code == 403
    elsewhere = status_path(uuid4())
    assert client.post(elsewhere, {"AccountSid": SID, "MessageStatus": "sent"}, headers=headers).status_code == 403


def test_an_account_we_do_not_know_cannot_sign(client: Client):
    message = make_sent()
    answer = calls_back(client, status_path(message.pk), AccountSid="AC" + "1" * 32, MessageStatus="delivered")
    assert (answer.status_code, Message.objects.get().state) == (403, "sent")


def test_no_account_at_all_refuses_everything(client: Client, settings):
    settings.PROVIDERS = {}
    assert (
        calls_back(client, "/hooks/twilio/message", token="", MessageSid="SM1", From="+12025550100").status_code == 403
    )
    assert not StrayMessage.objects.exists()


def test_one_clinics_account_does_not_speak_for_anothers_message(client: Client, settings):
    message = make_sent()
    other = make_clinic()
    settings.PROVIDERS = {
        f"MILEPOST_TWILIO_ACCOUNT_SID_CLINIC_{other.pk}": SID,
        f"MILEPOST_TWILIO_AUTH_TOKEN_CLINIC_{other.pk}": TOKEN,
        f"MILEPOST_TWILIO_FROM_CLINIC_{other.pk}": "+12025550143",
    }
    assert calls_back(client, status_path(message.pk), MessageStatus="delivered").status_code == 204
    assert Message.objects.get().state == "sent"


def test_only_posts_of_a_reasonable_size_are_read(client: Client):
    assert client.get("/hooks/twilio/message").status_code == 405
    big = calls_back(client, "/hooks/twilio/message", MessageSid="SM1", From="+12025550100", Body="x" * 70_000)
    assert big.status_code == 413
    assert not StrayMessage.objects.exists()


def test_the_sites_own_csrf_check_does_not_stand_in_the_way(settings):
    strict = Client(enforce_csrf_checks=True)
    assert (
        calls_back(strict, "/hooks/twilio/message", MessageSid="SM1", From="+12025550100", Body="hi").status_code == 200
    )


def test_a_text_that_comes_in_is_kept_in_the_patients_conversation(client: Client):
    patient = make_bare_journey().patient
    answer = calls_back(
        client, "/hooks/twilio/message", MessageSid="SM9", From=number_of(patient), To="+12025550143", Body="when?\x00"
    )
    message = Message.objects.get()
    assert (message.incoming, message.body, message.provider_reference) == (True, "when?", "SM9")
    assert message.journey.patient == patient
    assert answer.content == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def test_a_picture_leaves_a_note_and_a_text_without_a_name_is_refused(client: Client):
    patient = make_bare_journey().patient
    calls_back(client, "/hooks/twilio/message", MessageSid="SM9", From=number_of(patient), Body="", NumMedia="2")
    assert Message.objects.get().body == NOT_KEPT
    assert calls_back(client, "/hooks/twilio/message", From=number_of(patient), Body="x").status_code == 400


@pytest.mark.parametrize(("own", "strays"), [(True, 1), (False, 0)])
def test_a_text_reaches_the_patients_of_the_clinics_whose_account_it_was_sent_to(client: Client, settings, own, strays):
    patient = make_bare_journey().patient
    clinic = make_clinic() if own else Clinic.objects.get()
    settings.PROVIDERS |= {f"MILEPOST_TWILIO_FROM_CLINIC_{clinic.pk}": "+12025550999"}
    calls_back(client, "/hooks/twilio/message", MessageSid="SM1", From=number_of(patient), To="+12025550999", Body="hi")
    assert StrayMessage.objects.count() == strays
    if own:
        assert StrayMessage.objects.get().clinic == clinic


def test_the_same_number_at_two_clinics_is_told_apart_by_where_it_wrote_to(client: Client, settings):
    first = make_bare_journey(make_patient(phone="+12025550101")).patient
    second = make_bare_journey(make_patient(phone="+12025550101")).patient
    settings.PROVIDERS |= {f"MILEPOST_TWILIO_FROM_CLINIC_{second.clinic_id}": "+12025550999"}
    for sent_to in ("+12025550999", "+12025550143"):
        calls_back(client, "/hooks/twilio/message", MessageSid=sent_to, From="+12025550101", To=sent_to, Body="hello")
    told = dict(Message.objects.values_list("provider_reference", "journey__patient"))
    assert told == {"+12025550999": second.pk, "+12025550143": first.pk}
    assert not Reminder.objects.exists()
