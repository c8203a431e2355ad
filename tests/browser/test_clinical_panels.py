"""Candidacy, the insurer's word and outcome measures on the journey's page, in a real browser."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.actions.journeys import record
from pathway.actions.measurements import Entered, record_measurement
from pathway.models import Journey, Source
from patients.models import Role, Staff
from tests.browser.conftest import Check, sign_in
from tests.pathway.pages import journey_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_consult_is_taken_down_decided_and_its_measures_compared(
    page: Page, live_server, check: Check, complaints: list[str], full_clinic: Journey
) -> None:
    staff = Staff.objects.get(clinics=full_clinic.clinic, memberships__role=Role.NURSE)
    staff.memberships.update(role=Role.PRESCRIBER)
    journey = journey_in(full_clinic.clinic)
    now = timezone.now()
    for what, value, unit in (("walking", "246", "ft"), ("pain", "8", "points")):
        record_measurement(
            journey=journey, measure=what, entered=Entered(Decimal(value), unit), at=now - timedelta(days=5),
            occasion="consult", source=Source.STAFF, by=staff, now=now,
        )  # fmt: skip
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{journey.pk}/")
    card = page.locator("#candidacy")
    card.locator("summary", has_text="Record the answers").click()
    card.get_by_label("How thick is the ligamentum flavum").fill("250")
    card.get_by_label("physical therapy").check()
    card.get_by_role("button", name="Save the answers").click()
    expect(card).to_contain_text("check the digits and the unit")
    assert "422" in complaints.pop()  # the browser's own word for an answer that is no 200
    check("candidacy-wrong")
    card.get_by_label("How thick is the ligamentum flavum").fill("2.1")
    card.get_by_role("button", name="Save the answers").click()
    expect(card).to_contain_text("Ligamentum flavum 2.1 mm; 2.5 mm or more is needed.")
    card.locator("summary", has_text="Decide").click()
    card.get_by_label("Your decision").select_option("candidate")
    card.get_by_role("button", name="Save the decision").click()
    expect(card).to_contain_text("say why you decide otherwise")
    complaints.pop()
    check("candidacy-decide")
    card.get_by_label("Reason").fill("A second reading of the scan is 2.6 mm")
    card.get_by_role("button", name="Save the decision").click()
    expect(card).to_contain_text("A second reading of the scan")

    card = page.locator("#authorisation")
    card.locator("summary", has_text="Record it").click()
    card.get_by_label("How does it stand?").select_option("approved")
    card.get_by_label("Number of the approval").fill("PA-4711")
    card.get_by_label("Valid until").fill((now + timedelta(days=3)).date().isoformat())
    card.get_by_role("button", name="Save").click()
    expect(page.locator(".tasks")).to_contain_text("Approval ends too early")

    record(journey=journey, key="procedure", at=now - timedelta(hours=3), by=staff, now=now)
    page.reload()
    card = page.locator("#measures")
    card.locator("summary", has_text="Record a value").click()
    card.get_by_label("What", exact=True).select_option("pain:points")
    card.get_by_label("Value", exact=True).fill("3")
    card.get_by_role("button", name="Record the value").click()
    expect(card).to_contain_text("−5 points, important improvement")
    check("clinical")
