"""Today: the work list, tomorrow's procedures, follow-ups."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from pathway.actions.journeys import cancel, record
from pathway.actions.work_items import claim_item, resolve_item
from pathway.models import Journey, Priority, WorkItem
from pathway.queries.board import KIND_TITLES, kind_words
from pathway.queries.procedures import local_day, procedures_today, procedures_tomorrow, told_mark
from patients.models import AuditEvent
from tests.builders import make_clinic, make_journey, make_patient, make_staff
from tests.pathway.pages import item_of, journey_in, sign_in

pytestmark = pytest.mark.django_db


def text_of(client: Client, page: str = "/") -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_clinic_reads_what_will_come(client: Client) -> None:
    sign_in(client)
    page = text_of(client)
    assert "Nobody needs you right now" in page
    assert "No procedures tomorrow" in page
    assert "No follow-up is due this week" in page


def test_urgent_tasks_come_first_then_those_with_less_time_left(client: Client) -> None:
    nurse = sign_in(client)
    journey = journey_in(nurse.clinics.get())
    for minutes, priority, why in [(10, Priority.ROUTINE, "c"), (500, Priority.URGENT, "a"), (20, Priority.SOON, "b")]:
        item_of(journey, minutes=minutes, priority=priority, why=f"reason-{why}", cause=why)
    page = text_of(client)
    assert page.index("reason-a") < page.index("reason-b") < page.index("reason-c")


def test_an_overdue_task_says_how_late_it_is(client: Client) -> None:
    nurse = sign_in(client)
    item_of(journey_in(nurse.clinics.get()), minutes=-18)
    assert "18 min late" in text_of(client)


def test_tasks_of_another_clinic_are_not_shown_and_cannot_be_touched(client: Client) -> None:
    sign_in(client)
    item = item_of(journey_in(make_clinic()), why="of another clinic")
    assert "of another clinic" not in text_of(client)
    for verb in ("claim", "release", "done", "later"):
        assert client.post(f"/work/{item.pk}/{verb}").status_code == 404
    item.refresh_from_db()
    assert item.state == "open"


def test_a_claimed_task_is_mine_and_others_see_whose(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    item = item_of(journey_in(clinic))
    client.post(f"/work/{item.pk}/claim")
    assert "Mine (1)" in text_of(client)
    assert "Give back" in text_of(client, "/?show=mine")
    sign_in(client, clinic)
    assert f"With {nurse}" in text_of(client)


def test_a_task_that_somebody_took_first_names_them(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    item, other = item_of(journey_in(clinic)), make_staff(clinic, first_name="Ben")
    claim_item(item=item, by=other, now=timezone.now())
    page = client.post(f"/work/{item.pk}/claim", follow=True).content.decode()
    assert "Ben has taken this" in page


def test_done_saves_the_outcome_and_writes_who_changed_it(client: Client) -> None:
    nurse = sign_in(client)
    item = item_of(journey_in(nurse.clinics.get()))
    client.post(f"/work/{item.pk}/done", {"what": "Spoke with the patient", "note": "ate at 9"})
    item.refresh_from_db()
    assert (item.state, item.outcome, item.resolved_by) == ("resolved", "Spoke with the patient: ate at 9", nurse)
    assert AuditEvent.objects.filter(verb="change", by=nurse, patient=item.journey.patient).count() == 1


def test_done_without_an_outcome_says_so_at_the_field_and_saves_nothing(client: Client) -> None:
    nurse = sign_in(client)
    item = item_of(journey_in(nurse.clinics.get()))
    answer = client.post(f"/work/{item.pk}/done", {"note": "kept"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_what_problem">Choose what happened.' in page
    assert 'value="kept"' in page
    assert WorkItem.objects.get(pk=item.pk).state == "open"


def test_later_needs_a_reason_and_hides_the_task_until_then(client: Client) -> None:
    nurse = sign_in(client)
    item = item_of(journey_in(nurse.clinics.get()), why="can wait")
    assert client.post(f"/work/{item.pk}/later", {"minutes": "60"}).status_code == 422
    client.post(f"/work/{item.pk}/later", {"minutes": "60", "reason": "at lunch"})
    page = text_of(client)
    assert "can wait" not in page
    assert "1 put off until later" in page


def test_htmx_gets_the_list_alone_and_that_is_no_new_read(client: Client) -> None:
    sign_in(client)
    client.get("/")
    page = client.get("/", headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<section")
    assert AuditEvent.objects.filter(what="Today").count() == 1


def test_tomorrow_shows_each_procedure_with_what_is_known(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    start, _ = local_day(timezone.now(), clinic.tz, days=1)
    journey = make_journey(
        make_patient(clinic), procedure_at=start + timedelta(hours=9), now=timezone.now() - timedelta(days=20)
    )
    page = text_of(client)
    assert "Tomorrow: 1 procedure" in page
    assert "no holds" in page
    assert "nobody named" in page
    Journey.objects.filter(pk=journey.pk).update(escort="Maria (daughter)")
    assert "Maria (daughter)" in text_of(client)


def test_today_shows_todays_procedures_with_their_state_and_nothing_when_there_are_none() -> None:
    clinic = make_clinic()
    nurse = make_staff(clinic)
    morning = datetime.combine(datetime(2027, 3, 2), time(8), tzinfo=clinic.tz)
    for hours in (0, 1, 4):
        patient = make_patient(clinic, record_number=f"M-{hours}")
        journey = make_journey(patient, procedure_at=morning + timedelta(hours=hours), now=morning - timedelta(days=9))
        if hours == 0:
            record(journey=journey, key="procedure", at=morning, by=nurse, now=morning + timedelta(hours=1))
    rows = procedures_today(nurse, clinics=[clinic], now=morning + timedelta(hours=2))
    assert [(row.record_number, row.state.word) for row in rows] == [
        ("M-0", "done"),
        ("M-1", "not recorded yet"),
        ("M-4", "to come"),
    ]
    assert procedures_today(nurse, clinics=[clinic], now=morning + timedelta(days=1)) == ()


def test_a_cancelled_procedure_is_not_one_of_today() -> None:
    clinic = make_clinic()
    nurse = make_staff(clinic)
    morning = datetime.combine(datetime(2027, 3, 2), time(8), tzinfo=clinic.tz)
    journey = make_journey(make_patient(clinic), procedure_at=morning, now=morning - timedelta(days=9))
    cancel(journey=journey, reason="fever", by=nurse, now=morning - timedelta(hours=2))
    assert procedures_today(nurse, clinics=[clinic], now=morning) == ()


def test_the_page_has_todays_procedures_only_on_a_day_with_some(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    assert "procedures-today" not in text_of(client)
    start, end = local_day(timezone.now(), clinic.tz, days=0)
    make_journey(make_patient(clinic), procedure_at=start + (end - start) / 2, now=start - timedelta(days=9))
    page = text_of(client)
    assert "Today: 1 procedure" in page
    assert "Alma Ruiz" in page.split('id="procedures-today"')[1].split("</table>")[0]


def test_the_record_number_stands_beside_every_name(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    start, end = local_day(timezone.now(), clinic.tz, days=1)
    make_journey(
        make_patient(clinic, record_number="REC-TOMORROW"),
        procedure_at=start + (end - start) / 2,
        now=timezone.now() - timedelta(days=9),
    )
    item_of(journey_in(clinic, days=30, record_number="REC-TASK"))
    journey_in(clinic, days=-18, record_number="REC-VISIT")
    page = text_of(client)
    for number in ("REC-TOMORROW", "REC-TASK", "REC-VISIT"):
        assert number in page


@pytest.mark.parametrize(
    "kind",
    [
        "promised-call", "sign-again", "held-without-date", "hold-too-short", "fast-too-short", "record-procedure",
        "call", "missed-message", "failed-message", "unproven-message", "book-visit", "link-locked",
        "visit-out-of-window",
    ],
)  # fmt: skip
def test_every_kind_of_task_has_a_plain_heading(client: Client, kind: str) -> None:
    assert kind in KIND_TITLES
    nurse = sign_in(client)
    item_of(journey_in(nurse.clinics.get()), kind=kind)
    assert f"<strong>{escape(kind_words(kind))}</strong>" in text_of(client)


def test_a_patient_told_by_phone_counts_as_told() -> None:
    journey = journey_in(make_clinic())
    reminder = journey.reminders.filter(step="fasting").first()
    reminder.state = "missed"
    assert told_mark([reminder]).word == "not told"
    assert told_mark([reminder], frozenset({f"call:{reminder.step}:{reminder.text}"})).word == "told by phone"


def test_tomorrow_is_the_clinics_own_day() -> None:
    clinic = make_clinic(zone="Pacific/Auckland")
    nurse = make_staff(clinic)
    now = datetime.combine(datetime(2027, 3, 1), time(23), tzinfo=clinic.tz)
    at = datetime.combine(datetime(2027, 3, 2), time(8), tzinfo=clinic.tz)
    journey = make_journey(make_patient(clinic), procedure_at=at, now=now - timedelta(days=9))
    day = procedures_tomorrow(nurse, clinics=[clinic], now=now)
    assert [row.journey_id for row in day.rows] == [journey.pk]
    assert procedures_tomorrow(nurse, clinics=[clinic], now=now + timedelta(hours=1)).rows == ()


def test_follow_ups_that_nobody_booked_are_counted(client: Client) -> None:
    nurse = sign_in(client)
    journey_in(nurse.clinics.get(), days=-18)
    assert "1 follow-up due, 1 not booked" in text_of(client)


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    journeys = [journey_in(clinic, days=1), journey_in(clinic, days=-18)]
    counts = []
    for rows in (10, 100):
        for number in range(rows):
            item_of(journeys[number % len(journeys)], cause=f"{rows}/{number}")
        journeys += [journey_in(clinic, days=1), journey_in(clinic, days=-18)]
        with CaptureQueriesContext(connection) as queries:
            client.get("/?show=all")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_finished_task_is_gone(client: Client) -> None:
    nurse = sign_in(client)
    item = item_of(journey_in(nurse.clinics.get()), why="is finished")
    resolve_item(item=item, outcome="Spoke with the patient", by=nurse, now=timezone.now())
    assert "is finished" not in text_of(client)
