"""The caregiver on the journey's page: added, changed, removed; and the consent with its words, who and when."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from pathway.actions.copies import copy_to_caregivers
from pathway.models import Journey, JourneyEvent, Reminder
from patients.models import AuditEvent, Caregiver, Staff
from tests.builders import make_clinic
from tests.notifications.coming_back import make_caregiver, number_of, text_from
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db

MARIA = {
    "name": "Maria Ruiz", "relation": "daughter", "phone": "(202) 555-0177", "language": "es", "agreed": "on",
    "source": "on the phone",
}  # fmt: skip


@pytest.fixture
def nurse(client: Client) -> Staff:
    return sign_in(client)


@pytest.fixture
def journey(nurse: Staff) -> Journey:
    return journey_in(nurse.clinics.get())


def save(client: Client, journey: Journey, **fields: str):
    """The form as it is sent, with Maria in it unless told otherwise; an empty value is a field left empty."""
    data = {name: value for name, value in {**MARIA, **fields}.items() if value}
    return client.post(f"/journeys/{journey.pk}/caregiver", data)


def the_caregiver() -> Caregiver:
    return Caregiver.objects.select_related("consent_by").get()


def changes() -> list[str]:
    return list(AuditEvent.objects.filter(verb="change").order_by("pk").values_list("what", flat=True))


def test_a_nurse_adds_who_helps_with_the_consent_in_words_who_and_when(client: Client, nurse: Staff, journey: Journey):
    before = timezone.now()
    assert save(client, journey).status_code == 302
    maria = the_caregiver()
    assert (str(maria), maria.phone.as_e164, maria.language) == ("Maria Ruiz (daughter)", "+12025550177", "es")
    assert before <= maria.consented_at <= timezone.now()
    assert (maria.consent_by, maria.consent_source) == (nurse, "on the phone")
    assert maria.consent_wording.startswith("I agree that Maria Ruiz (daughter) gets copies of the texts")
    assert changes() == ["caregiver: added, copies agreed to"]
    event = JourneyEvent.objects.get(kind="caregiver")
    assert (event.by, event.why) == (nurse, "Maria Ruiz (daughter): added, copies agreed to, on the phone")
    page = client.get(f"/journeys/{journey.pk}/").content.decode()
    assert '<span class="tag good">since' in page
    assert "Written down by" in page


def test_without_consent_she_is_named_and_gets_nothing(client: Client, journey: Journey):
    save(client, journey, agreed="", source="")
    assert (the_caregiver().consented_at, the_caregiver().consent_wording) == (None, "")
    assert changes() == ["caregiver: added"]
    assert "not agreed to yet" in client.get(f"/journeys/{journey.pk}/").content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"name": ""}, "name", "Enter the name."),
        ({"phone": "12"}, "phone", "Enter a number such as (202) 555-0177."),
        ({"phone": ""}, "phone", "Enter the number to which the copies go."),
        ({"source": ""}, "source", "Say how: on the phone, on a signed form."),
        ({"language": "tlh"}, "language", "Select a valid choice."),
    ],
)
def test_what_is_missing_is_said_at_its_field(client: Client, journey: Journey, fields, field, problem):
    answer = save(client, journey, **fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="caregiver_{field}_problem"' in page
    assert problem in page.split(f'id="caregiver_{field}_problem"')[1].split("</span>")[0]
    assert 'href="#caregiver">the form' in page
    assert not Caregiver.objects.exists()


def test_the_patients_own_number_is_not_the_caregivers(client: Client, journey: Journey):
    answer = save(client, journey, phone=number_of(journey.patient))
    assert "This is the patient&#x27;s own number" in answer.content.decode()


def test_saving_the_same_again_changes_nothing(client: Client, journey: Journey):
    save(client, journey)
    consented_at = the_caregiver().consented_at
    save(client, journey)
    assert the_caregiver().consented_at == consented_at
    assert len(changes()) == 1


def test_another_language_keeps_the_consent_as_it_was_given(client: Client, journey: Journey):
    save(client, journey)
    before = the_caregiver()
    save(client, journey, language="en")
    after = the_caregiver()
    assert (after.language, after.consented_at, after.pk) == ("en", before.consented_at, before.pk)
    assert changes()[1:] == ["caregiver: changed"]


@pytest.mark.parametrize("fields", [{"phone": "(202) 555-0188"}, {"name": "Lucy Ruiz"}])
def test_another_person_or_number_needs_the_consent_anew(client: Client, journey: Journey, fields):
    save(client, journey)
    before = the_caregiver()
    save(client, journey, **fields)
    after = the_caregiver()
    assert after.consented_at > before.consented_at
    assert str(after) in after.consent_wording
    assert changes()[1:] == ["caregiver: changed, copies agreed to"]


def test_consent_that_is_taken_back_is_gone_and_stands_in_the_history(client: Client, journey: Journey):
    save(client, journey)
    save(client, journey, agreed="")
    maria = the_caregiver()
    assert (maria.consented_at, maria.consent_wording, maria.consent_source, maria.consent_by) == (None, "", "", None)
    assert changes()[1:] == ["caregiver: copies not agreed to any more"]
    last = JourneyEvent.objects.filter(kind="caregiver").latest("pk")
    assert last.why == "Maria Ruiz (daughter): copies not agreed to any more"


def test_a_removed_caregiver_leaves_nothing_and_a_copy_that_waits_does_not_break_the_page(
    client: Client, journey: Journey
):
    now = timezone.now()
    make_caregiver(journey.patient, consented_at=now - timedelta(days=1))
    ride = journey.reminders.get(text="ride")
    Reminder.objects.filter(pk=ride.pk).update(state="sent", sent_at=now)
    assert copy_to_caregivers(sent=[ride.pk], now=now) == 1
    assert client.post(f"/journeys/{journey.pk}/caregiver/remove").status_code == 302
    assert not Caregiver.objects.exists()
    assert changes() == ["caregiver: removed"]
    page = client.get(f"/journeys/{journey.pk}/")
    assert page.status_code == 200
    assert "Nobody named." in page.content.decode()
    client.post(f"/journeys/{journey.pk}/caregiver/remove")
    assert len(changes()) == 1, "there was nobody any more"


@pytest.mark.parametrize(("body", "stopped"), [("STOP", True), ("START", False)])
def test_a_stop_outlives_the_removal_of_whoever_texted_it(client: Client, journey: Journey, body, stopped):
    save(client, journey)
    clinics = [journey.clinic_id]
    text_from("+12025550177", "STOP", clinics=clinics, now=timezone.now())
    text_from("+12025550177", body, clinics=clinics, now=timezone.now())
    client.post(f"/journeys/{journey.pk}/caregiver/remove")
    save(client, journey)
    assert (the_caregiver().stopped_at is not None) is stopped
    assert Message.objects.filter(recipient="caregiver").exists(), "what she wrote stays in the conversation"


def test_a_new_number_has_stopped_nothing(client: Client, journey: Journey):
    save(client, journey)
    Caregiver.objects.update(stopped_at=timezone.now())
    save(client, journey)
    assert the_caregiver().stopped_at is not None
    save(client, journey, phone="(202) 555-0188")
    assert the_caregiver().stopped_at is None


def test_nobody_else_may_change_it(client: Client, nurse: Staff):
    elsewhere = journey_in(make_clinic())
    assert save(client, elsewhere).status_code == 404
    assert client.post(f"/journeys/{elsewhere.pk}/caregiver/remove").status_code == 404
    assert client.get(f"/journeys/{elsewhere.pk}/caregiver").status_code == 405
    assert not AuditEvent.objects.exists()
