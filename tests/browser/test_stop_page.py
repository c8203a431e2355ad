"""The page behind the link in an email, in a real browser, with and without script."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from notifications.dispatcher import drain
from notifications.models import Message
from notifications.stop_links import stop_url
from pathway.models import Reminder
from patients.models import ContactPoint, Patient
from tests.browser.conftest import Check, sign_in
from tests.browser.test_check_in import SMALLEST
from tests.builders import make_clinic, make_staff
from tests.pathway.pages import journey_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make_emailed(language: str) -> Message:
    """An email about the ride to a patient of Oak Clinic who can only be reached so."""
    journey = journey_in(make_clinic(name="Oak Clinic"), days=9, language=language)
    ContactPoint.objects.update(kind="email", phone="", email="alma@patient.example")
    noon = timezone.now().astimezone(journey.patient.tz).replace(hour=12)
    Reminder.objects.exclude(step="ride").update(run_at=noon + timedelta(days=60))
    Reminder.objects.filter(step="ride").update(run_at=noon, useful_until=noon + timedelta(days=1))
    drain(clock=lambda: noon)
    return Message.objects.get(channel="email")


def path_of(message: Message) -> str:
    return "/stop/" + stop_url(message.pk).rpartition("/")[2]


def test_one_button_stops_the_messages_and_staff_read_it(
    page: Page, browser: Browser, live_server, check: Check, complaints: list[str]
) -> None:
    message = make_emailed("es")
    make_staff(message.journey.clinic, username="dana")
    plain = browser.new_context(java_script_enabled=False).new_page()  # as on a phone of ten years ago
    page.goto(live_server.url + path_of(message))
    expect(page.get_by_role("heading", name="¿No recibir más mensajes?")).to_be_visible()
    assert page.evaluate(SMALLEST) >= 44
    check("stop-asks")
    assert Patient.objects.get().stopped_at is None
    plain.goto(live_server.url + path_of(message))
    plain.get_by_role("button", name="No recibir más mensajes").click()
    expect(plain.get_by_role("heading", name="Ya no le mandamos mensajes")).to_be_visible()
    plain.context.close()
    assert Patient.objects.get().stopped_at is not None
    page.reload()
    expect(page.get_by_role("heading", name="Ya no le mandamos mensajes")).to_be_visible()
    check("stop-done")
    page.goto(f"{live_server.url}/stop/nobodys")
    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    assert "404" in complaints.pop()  # the browser's own word for a page that is not there
    check("stop-unknown")
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{message.journey_id}/")
    expect(page.get_by_role("list").first).to_contain_text("Nadie lee lo que se responde a este correo.")
    expect(page.get_by_text("Patient used the link in an email")).to_be_visible()
    check("stop-on-the-timeline")
