"""The procedure's day in a real browser: ready or not, in the recovery room, and the page of a patient who fasts."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from notifications.dispatcher import drain
from pathway.actions.discharge import score_recovery
from pathway.actions.draft_holds import draft_holds
from pathway.actions.fasting import attest_intake
from pathway.actions.holds import dangers, sign_hold
from pathway.actions.links import issue_link
from pathway.actions.medicines import change_medicine
from pathway.actions.procedure_day import admit, arrive, end_procedure, mark_check, start_procedure
from pathway.models import Food, Journey, MedicationHold, ReadinessMark, SaidBy
from patients.actions.keep_medicines import ToldMedicine
from patients.models import Staff
from tests.browser.conftest import Check, sign_in
from tests.builders import make_clinic, make_journey, make_patient, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def doctor() -> Staff:
    clinic = make_clinic(name="Oak Clinic", zone="UTC", phone_any_hour="+12025550199")
    return make_staff(clinic, "prescriber", username="dana", first_name="Ama", last_name="Osei")


@pytest.fixture
def journey(doctor: Staff) -> Journey:
    """A patient of today whose warfarin and herb are on the list, an hour before the procedure or the day's last."""
    now = timezone.now().replace(second=0, microsecond=0)
    last = datetime.combine(now.date(), time(23, 59), tzinfo=now.tzinfo)
    began = now - timedelta(days=20)
    journey = make_journey(
        make_patient(doctor.clinics.get(), given_name="Alma", family_name="Ruiz"),
        procedure_at=min(now + timedelta(minutes=50), last), now=began, levels="L3-4, L4-5", clinician="Dr. Osei",
    )  # fmt: skip
    for told in (ToldMedicine("warfarin", dose="5 mg", schedule="once a day"), ToldMedicine("devil's claw")):
        change_medicine(patient=journey.patient, told=told, by=doctor, now=began)
    draft_holds(journey=journey, by=doctor, now=began)
    sign_hold(hold=MedicationHold.objects.get(), by=doctor, now=began, dangers_shown=dangers().version)
    for moment in (began, now):
        drain(clock=lambda moment=moment: moment)
    return journey


def test_a_patient_who_is_not_ready_is_not_admitted_and_the_page_says_what_is_missing(
    page: Page, live_server, check: Check, complaints: list[str], journey: Journey, doctor: Staff
) -> None:
    now = timezone.now().replace(second=0, microsecond=0)  # as the forms have it
    arrive(journey=journey, at=now, by=doctor, now=now)
    mark_check(journey=journey, key="consent", verdict=ReadinessMark.Verdict.YES, by=doctor, now=now)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{journey.pk}/day/")
    expect(page.get_by_text("no normal INR")).to_be_visible()
    check("day-ready")
    page.get_by_text("Write down the last meal").click()
    page.get_by_label("Last food, day").fill(f"{now:%Y-%m-%d}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#meal_ate_clock_problem")).to_contain_text("Enter both the day and the time")
    complaints.pop()
    check("day-meal-wrong")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#stage_override_problem")).to_contain_text("Still missing: Fasting confirmed, Medicine holds")
    complaints.pop()
    check("day-blocked")


def test_going_home_lacks_each_line_by_name(
    page: Page, live_server, check: Check, journey: Journey, doctor: Staff
) -> None:
    now = timezone.now().replace(second=0, microsecond=0)  # as the forms have it
    attest_intake(
        journey=journey, ate_at=now - timedelta(hours=15), food=Food.LIGHT, drank_at=now - timedelta(hours=4),
        said_by=SaidBy.PATIENT, by=doctor, now=now,
    )  # fmt: skip
    arrive(journey=journey, at=now, by=doctor, now=now)
    admit(journey=journey, at=now, by=doctor, now=now, override="seen by me")
    start_procedure(journey=journey, at=now, by=doctor, now=now)
    end_procedure(journey=journey, at=now, by=doctor, now=now)
    points = {"activity": 1, "breathing": 2, "circulation": 2, "consciousness": 1, "oxygen": 2}
    score_recovery(journey=journey, key="aldrete", points=points, by=doctor, now=now)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/journeys/{journey.pk}/day/")
    expect(page.get_by_text("Modified Aldrete (recovery): 8 of 10, needs 9")).to_be_visible()
    check("day-recovery")
    page.locator("summary", has_text="Answer the checklist").click()
    page.get_by_label("Physical therapy referral").select_option("Yes")
    page.get_by_role("button", name="Save the checklist").click()
    page.locator("summary", has_text="Name the escort").click()
    check("day-home")


def test_the_page_of_a_patient_who_fasts(page: Page, live_server, check: Check, journey: Journey) -> None:
    page.goto(f"{live_server.url}/p/{issue_link(journey=journey, now=timezone.now())}")
    for label, value in (("Month", "5"), ("Day", "2"), ("Year", "1948")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Open my plan").click()
    expect(page.get_by_text("Do not eat.")).to_be_visible()
    check("patient-fasts")
