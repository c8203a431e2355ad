"""What comes in, on every screen, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.models import Journey, WorkItem
from tests.browser.conftest import Check, sign_in
from tests.notifications.coming_back import says, text_from
from tests.pathway.questions import make_question

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visitor_writes_as_the_patient_and_sees_the_nurses_screens_change(
    page: Page, live_server, check: Check, full_clinic: Journey
) -> None:
    now = timezone.now()
    make_question(full_clinic.reminders.get(step="ride"), asked_at=now)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/outbox/{full_clinic.patient_id}/")
    for body in ("Yes, ok", "Where do I park? My son drives me.", "I have chest pain"):
        page.get_by_label("Reply as Alma Ruiz").fill(body)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("list", name="Messages")).to_contain_text(body)
    check("outbox-reply")
    page.locator(".phone").get_by_role("link", name="Alma Ruiz").click()
    for taken in ("Answer: has a ride", "Task to read it", "Words of danger: urgent task"):
        expect(page.get_by_text(taken)).to_be_visible()
    page.locator("summary", has_text="Patient wants no more texts").click()
    check("journey-incoming")
    page.get_by_role("button", name="Stop all messages").click()
    expect(page.get_by_text("stopped by the patient: call instead")).to_be_visible()
    check("journey-stopped")
    assert WorkItem.objects.filter(journey=full_clinic, kind="danger-words", priority=1).count() == 1


def test_unknown_numbers_are_found_from_today_and_settled(
    page: Page, live_server, check: Check, full_clinic: Journey
) -> None:
    clinics, now = [full_clinic.clinic_id], timezone.now()
    text_from(
        "+12025550666", "Is this the clinic? I have a fever since last night and nobody calls", clinics=clinics, now=now
    )
    text_from("+12025550667", "hola", clinics=clinics, now=now)
    says(full_clinic.patient, "fever", now=now)
    sign_in(page, live_server.url)
    check("today-incoming")
    page.get_by_role("link", name="2 messages from unknown numbers").click()
    check("unknown")
    first = page.get_by_role("list", name="Waiting").get_by_role("listitem").first
    expect(first).to_contain_text("Danger: fever")
    first.get_by_label("What came of it?").fill("Called back: a visitor, wrong clinic")
    first.get_by_role("button", name="Settled").click()
    expect(page.get_by_role("cell", name="Called back: a visitor, wrong clinic")).to_be_visible()
    check("unknown-settled")
