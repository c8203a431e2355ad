"""The page of the procedure's day: each form with its problems at the field, and nobody else's patients."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pathway.actions.procedure_day import admit, arrive, end_procedure, start_procedure
from pathway.models import Escort, Journey, LastIntake, RecoveryScore
from patients.models import AuditEvent
from tests.builders import make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(client: Client):
    person = make_staff(make_clinic(zone="UTC"), "prescriber")
    client.force_login(person)
    return person


@pytest.fixture
def journey(nurse) -> Journey:
    """A procedure that is to begin soon on this day, whatever the time of day."""
    now = timezone.now()
    soon = now + timedelta(minutes=1)
    soon = soon if soon.date() == now.date() else now.replace(hour=23, minute=59)
    return make_journey(make_patient(nurse.clinics.get()), procedure_at=soon, now=now - timedelta(days=20))


def moment(**more: str) -> dict[str, str]:
    now = timezone.now()
    return {"day": f"{now:%Y-%m-%d}", "clock": f"{now:%H:%M:%S}", **more}


def post(client: Client, journey: Journey, what: str, data: dict[str, str]):
    return client.post(f"/journeys/{journey.pk}/day/{what}", data)


def in_recovery(journey: Journey, nurse) -> Journey:
    now = timezone.now().replace(second=0, microsecond=0)  # as the form has it
    arrive(journey=journey, at=now, by=nurse, now=now)
    admit(journey=journey, at=now, by=nurse, now=now, override="seen")
    start_procedure(journey=journey, at=now, by=nurse, now=now)
    return end_procedure(journey=journey, at=now, by=nurse, now=now)


def test_the_page_shows_each_check_with_its_reason_and_is_a_read_of_the_record(client, journey, nurse):
    page = client.get(f"/journeys/{journey.pk}/day/").content.decode()
    for said in ("Not recorded as arrived.", "Nobody has written down when the patient last ate.", "Consent signed"):
        assert said in page
    assert AuditEvent.objects.filter(patient=journey.patient, verb="read").count() == 1


def test_another_clinics_patient_is_not_found(client, nurse):
    other = make_journey(make_patient(make_clinic()))
    assert client.get(f"/journeys/{other.pk}/day/").status_code == 404
    for what in ("meal", "ready", "stage", "score/aldrete", "checklist", "escort", "stay"):
        assert post(client, other, what, {}).status_code == 404


def test_the_next_step_is_recorded_and_one_that_is_blocked_says_why_at_its_field(client, journey, nurse):
    assert post(client, journey, "stage", moment(key="arrived")).status_code == 302
    blocked = post(client, journey, "stage", moment(key="admitted"))
    assert blocked.status_code == 422
    problem = blocked.content.decode().split('id="stage_override_problem"')[1][:300]
    assert "Still missing: Fasting confirmed, Medicine holds confirmed" in problem
    assert post(client, journey, "stage", moment(key="admitted", override="seen by me")).status_code == 302
    journey.refresh_from_db()
    assert journey.state == "admitted"


def test_a_step_that_does_not_come_next_is_refused(client, journey, nurse):
    answer = post(client, journey, "stage", moment(key="discharged"))
    assert answer.status_code == 422
    assert 'id="stage_key_problem"' in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "field", "said"),
    [
        ({"ate_clock": "06:00"}, "meal_ate_day", "Enter both the day and the time"),
        ({"ate_day": "2027-01-05"}, "meal_ate_clock", "Enter both the day and the time"),
        ({"ate_day": "2020-01-05", "ate_clock": "06:00"}, "meal_food", "Choose what food it was"),
        ({"food": "light"}, "meal_ate_clock", "Enter when it was"),
        ({"ate_day": "2999-01-05", "ate_clock": "06:00", "food": "light"}, "meal_ate_clock", "still to come"),
        ({"nothing_since": "on"}, "meal_nothing_since", "Say when the food was"),
    ],
)
def test_a_last_meal_that_cannot_be_is_explained_at_its_field(client, journey, data, field, said):
    answer = post(client, journey, "meal", {"said_by": "patient", **data})
    assert answer.status_code == 422
    assert said in answer.content.decode().split(f'id="{field}_problem"')[1][:200]
    assert not LastIntake.objects.exists()


def test_nothing_to_drink_since_the_food_counts_from_the_food(client, journey):
    meal = {"ate_day": "2020-01-05", "ate_clock": "06:00", "food": "light", "nothing_since": "on", "said_by": "patient"}
    assert post(client, journey, "meal", meal).status_code == 302
    row = LastIntake.objects.get()
    assert row.drank_at == row.ate_at


def test_a_check_is_confirmed_by_name(client, journey, nurse):
    assert post(client, journey, "ready", {"check": "consent", "verdict": "yes"}).status_code == 302
    assert journey.readiness_marks.get().by == nurse
    wrong = post(client, journey, "ready", {"check": "arrived", "verdict": "yes"})
    assert 'id="ready_check_problem"' in wrong.content.decode(), "the arrival has a time of its own"


def test_scores_checklist_and_escort_are_kept_and_their_problems_stand_at_the_field(client, journey, nurse):
    in_recovery(journey, nurse)
    items = ("activity", "breathing", "circulation", "consciousness", "oxygen")
    lacking = post(client, journey, "score/aldrete", dict.fromkeys(items[:4], "2"))
    assert "Score oxygen saturation" in lacking.content.decode().split('id="aldrete_oxygen_problem"')[1][:200]
    assert post(client, journey, "score/aldrete", dict.fromkeys(items, "2")).status_code == 302
    assert RecoveryScore.objects.get().total == 10

    assert post(client, journey, "checklist", {"legs": "yes", "voided": "has voided"}).status_code == 302
    assert post(client, journey, "checklist", {"legs": "yes"}).status_code == 302
    assert journey.discharge_answers.count() == 2, "what has not changed is not written again"

    ride = {"name": "Uber", "phone": "(202) 555-0177"}
    refused = post(client, journey, "escort", ride).content.decode()
    assert "driver of a ride service" in refused.split('id="escort_name_problem"')[1][:200]
    assert post(client, journey, "escort", ride | {"name": "Lucía Ruiz", "is_present": "on"}).status_code == 302
    assert not Escort.objects.get().is_adult_who_stays


def test_going_home_is_blocked_on_the_page_with_what_is_missing(client, journey, nurse):
    in_recovery(journey, nurse)
    blocked = post(client, journey, "stage", moment(key="discharged")).content.decode()
    assert "Still missing: Modified Aldrete" in blocked.split('id="stage_override_problem"')[1][:300]
    assert post(client, journey, "stage", moment(key="discharged", override="seen, well")).status_code == 302
    journey.refresh_from_db()
    assert journey.state == "discharged"


def test_a_night_in_hospital_needs_its_reason(client, journey, nurse):
    in_recovery(journey, nurse)
    wrong = post(client, journey, "stay", {"state": "transferred", "why": "weak leg"}).content.decode()
    assert "which hospital" in wrong.split('id="stay_where_problem"')[1][:200]
    assert post(client, journey, "stay", {"state": "staying", "why": "cannot pass water"}).status_code == 302
    journey.refresh_from_db()
    assert journey.state == "staying"
