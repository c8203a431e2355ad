"""The way of a nurse, and of a patient, through every screen in a real browser."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.actions.links import issue_link, revoke_links
from pathway.models import Journey, Milestone, PatientLink, WorkItem
from tests.browser.conftest import PHONE, Check, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_nurses_way_from_sign_in_to_the_outbox(page: Page, live_server, check: Check, full_clinic: Journey) -> None:
    page.goto(f"{live_server.url}/sign-in")
    check("sign-in")
    sign_in(page, live_server.url)
    check("today")
    page.get_by_role("link", name="Alma Ruiz").first.click()
    expect(page.get_by_role("heading", name="Alma Ruiz")).to_be_visible()
    check("journey")
    page.get_by_role("link", name="Texts as on the phone").click()
    expect(page.get_by_role("list", name="Messages")).to_contain_text("care texts")
    check("outbox")
    page.get_by_role("link", name="Journeys").click()
    page.get_by_label("Name, record or case number").fill("kow")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name="Kowalski, Ed")).to_be_visible()
    check("journeys")


@pytest.mark.skipif("MILEPOST_SHOTS" not in os.environ, reason="takes a picture; MILEPOST_SHOTS names its folder")
def test_a_picture_of_today(page: Page, live_server, full_clinic: Journey) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    sign_in(page, live_server.url)
    page.screenshot(path=Path(os.environ["MILEPOST_SHOTS"]) / "today.png")


def test_what_happened_is_recorded_on_the_journeys_page(
    page: Page, live_server, check: Check, complaints: list[str], full_clinic: Journey
) -> None:
    past = Milestone.objects.filter(key="procedure", at__lt=timezone.now()).latest("at").journey
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{past.pk}/")
    form = page.locator("#record")
    form.get_by_role("button", name="Record").click()
    expect(form).to_contain_text("Enter the day.")  # it was to be weeks ago: no moment is proposed
    assert "422" in complaints.pop()  # the browser's own word for an answer that is no 200
    check("record")
    form.get_by_label("What").select_option("Procedure")
    form.get_by_label("Day").fill((timezone.now() - timedelta(days=18)).date().isoformat())
    form.get_by_label("Time").fill("08:00")
    form.get_by_role("button", name="Record").click()
    expect(page.locator("#milestone-procedure")).to_contain_text("Done")


def test_a_locked_and_a_closed_link_both_give_the_clinics_phone(
    page: Page, live_server, check: Check, full_clinic: Journey
) -> None:
    token = issue_link(journey=full_clinic, now=timezone.now())
    PatientLink.objects.update(locked_until=timezone.now() + timedelta(minutes=10))
    page.goto(f"{live_server.url}/p/{token}")
    expect(page.get_by_role("link", name="Call")).to_be_in_viewport()
    check("locked")
    revoke_links(journey=full_clinic, now=timezone.now())
    missing = page.goto(f"{live_server.url}/p/{token}")
    assert missing is not None
    assert missing.status == 404
    expect(page.get_by_role("link", name="Call")).to_be_in_viewport()


def test_a_patients_way_from_the_link_to_the_plan(page: Page, live_server, check: Check, full_clinic: Journey) -> None:
    page.goto(f"{live_server.url}/p/{issue_link(journey=full_clinic, now=timezone.now())}")
    check("ask")
    for label, value in (("Month", "5"), ("Day", "2"), ("Year", "1948")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Open my plan").click()
    expect(page.get_by_role("heading", name="Hello Alma")).to_be_visible()
    check("patient")
    page.set_viewport_size(PHONE)
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18
    sizes = page.evaluate(
        "[...document.querySelectorAll('a, button, input')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    check("patient-narrow", widths=(320,))


def test_the_patients_page_weighs_less_than_100_kb(page: Page, live_server, full_clinic: Journey) -> None:
    weights: list[int] = []
    page.on("response", lambda response: weights.append(len(response.body()) if response.ok else 0))
    page.goto(f"{live_server.url}/p/{issue_link(journey=full_clinic, now=timezone.now())}", wait_until="networkidle")
    assert 0 < sum(weights) < 100_000


def test_every_action_of_a_task_works_without_javascript(browser, live_server, full_clinic: Journey) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server.url)
    first = page.locator(".work > li").first
    first.get_by_role("button", name="Claim").click()
    page.get_by_role("link", name="Mine (1)").click()
    page.locator("summary", has_text="Done").click()
    page.get_by_role("button", name="Save outcome").click()
    expect(page.get_by_role("alert").filter(has_text="Not saved")).to_contain_text("Choose what happened.")
    page.get_by_label("What happened?").select_option("Spoke with the patient")
    page.get_by_role("button", name="Save outcome").click()
    expect(page.get_by_text("You have claimed nothing")).to_be_visible()
    assert WorkItem.objects.filter(outcome="Spoke with the patient").count() == 1
    context.close()


def test_a_refresh_waits_while_a_form_in_the_list_is_open(page: Page, live_server, full_clinic: Journey) -> None:
    sign_in(page, live_server.url)
    refreshes: list[str] = []
    page.on("request", lambda request: refreshes.append(request.url) if "hx-request" in request.headers else None)
    ask = "htmx.trigger('#work', 'now')"
    page.evaluate("document.querySelector('#work').setAttribute('hx-trigger', 'now')")
    page.evaluate("htmx.process(document.querySelector('#work'))")
    page.locator("summary", has_text="Done").first.click()
    page.evaluate(ask)
    page.wait_for_timeout(200)
    assert refreshes == []
    page.locator("summary", has_text="Done").first.click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(ask)
    page.wait_for_timeout(500)
    assert len(refreshes) == 1


def test_the_keyboard_reaches_the_page_past_the_masthead(page: Page, live_server, full_clinic: Journey) -> None:
    sign_in(page, live_server.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
