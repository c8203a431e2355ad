"""replan on the database: rows follow the facts, and what was told is never lost sight of."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.holds import dangers, decline_hold, draft_hold, sign_hold
from pathway.actions.journeys import NotBookable, book, cancel, record
from pathway.actions.replan import replan
from pathway.actions.sweep import sweep
from pathway.actions.work_items import resolve_item
from pathway.models import Journey, JourneyEvent, MedicationHold, Reminder, Step, WorkItem
from pathway.states import TransitionError
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db

PROCEDURE = NOW + timedelta(days=14)  # a Monday, 11:00 in New York after the clocks went forward


def send(journey: Journey, base_key: str, at) -> Reminder:
    """The reminder as a dispatcher leaves it when it went out at `at`."""
    rows = Reminder.objects.filter(journey=journey, base_key=base_key)
    rows.update(state="sent", sent_at=at, started_at=at)
    return rows.get()


def rows_of(journey: Journey) -> list[dict]:
    return list(Reminder.objects.filter(journey=journey).order_by("pk").values())


def test_planning_twice_changes_no_row_and_no_version():
    journey = make_journey()
    before, version = rows_of(journey), journey.plan_version
    assert not replan(journey, by=None, now=NOW)
    journey.refresh_from_db()
    assert rows_of(journey) == before
    assert (journey.plan_version, version) == (1, 1)


def test_every_step_has_its_window():
    journey = make_journey(milestones={"consult": NOW + timedelta(days=3)})
    keys = set(Step.objects.filter(journey=journey).values_list("key", flat=True))
    assert keys >= {"consult", "medication-plan", "ride", "fasting", "procedure", "discharge", "bathing", "activity"}
    assert keys >= {"day-1", "follow-up-weeks", "follow-up-6-weeks"}


def test_moving_the_procedure_moves_waiting_reminders_and_raises_the_version():
    journey = make_journey()
    before = {row["key"]: row["send_at"] for row in rows_of(journey)}
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=1), by=None, now=NOW)
    for row in rows_of(journey):
        if row["key"] != "welcome/hello":
            assert row["send_at"] - before[row["key"]] == timedelta(days=1)
        assert row["plan_version"] == 2


def test_moving_the_procedure_keeps_sent_reminders_and_sends_one_correction_linked_to_them():
    journey = make_journey()
    evening = PROCEDURE - timedelta(hours=16)
    ride = send(journey, "ride/week-before", evening - timedelta(days=6))
    fasting = send(journey, "fasting/evening-before", evening)
    before = {row["id"]: row for row in rows_of(journey) if row["state"] == "sent"}
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=2), by=None, now=evening)
    correction = Reminder.objects.get(journey=journey, text="correction-fasting")
    assert correction.says["day"] == "2027-03-17"
    assert correction.send_at == evening
    assert set(correction.supersedes.all()) == {ride, fasting}
    after = {row["id"]: row for row in rows_of(journey) if row["id"] in before}
    for pk, row in before.items():
        assert after[pk] == {**row, "superseded_by_id": correction.pk, "plan_version": after[pk]["plan_version"]}
    again = Reminder.objects.get(journey=journey, key="fasting/evening-before/2")
    assert again.send_at == fasting.send_at + timedelta(days=2)


def test_moving_back_before_the_correction_went_out_withdraws_it():
    journey = make_journey()
    evening = PROCEDURE - timedelta(hours=16)
    send(journey, "fasting/evening-before", evening)
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=2), by=None, now=evening)
    book(journey=journey, key="procedure", at=PROCEDURE, by=None, now=evening + timedelta(minutes=1))
    correction = Reminder.objects.get(journey=journey, text="correction-fasting")
    assert (correction.state, correction.reason) == ("withdrawn", "what it would have said is no longer so")


def test_cancelling_withdraws_what_waits_and_takes_back_what_was_told():
    journey = make_journey()
    evening = PROCEDURE - timedelta(hours=16)
    send(journey, "fasting/evening-before", evening)
    cancel(journey=journey, reason="ill", by=None, now=evening)
    waiting = Reminder.objects.filter(journey=journey, state="planned")
    assert [row.text for row in waiting] == ["cancelled"]
    assert not Step.objects.filter(journey=journey).exclude(key="welcome").exists()
    assert JourneyEvent.objects.filter(journey=journey, kind="cancelled", why="ill").exists()


def test_a_cancelled_journey_can_be_booked_again_and_is_planned_anew():
    journey = make_journey()
    cancel(journey=journey, reason="ill", by=None, now=NOW)
    assert not Reminder.objects.filter(journey=journey, state="planned").exists()
    book(journey=journey, key="procedure", at=PROCEDURE, by=None, now=NOW)
    planned = set(Reminder.objects.filter(journey=journey, state="planned").values_list("base_key", flat=True))
    assert {"fasting/evening-before", "ride/week-before", "bathing/going-home"} <= planned
    journey.refresh_from_db()
    assert journey.state == "scheduled"


def test_a_reminder_whose_sending_was_started_is_not_withdrawn():
    journey = make_journey()
    row = Reminder.objects.get(journey=journey, base_key="ride/week-before")
    Reminder.objects.filter(pk=row.pk).update(
        state="claimed", claim_token="0" * 32, claimed_until=NOW + timedelta(minutes=1), started_at=NOW
    )
    cancel(journey=journey, reason="ill", by=None, now=NOW)
    row.refresh_from_db()
    assert row.state == "claimed"
    assert Reminder.objects.filter(journey=journey, base_key="ride/week-before/cancelled").exists()


def test_a_claimed_reminder_not_yet_started_is_withdrawn_by_a_cancellation():
    journey = make_journey()
    row = Reminder.objects.get(journey=journey, base_key="ride/week-before")
    Reminder.objects.filter(pk=row.pk).update(
        state="claimed", claim_token="0" * 32, claimed_until=NOW + timedelta(minutes=1)
    )
    cancel(journey=journey, reason="ill", by=None, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.claim_token) == ("withdrawn", None)


def test_a_late_booking_asks_a_nurse_to_call_about_what_cannot_be_sent():
    journey = make_journey(procedure_at=NOW + timedelta(hours=4))
    row = Reminder.objects.get(journey=journey, base_key="fasting/evening-before")
    assert (row.state, row.late) == ("missed", "call")
    kinds = set(WorkItem.objects.filter(journey=journey).values_list("kind", flat=True))
    assert {"call", "fast-too-short"} <= kinds
    assert "last ate" in WorkItem.objects.get(journey=journey, cause="call:fasting:fasting").say


def test_one_work_item_per_cause_however_often_it_is_seen():
    journey = make_journey(procedure_at=NOW + timedelta(hours=4))
    before = WorkItem.objects.filter(journey=journey).count()
    for minute in range(1, 4):
        replan(journey, by=None, now=NOW + timedelta(minutes=minute))
    assert WorkItem.objects.filter(journey=journey).count() == before


def test_no_word_of_a_medicine_is_planned_before_a_prescriber_of_the_clinic_signed():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW)
    replan(journey, by=None, now=NOW)
    medicine = Reminder.objects.filter(journey=journey, step="medication-plan")
    assert not medicine.exists()
    for other in (make_staff(clinic), make_staff(make_clinic(), "prescriber")):
        with pytest.raises(NotAPrescriber):
            sign_hold(hold=hold, by=other, now=NOW, dangers_shown=dangers().version)
    assert not medicine.exists()
    sign_hold(hold=hold, by=make_staff(clinic, "prescriber"), now=NOW, dangers_shown=dangers().version)
    assert {row.text for row in medicine} == {"plan-ready", "hold-day", "restart"}


def test_a_declined_hold_takes_its_messages_with_it_and_pauses_a_plan_that_was_read():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW)
    doctor = make_staff(clinic, "prescriber")
    sign_hold(hold=hold, by=doctor, now=NOW, dangers_shown=dangers().version)
    send(journey, "medication-plan/ready/apixaban", NOW)
    decline_hold(hold=hold, reason="cardiology says no", by=doctor, now=NOW + timedelta(hours=1))
    waiting = Reminder.objects.filter(journey=journey, step="medication-plan", state="planned")
    assert [row.text for row in waiting] == ["plan-paused"]


def test_moving_the_procedure_later_while_a_medicine_is_held_asks_for_a_new_signature():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW)
    sign_hold(hold=hold, by=make_staff(clinic, "prescriber"), now=NOW, dangers_shown=dangers().version)
    held = PROCEDURE - timedelta(days=2)
    send(journey, "medication-plan/ready/apixaban", NOW)
    send(journey, "medication-plan/hold-day/apixaban", held - timedelta(days=2))
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=7), by=None, now=held)
    states = list(MedicationHold.objects.filter(journey=journey).order_by("pk").values_list("state", flat=True))
    assert states == ["declined", "drafted"]
    item = WorkItem.objects.get(journey=journey, kind="held-without-date")
    assert (item.priority, "apixaban" in item.why) == (1, True)
    waiting = Reminder.objects.filter(journey=journey, step="medication-plan", state="planned")
    assert [row.text for row in waiting] == ["plan-paused"]


def test_moving_the_procedure_earlier_so_that_a_hold_no_longer_fits_is_an_urgent_item_with_the_safe_date():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    hold = draft_hold(journey=journey, drug="clopidogrel", duration="P7D", now=NOW)
    sign_hold(hold=hold, by=make_staff(clinic, "prescriber"), now=NOW, dangers_shown=dangers().version)
    book(journey=journey, key="procedure", at=NOW + timedelta(days=3), by=None, now=NOW)
    item = WorkItem.objects.get(journey=journey, kind="hold-too-short")
    assert "clopidogrel needs 7 days; the time left is 3 days" in item.why
    assert "Mon, Mar 8" in item.why
    book(journey=journey, key="procedure", at=PROCEDURE, by=None, now=NOW)
    item.refresh_from_db()
    assert item.state == "resolved"


def test_recording_the_discharge_times_what_follows_from_it():
    journey = make_journey()
    left = PROCEDURE + timedelta(hours=5)
    record(journey=journey, key="procedure", at=PROCEDURE, by=None, now=PROCEDURE)
    record(journey=journey, key="discharge", at=left, by=None, now=left)
    home = Reminder.objects.get(journey=journey, base_key="bathing/going-home")
    assert home.send_at == left + timedelta(minutes=30)
    journey.refresh_from_db()
    assert journey.state == "discharged"
    with pytest.raises(NotBookable):
        book(journey=journey, key="procedure", at=left, by=None, now=left)
    with pytest.raises(TransitionError):
        cancel(journey=journey, reason="late", by=None, now=left)


def test_a_milestone_that_the_protocol_does_not_have_is_refused_and_nothing_changes():
    journey = make_journey()
    before = rows_of(journey)
    with pytest.raises(NotBookable, match="it has consult, procedure"):
        book(journey=journey, key="surgery", at=PROCEDURE, by=None, now=NOW)
    assert rows_of(journey) == before


def test_a_published_protocol_version_never_changes():
    version = make_journey().protocol_version
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        type(version).objects.filter(pk=version.pk).update(source="other")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        type(version).objects.filter(pk=version.pk)._raw_delete("default")


def test_a_patient_in_another_zone_gets_their_own_clock():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic, zone="America/Los_Angeles"))
    fasting = Reminder.objects.get(journey=journey, base_key="fasting/evening-before")
    assert fasting.send_at.astimezone(journey.patient.tz).hour == 18
    assert (fasting.says["arrival"], fasting.says["zone"]) == ("07:00", "PDT")


def test_a_hold_taken_back_while_the_medicine_is_held_is_urgent_for_somebody():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    doctor = make_staff(clinic, "prescriber")
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW)
    sign_hold(hold=hold, by=doctor, now=NOW, dangers_shown=dangers().version)
    decline_hold(hold=hold, reason="cardiology says no", by=doctor, now=PROCEDURE - timedelta(days=1))
    item = WorkItem.objects.get(journey=journey, kind="held-without-date")
    assert (item.priority, "is being held" in item.why) == (1, True)


def test_signing_again_for_a_drug_that_is_still_held_is_no_conflict():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    doctor = make_staff(clinic, "prescriber")
    sign_hold(
        hold=draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW),
        by=doctor,
        now=NOW,
        dangers_shown=dangers().version,
    )
    held = PROCEDURE - timedelta(days=2)
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=1), by=None, now=held)
    again = MedicationHold.objects.get(journey=journey, state="drafted")
    assert again.held_since is not None
    sign_hold(hold=again, by=doctor, now=held, dangers_shown=dangers().version)
    assert not WorkItem.objects.filter(journey=journey, kind="hold-too-short").exists()


def test_a_cancellation_ends_every_signature_and_asks_for_new_ones():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic))
    sign_hold(
        hold=draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW),
        by=make_staff(clinic, "prescriber"), now=NOW, dangers_shown=dangers().version,
    )  # fmt: skip
    cancel(journey=journey, reason="ill", by=None, now=NOW)
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=90), by=None, now=NOW)
    assert not Reminder.objects.filter(journey=journey, step="medication-plan", state="planned").exists()
    assert WorkItem.objects.filter(journey=journey, kind="sign-again", state="open").exists()


def test_tasks_to_call_end_with_the_journey():
    journey = make_journey(procedure_at=NOW + timedelta(hours=4))
    assert WorkItem.objects.filter(journey=journey, kind="call", state="open").exists()
    cancel(journey=journey, reason="ill", by=None, now=NOW)
    assert not WorkItem.objects.filter(journey=journey, kind="call", state="open").exists()


def test_what_was_due_and_never_sent_is_missed_and_told_though_the_sweep_comes_first():
    journey = make_journey()
    replan(journey, by=None, now=PROCEDURE + timedelta(minutes=5))
    ride = Reminder.objects.get(journey=journey, base_key="ride/week-before")
    assert ride.state == "missed"
    assert WorkItem.objects.filter(journey=journey, cause="call:ride:ride", state="open").exists()
    assert not Reminder.objects.filter(journey=journey, state="planned", run_at__lt=PROCEDURE).exists()


def test_a_conflict_that_a_nurse_decided_about_is_not_asked_again_for_the_same_time():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic), procedure_at=NOW + timedelta(hours=4))
    item = WorkItem.objects.get(journey=journey, kind="fast-too-short")
    resolve_item(item=item, outcome="Fasting since midnight: go", by=make_staff(clinic), now=NOW)
    replan(journey, by=None, now=NOW + timedelta(hours=1))
    assert WorkItem.objects.filter(journey=journey, kind="fast-too-short").count() == 1
    book(journey=journey, key="procedure", at=NOW + timedelta(hours=3), by=None, now=NOW + timedelta(hours=1))
    assert WorkItem.objects.filter(journey=journey, kind="fast-too-short", state="open").count() == 1


def test_a_call_for_an_evening_weeks_ahead_is_not_asked_for_today():
    journey = make_journey(procedure_at=PROCEDURE + timedelta(hours=7))  # home after the sending hours
    home = Reminder.objects.get(journey=journey, base_key="bathing/going-home")
    assert (home.state, home.late) == ("planned", "call")
    assert not WorkItem.objects.filter(journey=journey).exists()


@pytest.mark.parametrize(
    ("key", "at", "said"),
    [
        ("procedure", NOW - timedelta(hours=1), "has passed"),
        ("procedure", NOW + timedelta(days=800), "check the year"),
        ("discharge", NOW + timedelta(days=3), "cannot be before “Procedure”"),
        ("follow-up-weeks", PROCEDURE - timedelta(days=1), "cannot be before “Procedure”"),
        ("consult", PROCEDURE + timedelta(days=1), "cannot be after “Procedure”"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_nothing_changes(key, at, said):
    journey = make_journey()
    before = rows_of(journey)
    with pytest.raises(NotBookable, match=said):
        book(journey=journey, key=key, at=at, by=None, now=NOW)
    assert rows_of(journey) == before


def test_a_visit_that_the_procedure_moved_past_is_a_task_until_it_is_booked_anew():
    journey = make_journey(milestones={"follow-up-weeks": PROCEDURE + timedelta(days=21)})
    assert not WorkItem.objects.filter(journey=journey).exists()
    book(journey=journey, key="procedure", at=PROCEDURE + timedelta(days=30), by=None, now=NOW)
    item = WorkItem.objects.get(journey=journey, kind="visit-out-of-window")
    assert "Check-up after a few weeks is booked for Mon, Apr 5" in item.why
    book(journey=journey, key="follow-up-weeks", at=PROCEDURE + timedelta(days=51), by=None, now=NOW)
    item.refresh_from_db()
    assert item.state == "resolved"


def test_a_procedure_that_nobody_recorded_is_asked_about():
    journey = make_journey()
    sweep(now=PROCEDURE + timedelta(hours=1))
    asked = WorkItem.objects.filter(journey=journey, kind="record-procedure", state="open")
    assert not asked.exists()
    sweep(now=PROCEDURE + timedelta(hours=3))
    sweep(now=PROCEDURE + timedelta(hours=4))
    assert asked.count() == 1


def test_tasks_to_call_about_what_leads_up_to_the_procedure_end_with_it():
    journey = make_journey(procedure_at=NOW + timedelta(hours=4))
    assert WorkItem.objects.filter(journey=journey, cause="call:fasting:fasting", state="open").exists()
    record(journey=journey, key="procedure", at=NOW + timedelta(hours=4), by=None, now=NOW + timedelta(hours=5))
    assert not WorkItem.objects.filter(journey=journey, cause="call:fasting:fasting", state="open").exists()


def test_the_welcome_comes_before_all_others_of_the_same_moment():
    journey = make_journey(procedure_at=NOW + timedelta(days=2))
    due = list(Reminder.objects.filter(journey=journey, run_at=NOW).order_by("run_at", "pk"))
    assert [row.base_key for row in due][:2] == ["welcome/hello", "ride/week-before"]
