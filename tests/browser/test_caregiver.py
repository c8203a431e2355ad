"""The caregiver of a patient on the staff's screens, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from notifications.dispatcher import drain
from pathway.actions.copies import copy_to_caregivers
from pathway.models import Journey, Reminder
from patients.models import Caregiver
from tests.browser.conftest import Check, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_her_copies_stand_on_a_phone_of_her_own(page: Page, live_server, check: Check, full_clinic: Journey) -> None:
    now = timezone.now()
    noon = now.astimezone(full_clinic.clinic.tz).replace(hour=12)
    Caregiver.objects.update(consented_at=now - timedelta(days=2), language="es")
    told = full_clinic.reminders.filter(state="sent", useful_until__gt=max(now, noon))
    assert copy_to_caregivers(sent=list(told.values_list("pk", flat=True)), now=now)
    Reminder.objects.filter(origin="copy").update(run_at=noon)
    drain(clock=lambda: noon)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/outbox/")
    page.get_by_role("link", name="Maria Ruiz (daughter) Caregiver of Alma Ruiz").click()
    expect(page.get_by_role("list", name="Messages")).to_contain_text("Copia para quien ayuda")
    check("outbox-caregiver")


def test_a_nurse_adds_changes_and_removes_who_helps(
    page: Page, live_server, check: Check, complaints: list[str], full_clinic: Journey
) -> None:
    Caregiver.objects.all().delete()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{full_clinic.pk}/")
    card = page.locator("#caregiver")
    card.locator("summary", has_text="Add a caregiver").click()
    card.get_by_label("Name").fill("Maria Ruiz")
    card.get_by_label("Mobile number").fill("12")
    card.get_by_label("The patient agreed").check()
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("Enter a number such as (202) 555-0177.")
    assert "422" in complaints.pop()  # the browser's own word for an answer that is no 200
    check("caregiver-wrong")
    card.get_by_label("Mobile number").fill("(202) 555-0177")
    card.get_by_label("Relation to the patient").fill("daughter")
    card.get_by_label("How did the patient agree?").fill("on the phone")
    card.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("since")
    check("caregiver")
    card.locator("summary", has_text="Change").click()
    check("caregiver-change")
    card.get_by_role("button", name="Remove the caregiver").click()
    expect(card).to_contain_text("Nobody named.")
