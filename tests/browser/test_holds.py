"""A journey's medicines on the staff's screens, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.actions.medicines import change_medicine
from pathway.models import Journey, MedicationHold
from patients.actions.keep_medicines import ToldMedicine
from patients.models import Staff
from tests.browser.conftest import Check, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_prescriber_reads_both_dangers_and_signs(
    page: Page, live_server, check: Check, complaints: list[str], full_clinic: Journey
) -> None:
    now = timezone.now()
    nurse = Staff.objects.get(username="dana")
    nurse.memberships.update(role="prescriber")
    for told in (
        ToldMedicine("Jardiance", dose="10 mg", schedule="once a day"),
        ToldMedicine("Plavix", dose="75 mg", indication="a stent", has_stent=True),
        ToldMedicine("metformin", dose="500 mg"),
        ToldMedicine("devil's claw"),
    ):
        change_medicine(patient=full_clinic.patient, told=told, by=nurse, now=now - timedelta(hours=2))
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{full_clinic.pk}/")
    page.get_by_role("link", name="Medicines, results and signatures").click()
    expect(page.get_by_role("heading", name="Medicines", exact=True)).to_be_visible()
    check("holds")
    card = page.locator("article", has=page.get_by_role("heading", name="empagliflozin"))
    card.locator("summary", has_text="Sign").click()
    expect(card).to_contain_text("bleeding into the spine")
    card.get_by_role("button", name="Sign").click()
    expect(card).to_contain_text("Read both dangers, and say so.")
    assert "422" in complaints.pop()  # the browser's own word for an answer that is no 200
    check("holds-wrong")
    card.get_by_label("I have read both dangers.").check()
    card.get_by_role("button", name="Sign").click()
    expect(card).to_contain_text("Signed, not told yet")
    assert MedicationHold.objects.get(drug="empagliflozin").signed_by == nurse
    page.locator("summary", has_text="Add or change a medicine").click()
    check("holds-medicine")
