"""One journey: timeline, messages, and booking, moving, cancelling."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.dispatcher import drain
from pathway.actions.journeys import book
from pathway.models import Journey, JourneyEvent, Reminder
from patients.models import AuditEvent
from tests.builders import make_clinic
from tests.pathway.pages import item_of, journey_in, sign_in

pytestmark = pytest.mark.django_db


def page_of(client: Client, journey: Journey) -> str:
    answer = client.get(f"/journeys/{journey.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def entry_of(page: str, reminder: Reminder) -> str:
    """The part of the timeline that shows this text."""
    return page.split(f'id="reminder-{reminder.pk}"')[1].split('<li class="')[0]


def test_the_page_shows_the_person_and_writes_that_it_was_read(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    page = page_of(client, journey)
    assert "Alma Ruiz" in page
    assert journey.patient.record_number in page
    event = AuditEvent.objects.get(patient=journey.patient)
    assert (event.verb, event.by, event.what) == ("read", nurse, f"journey {journey.pk}")


def test_a_journey_of_another_clinic_is_not_found_and_not_read(client: Client) -> None:
    sign_in(client)
    journey = journey_in(make_clinic())
    assert client.get(f"/journeys/{journey.pk}/").status_code == 404
    assert client.post(f"/journeys/{journey.pk}/book").status_code == 404
    assert client.post(f"/journeys/{journey.pk}/record").status_code == 404
    assert client.post(f"/journeys/{journey.pk}/cancel", {"reason": "x"}).status_code == 404
    assert not AuditEvent.objects.filter(patient=journey.patient).exists()


def test_expected_visits_are_marked_as_not_booked(client: Client) -> None:
    nurse = sign_in(client)
    page = page_of(client, journey_in(nurse.clinics.get()))
    assert "Six-week visit" in page
    assert "Expected, not booked" in page


def test_a_planned_text_shows_what_it_would_say(client: Client) -> None:
    nurse = sign_in(client)
    page = page_of(client, journey_in(nurse.clinics.get()))
    assert "Goes out" in page
    assert "It would say:" in page


def test_a_text_about_a_visit_that_nobody_booked_tells_no_time(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    entry = entry_of(page_of(client, journey), journey.reminders.get(step="follow-up-weeks"))
    assert "Needs a booking first" in entry
    assert ">about</span>" in entry
    assert "Goes out" not in entry
    assert "It would say:" not in entry


def test_a_text_about_a_booked_visit_tells_when_it_goes_out(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    now = timezone.now()
    book(journey=journey, key="follow-up-weeks", at=now + timedelta(days=40), by=nurse, now=now)
    entry = entry_of(page_of(client, journey), journey.reminders.get(step="follow-up-weeks"))
    assert "Goes out" in entry
    assert "It would say:" in entry


def test_a_sent_text_and_its_correction_point_at_each_other(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get(), days=9)
    now = timezone.now()
    at = journey.milestones.get(key="procedure").at
    ride = journey.reminders.get(step="ride")
    drain(clock=lambda: max(ride.send_at, now))
    book(journey=journey, key="procedure", at=at + timedelta(days=2), by=nurse, now=max(ride.send_at, now), why="room")
    old = Reminder.objects.get(pk=ride.pk)
    page = page_of(client, journey)
    assert old.superseded_by_id
    assert f'href="#reminder-{old.superseded_by_id}">Replaced by a correction' in page
    assert f'href="#reminder-{old.pk}">See the text it replaces' in page
    assert ": room" in page


def test_times_say_whose_clock_they_are_on_when_it_is_not_the_clinics(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    assert "on the patient's clock" not in page_of(client, journey_in(clinic))
    assert "on the patient's clock, America/Denver" in page_of(client, journey_in(clinic, zone="America/Denver"))


def test_moving_the_procedure_plans_it_anew(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    day = (timezone.now() + timedelta(days=20)).date()
    form = {"key": "procedure", "day": day.isoformat(), "clock": "08:30", "why": "the room is taken"}
    assert client.post(f"/journeys/{journey.pk}/book", form).status_code == 302
    local = journey.milestones.get(key="procedure").at.astimezone(journey.clinic.tz)
    assert (local.date(), f"{local:%H:%M}") == (day, "08:30")
    assert JourneyEvent.objects.filter(journey=journey, kind="moved", by=nurse).count() == 1
    assert AuditEvent.objects.filter(patient=journey.patient, verb="change").count() == 1


@pytest.mark.parametrize(
    ("form", "field", "problem"),
    [
        ({"day": "", "clock": "08:30"}, "day", "Enter the day."),
        ({"day": "2020-01-01", "clock": "08:30"}, "day", "This moment has passed."),
        ({"day": "2099-03-08", "clock": "02:30"}, "clock", "This time does not exist in America/New_York"),
        ({"day": "2099-11-01", "clock": "01:30"}, "clock", "This time comes twice in America/New_York"),
        ({"day": "2099-03-09", "clock": "02:30"}, "day", "more than two years ahead"),
        ({"day": "9999-12-31", "clock": "23:30"}, "day", "Check the year."),
    ],
)
def test_a_wrong_booking_is_said_at_its_field_and_changes_nothing(
    client: Client, form: dict[str, str], field: str, problem: str
) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    before = journey.milestones.get(key="procedure").at
    answer = client.post(f"/journeys/{journey.pk}/book", {"key": "procedure", **form})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert problem in page.split(f'id="id_{field}_problem"')[1][:120]
    assert journey.milestones.get(key="procedure").at == before


def test_an_order_that_cannot_be_is_said_at_the_day_and_keeps_what_was_typed(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    day = (timezone.now() + timedelta(days=2)).date().isoformat()
    form = {"key": "follow-up-weeks", "day": day, "clock": "08:30", "why": "asked for it"}
    answer = client.post(f"/journeys/{journey.pk}/book", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "cannot be before" in page.split('id="id_day_problem"')[1][:120]
    assert f'value="{day}"' in page
    assert 'value="08:30"' in page
    assert 'value="asked for it"' in page
    assert '<option value="follow-up-weeks" selected>' in page
    assert not journey.milestones.filter(key="follow-up-weeks").exists()


def test_recording_that_the_procedure_happened_shows_it_as_done(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get(), days=-1)
    at = journey.milestones.get(key="procedure").at
    local = (at + timedelta(minutes=20)).astimezone(journey.clinic.tz)
    form = {"key": "procedure", "day": f"{local:%Y-%m-%d}", "clock": f"{local:%H:%M}"}
    page = client.post(f"/journeys/{journey.pk}/record", form, follow=True).content.decode()
    assert ">Done<" in page.split('id="milestone-procedure"')[1][:600]
    row = journey.milestones.get(key="procedure")
    assert (row.status, row.at) == ("done", local.replace(second=0, microsecond=0))
    assert JourneyEvent.objects.filter(journey=journey, kind="recorded", by=nurse).count() == 1
    assert AuditEvent.objects.filter(patient=journey.patient, verb="change").count() == 1


def test_what_can_be_recorded_is_what_is_due_today_or_was_before(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    assert 'id="record"' not in page_of(client, journey_in(clinic))
    form = page_of(client, journey_in(clinic, days=-1)).split('id="record"')[1].split("</form>")[0]
    assert '<option value="procedure">' in form
    assert '<option value="discharge">' not in form, "going home has a checklist"
    assert "follow-up" not in form


def test_the_moment_to_record_starts_as_now_on_the_clinics_clock_for_what_was_to_be_today(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get(), days=0)
    before = timezone.now().astimezone(journey.clinic.tz)
    form = page_of(client, journey).split('id="record"')[1].split("</form>")[0]
    after = timezone.now().astimezone(journey.clinic.tz)
    assert any(f'value="{moment:%H:%M}"' in form and f'value="{moment:%Y-%m-%d}"' in form for moment in (before, after))


def test_for_a_day_that_has_passed_no_moment_is_proposed_that_one_press_would_record(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get(), days=-3)
    form = page_of(client, journey).split('id="record"')[1].split("</form>")[0]
    assert not re.search(r'type="(date|time)"[^>]* value=', form)
    assert not re.search(r' value="[^"]*"[^>]*type="(date|time)"', form)


def test_what_has_not_happened_cannot_be_recorded(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get(), days=-1)
    day = (timezone.now() + timedelta(days=2)).date().isoformat()
    answer = client.post(f"/journeys/{journey.pk}/record", {"key": "procedure", "day": day, "clock": "08:30"})
    assert answer.status_code == 422
    problem = answer.content.decode().split('id="record_day_problem"')[1][:120]
    assert "This moment is still to come." in problem
    ahead = client.post(f"/journeys/{journey.pk}/record", {"key": "follow-up-weeks", "day": day, "clock": "08:30"})
    assert 'id="record_key_problem"' in ahead.content.decode()
    assert journey.milestones.get(key="procedure").status == "booked"


def test_cancelling_needs_a_reason_and_withdraws_what_waits(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    for incomplete in ({}, {"because": "other"}):
        assert client.post(f"/journeys/{journey.pk}/cancel", incomplete).status_code == 422
    form = {"because": "other", "reason": "fever"}
    page = client.post(f"/journeys/{journey.pk}/cancel", form, follow=True).content.decode()
    assert "Cancelled: fever" in page
    assert "Withdrawn" in page
    assert "Goes out" not in page


def test_the_tasks_of_the_journey_stand_beside_it_and_come_back_to_it(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    item = item_of(journey, say="Ask what was eaten.")
    assert "Ask what was eaten." in page_of(client, journey)
    answer = client.post(f"/work/{item.pk}/claim", {"journey": str(journey.pk)})
    assert answer.headers["Location"] == f"/journeys/{journey.pk}/"


def test_the_number_of_queries_does_not_grow_with_the_history(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    counts = []
    for rows in (10, 100):
        for number in range(rows):
            JourneyEvent.objects.create(journey=journey, at=timezone.now(), by=nurse, kind="note", why=str(number))
            item_of(journey, cause=f"{rows}/{number}")
        with CaptureQueriesContext(connection) as queries:
            page_of(client, journey)
        counts.append(len(queries))
    assert counts[0] == counts[1]
