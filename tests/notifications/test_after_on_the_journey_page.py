"""What staff write down after the procedure, on the journey's page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pathway.actions.journeys import record
from pathway.models import CheckIn, Journey, JourneyEvent, Milestone, TherapyReferral, WorkItem
from patients.models import Clinic
from tests.builders import make_clinic
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def journey(clinic: Clinic) -> Journey:
    """A patient who went home yesterday; no follow-up is booked."""
    now = timezone.now()
    journey = journey_in(clinic, days=-1)
    record(journey=journey, key="procedure", at=now - timedelta(days=1), by=None, now=now - timedelta(days=1))
    record(journey=journey, key="discharge", at=now - timedelta(hours=23), by=None, now=now - timedelta(hours=23))
    CheckIn.objects.update(opens_at=now - timedelta(hours=3), due_at=now + timedelta(hours=3))
    return journey


def posted(client: Client, journey: Journey, what: str, **fields: str) -> str:
    answer = client.post(f"/journeys/{journey.pk}/{what}", fields, follow=True)
    return answer.content.decode()


def test_a_nurse_goes_through_the_check_in_by_phone(client: Client, clinic: Clinic, journey: Journey) -> None:
    nurse = sign_in(client, clinic)
    page = client.get(f"/journeys/{journey.pk}/").content.decode()
    assert "Go through it by phone" in page
    page = posted(client, journey, "check-in/day-1", fever="yes", pain="4")
    assert "Written down." in page
    assert "begun, 13 left" in page
    row = CheckIn.objects.get()
    assert row.answers == {"fever": "yes", "pain": "4"}
    assert WorkItem.objects.get(kind="warning-sign").journey == journey
    assert JourneyEvent.objects.get(kind="check-in").by == nurse


@pytest.mark.parametrize(
    ("fields", "problem"),
    [({"pain": "12"}, "Give a whole number from 0 to 10."), ({}, "Answer at least one question."),
     ({"fever": "perhaps"}, "Select a valid choice")],
)  # fmt: skip
def test_an_answer_that_is_none_is_said_at_its_field(
    client: Client, clinic: Clinic, journey: Journey, fields: dict[str, str], problem: str
) -> None:
    sign_in(client, clinic)
    answer = client.post(f"/journeys/{journey.pk}/check-in/day-1", fields)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert CheckIn.objects.get().answers == {}


def test_another_clinics_nurse_finds_nothing_to_change(client: Client, journey: Journey) -> None:
    sign_in(client, make_clinic())
    for what in ("check-in/day-1", "missed", "close-visit", "therapy", "task"):
        assert client.post(f"/journeys/{journey.pk}/{what}", {"pain": "4"}).status_code == 404


def test_a_missed_visit_is_written_down_and_asked_to_be_booked_again(
    client: Client, clinic: Clinic, journey: Journey
) -> None:
    sign_in(client, clinic)
    now = timezone.now()
    Milestone.objects.create(journey=journey, key="follow-up-weeks", at=now - timedelta(hours=1), status="booked")
    page = posted(client, journey, "missed", key="follow-up-weeks", why="ill")
    assert "Book it again: there is a task." in page
    assert WorkItem.objects.filter(kind="book-again").count() == 1
    assert "Missed" in page


def test_a_visit_is_closed_with_its_reason_and_the_last_one_completes_the_journey(
    client: Client, clinic: Clinic, journey: Journey
) -> None:
    sign_in(client, clinic)
    page = posted(client, journey, "close-visit", key="follow-up-weeks")
    assert "Say why. It stays in the history." in page
    posted(client, journey, "close-visit", key="follow-up-weeks", why="lives abroad")
    posted(client, journey, "close-visit", key="follow-up-6-weeks", why="lives abroad")
    journey.refresh_from_db()
    assert journey.state == "completed"
    assert not WorkItem.objects.exclude(state="resolved").exists()


def test_physical_therapy_is_written_down_with_who_and_when(client: Client, clinic: Clinic, journey: Journey) -> None:
    nurse = sign_in(client, clinic)
    assert "Choose yes or no." in posted(client, journey, "therapy")
    page = posted(client, journey, "therapy", referred="no", first_visit_date="2027-06-01")
    assert "Take the day away" in page
    posted(client, journey, "therapy", referred="yes", first_visit_date="2027-06-01")
    referral = TherapyReferral.objects.get()
    assert (referral.is_referred, referral.decided_by) == (True, nurse)
    posted(client, journey, "therapy", referred="no")
    referral.refresh_from_db()
    assert (referral.is_referred, referral.first_visit_date) == (False, None)
    assert JourneyEvent.objects.filter(kind="therapy-referral").count() == 2


def test_a_task_is_written_down_by_hand_once(client: Client, clinic: Clinic, journey: Journey) -> None:
    nurse = sign_in(client, clinic)
    local = (timezone.now() + timedelta(days=1)).astimezone(clinic.tz)
    fields = {"kind": "ask-clinician", "why": "May she swim?", "day": f"{local:%Y-%m-%d}", "clock": f"{local:%H:%M}"}
    page = posted(client, journey, "task", **fields)
    assert "It is in everybody" in page
    posted(client, journey, "task", **fields)
    item = WorkItem.objects.get(kind="ask-clinician")
    assert (item.why, item.state) == ("May she swim?", "open")
    assert JourneyEvent.objects.get(kind="work-item-opened").by == nurse
    for missing, problem in (("why", "Say what is to be done"), ("day", "Enter the day"), ("clock", "Enter the time")):
        assert problem in posted(client, journey, "task", **{**fields, missing: ""})
    assert "This time has passed" in posted(client, journey, "task", **{**fields, "day": "2020-01-01"})
