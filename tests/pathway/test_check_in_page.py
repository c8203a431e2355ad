"""The check-in on the patient's page: one question a screen, without a script, in their language."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pathway.actions.journeys import record
from pathway.actions.links import issue_link
from pathway.models import CheckIn, Journey, WorkItem
from patients.models import AuditEvent, Patient
from tests.builders import make_clinic
from tests.pathway.pages import journey_in

pytestmark = pytest.mark.django_db
BORN = {"month": "5", "day": "2", "year": "1948"}


@pytest.fixture
def journey() -> Journey:
    """A patient who went home yesterday."""
    now = timezone.now()
    journey = journey_in(make_clinic(), days=-1)
    record(journey=journey, key="procedure", at=now - timedelta(days=1), by=None, now=now - timedelta(days=1))
    record(journey=journey, key="discharge", at=now - timedelta(hours=23), by=None, now=now - timedelta(hours=23))
    CheckIn.objects.update(opens_at=now - timedelta(hours=3), due_at=now + timedelta(hours=3))
    return journey


@pytest.fixture
def address(journey: Journey) -> str:
    return f"/p/{issue_link(journey=journey, now=timezone.now())}"


@pytest.fixture
def inside(client: Client, address: str) -> Client:
    client.post(address, BORN)
    return client


def test_the_page_offers_the_questions_and_keeps_each_answer(inside: Client, address: str) -> None:
    page = inside.get(address).content.decode()
    assert f'href="{address}/check-in/day-1"' in page
    first = inside.get(f"{address}/check-in/day-1").content.decode()
    assert "Is a leg weak" in first
    assert "Question 1 of 15" in first

    answer = inside.post(f"{address}/check-in/day-1/weak-leg", {"answer": "no"})
    assert answer.headers["Location"] == f"{address}/check-in/day-1"
    assert CheckIn.objects.get().answers == {"weak-leg": "no"}
    assert "numb between your legs" in inside.get(f"{address}/check-in/day-1").content.decode()
    assert AuditEvent.objects.filter(verb="change", what="check-in day-1: weak-leg").count() == 1


def test_an_emergency_says_911_at_once_and_on_every_screen_after(inside: Client, address: str) -> None:
    answer = inside.post(f"{address}/check-in/day-1/numb", {"answer": "yes"}, follow=True)
    page = answer.content.decode()
    assert "Call 911 now" in page
    assert 'href="tel:911"' in page
    assert WorkItem.objects.get(kind="red-flag").journey == CheckIn.objects.get().journey
    assert "Call 911 now" in inside.get(f"{address}/check-in/day-1").content.decode()


def test_the_end_says_what_follows_and_what_is_normal(inside: Client, address: str) -> None:
    well = {"pain": "2", "eating": "yes", "next-visit": "yes", "usual": "yes", "fever": "yes"}
    for _ in range(15):
        page = inside.get(f"{address}/check-in/day-1")
        key = page.context["question"].key
        page = inside.post(f"{address}/check-in/day-1/{key}", {"answer": well.get(key, "no")}, follow=True)
    told = page.content.decode()
    assert "We will call you within one hour" in told
    assert "a bit sore is normal" in told
    assert "Answer the questions" not in inside.get(address).content.decode()


def test_what_is_no_answer_is_asked_again_with_the_reason(inside: Client, address: str) -> None:
    answer = inside.post(f"{address}/check-in/day-1/pain", {"answer": "12"})
    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.content.decode()
    assert CheckIn.objects.get().answers == {}
    assert inside.get(f"{address}/check-in/day-1/hat").status_code == 404


def test_an_answer_can_be_changed(inside: Client, address: str) -> None:
    inside.post(f"{address}/check-in/day-1/weak-leg", {"answer": "no"})
    page = inside.get(f"{address}/check-in/day-1/weak-leg").content.decode()
    assert "Your answer now" in page
    inside.post(f"{address}/check-in/day-1/weak-leg", {"answer": "yes"})
    assert CheckIn.objects.get().answers == {"weak-leg": "yes"}


def test_nobody_sees_or_answers_it_without_the_birth_date(client: Client, address: str) -> None:
    for page in ("day-1", "day-1/weak-leg", "day-1/911"):
        answer = client.get(f"{address}/check-in/{page}")
        assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert client.post(f"{address}/check-in/day-1/weak-leg", {"answer": "no"}).headers["Location"] == address
    assert CheckIn.objects.get().answers == {}
    assert client.get("/p/unknown/check-in/day-1").status_code == 404


def test_before_it_opens_and_after_it_closes_the_plan_is_shown_instead(inside: Client, address: str) -> None:
    now = timezone.now()
    CheckIn.objects.update(opens_at=now + timedelta(hours=1))
    assert inside.get(f"{address}/check-in/day-1").headers["Location"] == address
    CheckIn.objects.update(opens_at=now - timedelta(days=3), due_at=now - timedelta(days=2), closes_at=now)
    assert inside.get(f"{address}/check-in/day-1").headers["Location"] == address
    assert inside.get(f"{address}/check-in/other").headers["Location"] == address


def test_it_speaks_spanish(client: Client, address: str, journey: Journey) -> None:
    Patient.objects.filter(pk=journey.patient_id).update(language="es")
    client.post(address, BORN)
    page = client.get(f"{address}/check-in/day-1").content.decode()
    assert "¿Tiene débil una pierna" in page
    assert "Pregunta 1 de 15" in page
    assert ">Sí" in page
