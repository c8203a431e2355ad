"""Facts changed in the back office: every plan that follows from them is made again at once."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from pathway import admin as pathway_admin
from pathway.actions.journeys import cancel
from pathway.models import Journey, JourneyEvent, Reminder
from patients.models import Clinic, ContactPoint, Patient, Staff
from tests.builders import make_clinic, make_journey, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client: Client) -> Staff:
    """A superuser, signed in."""
    person = Staff.objects.create_superuser(username="support", password="pass-word-1")
    client.force_login(person)
    return person


def booked(patient: Patient) -> Journey:
    """A journey with a procedure in two weeks, counted from the clock that the back office reads, at 11:00 UTC-5."""
    now = timezone.now()
    procedure_at = (now + timedelta(days=14)).replace(hour=16, minute=0, second=0, microsecond=0)
    return make_journey(patient, procedure_at=procedure_at, now=now)


def save(client: Client, facts: Clinic | Patient, **typed: object) -> None:
    """Open the page of a record, change what is given and save it as a browser would."""
    address = f"/admin/patients/{facts._meta.model_name}/{facts.pk}/change/"
    context = client.get(address).context
    sent = dict(shown(context["adminform"].form))
    for inline in context["inline_admin_formsets"]:
        for form in (inline.formset.management_form, *inline.formset.initial_forms):
            sent |= dict(shown(form))
    answer = client.post(address, sent | typed)
    assert answer.status_code == 302, answer.context["errors"]


def shown(form):
    """The fields of a form as the page sends them; a date with a time is two fields."""
    for field in form:
        value = field.value()
        if hasattr(value, "isoformat") and hasattr(value, "hour") and hasattr(value, "date"):
            local = timezone.localtime(value)
            yield f"{field.html_name}_0", local.date().isoformat()
            yield f"{field.html_name}_1", local.time().isoformat()
        elif value is not None:
            yield field.html_name, value


def fast_from(journey: Journey) -> set[str]:
    """What the waiting reminders tell of the beginning of the fast."""
    waiting = Reminder.objects.filter(journey=journey, state="planned")
    return {row.says["fast_from"] for row in waiting if "fast_from" in row.says}


def test_a_longer_fast_changes_what_waiting_reminders_say_at_once(client: Client, support: Staff):
    clinic = make_clinic(zone="Etc/GMT+5")
    journey, elsewhere = booked(make_patient(clinic)), booked(make_patient(make_clinic(zone="Etc/GMT+5")))
    (before,) = fast_from(journey)
    assert before.endswith("T05:00")
    save(client, clinic, fasting="PT8H")
    assert fast_from(journey) == {before.replace("T05:00", "T03:00")}
    assert fast_from(elsewhere) == {before}
    event = JourneyEvent.objects.filter(journey=journey, kind="planned").latest("pk")
    assert event.by == support


def test_another_zone_of_the_patient_is_planned_at_once(client: Client, support: Staff):
    patient = make_patient(make_clinic(zone="Etc/GMT+5"))
    journey = booked(patient)
    (before,) = fast_from(journey)
    save(client, patient, zone="Etc/GMT+8")
    assert fast_from(journey) == {before.replace("T05:00", "T02:00")}


def test_contact_points_can_be_added_and_deleted_and_the_journey_is_planned_again(client: Client, support: Staff):
    patient = make_patient()
    journey = booked(patient)
    planned_at = journey.planned_at
    save(client, patient, **{"contacts-0-DELETE": "on"})
    assert not ContactPoint.objects.filter(patient=patient).exists()
    journey.refresh_from_db()
    assert journey.planned_at > planned_at
    planned_at = journey.planned_at
    typed = {"contacts-TOTAL_FORMS": "1", "contacts-0-kind": "sms", "contacts-0-rank": "1"}
    save(client, patient, **typed, **{"contacts-0-phone": "+12025550177"})
    assert ContactPoint.objects.get(patient=patient).phone.as_e164 == "+12025550177"
    journey.refresh_from_db()
    assert journey.planned_at > planned_at


def test_an_unchanged_page_plans_nothing_and_ended_journeys_stay_as_they_are(client: Client, support: Staff):
    clinic = make_clinic()
    going, ended = booked(make_patient(clinic)), booked(make_patient(clinic))
    cancel(journey=ended, reason="moved away", by=None, now=timezone.now())
    at = dict(Journey.objects.values_list("pk", "planned_at"))
    save(client, clinic)
    assert dict(Journey.objects.values_list("pk", "planned_at")) == at
    save(client, clinic, arrival_lead="PT2H")
    after = dict(Journey.objects.values_list("pk", "planned_at"))
    assert after[going.pk] > at[going.pk]
    assert after[ended.pk] == at[ended.pk]


def test_nothing_is_saved_when_a_journey_cannot_be_planned(client: Client, support: Staff, monkeypatch):
    clinic = make_clinic()
    booked(make_patient(clinic))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no plan")

    monkeypatch.setattr(pathway_admin, "replan", fail)
    with pytest.raises(RuntimeError):
        save(client, clinic, fasting="PT8H")
    clinic.refresh_from_db()
    assert clinic.fasting == timedelta(hours=6)


def test_a_zone_without_a_place_is_refused_on_the_page(client: Client, support: Staff):
    clinic = make_clinic()
    with pytest.raises(AssertionError, match="not a time zone"):
        save(client, clinic, zone="localtime")
    clinic.refresh_from_db()
    assert clinic.zone == "America/New_York"


def test_clinics_and_patients_have_the_back_office_pages_that_plan_again():
    for model in (Clinic, Patient):
        assert isinstance(admin.site.get_model_admin(model), pathway_admin.ReplanningAdmin)
