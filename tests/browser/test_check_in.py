"""The check-in in a real browser: the patient's screens, and the nurse's form."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.actions.journeys import record
from pathway.actions.links import issue_link
from pathway.models import CheckIn, Journey
from patients.models import Clinic
from tests.browser.conftest import PHONE, Check, sign_in
from tests.builders import make_clinic, make_staff
from tests.pathway.pages import journey_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALLEST = "Math.min(...[...document.querySelectorAll('main a, button')].map(e => e.getBoundingClientRect().height))"


@pytest.fixture
def clinic() -> Clinic:
    clinic = make_clinic(name="Oak Clinic")
    make_staff(clinic, username="dana")
    return clinic


@pytest.fixture
def journey(clinic: Clinic) -> Journey:
    """A patient who went home yesterday."""
    now = timezone.now()
    journey = journey_in(clinic, days=-1)
    record(journey=journey, key="procedure", at=now - timedelta(days=1), by=None, now=now - timedelta(days=1))
    record(journey=journey, key="discharge", at=now - timedelta(hours=23), by=None, now=now - timedelta(hours=23))
    CheckIn.objects.update(opens_at=now - timedelta(hours=3), due_at=now + timedelta(hours=3))
    return journey


def test_a_patient_answers_until_911_is_called_for(page: Page, live_server, check: Check, journey: Journey) -> None:
    page.goto(f"{live_server.url}/p/{issue_link(journey=journey, now=timezone.now())}")
    for label, value in (("Month", "5"), ("Day", "2"), ("Year", "1948")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Open my plan").click()
    check("check-in-offered")
    page.get_by_role("link", name="Answer the questions").click()
    expect(page.get_by_role("heading", name="Is a leg weak")).to_be_visible()
    page.set_viewport_size(PHONE)
    assert page.evaluate(SMALLEST) >= 44
    check("check-in-question")
    page.get_by_role("button", name="No").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", name="Call 911 now")).to_be_visible()
    check("check-in-911")
    page.get_by_role("link", name="Go on with the questions").click()
    for _ in range(3):
        page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("heading", name="How bad is your pain now?")).to_be_visible()
    page.set_viewport_size(PHONE)
    assert page.evaluate(SMALLEST) >= 44
    check("check-in-number")
    page.get_by_role("button", name="3", exact=True).click()
    while page.get_by_role("button", name="No", exact=True).count():
        page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    check("check-in-done")


def test_a_nurse_asks_the_questions_by_phone(
    page: Page, live_server, check: Check, complaints: list[str], journey: Journey
) -> None:
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{journey.pk}/")
    form = page.locator("#check-in-day-1")
    form.get_by_text("Go through it by phone").click()
    form.get_by_label("How bad is your pain").fill("11")
    form.get_by_role("button", name="Save answers").click()
    expect(form).to_contain_text("Give a whole number from 0 to 10.")
    assert "422" in complaints.pop()  # the browser's own word for an answer that is no 200
    check("phone-check-in")
    form.get_by_label("How bad is your pain").fill("9")
    form.get_by_label("Do you have a fever").select_option("Yes")
    form.get_by_role("button", name="Save answers").click()
    expect(page.locator("#tasks").locator("..")).to_contain_text("Warning sign")
    for part, summary in (("#follow-ups", "Visit not needed"), ("#new-task", "Write down a task")):
        page.locator(part).get_by_text(summary).click()
    check("after")
