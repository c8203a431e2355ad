"""After the signature: told, read, stopped, taken again; and what goes otherwise than planned."""

from datetime import timedelta

import pytest

from pathway.actions.hold_changes import NotAPrescriber, NotOfThisClinic
from pathway.actions.hold_course import NotAttestable, attest_last_dose, attest_restart, set_restart, tell_plan
from pathway.actions.journeys import book, cancel, record
from pathway.actions.questions import answer_question, ask_questions
from pathway.actions.sent_reminders import SentReminder
from pathway.actions.sweep import sweep
from pathway.models import MedicationHold, Priority, Question, Reminder
from pathway.queries.holds import missing_for_procedure
from patients.models import LabKind
from tests.builders import NOW, make_clinic, make_staff
from tests.pathway.holds.worlds import PROCEDURE, World

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def on(drug: str, **facts: object) -> World:
    """A signed hold of that drug, two weeks before the procedure."""
    world = World()
    world.takes(drug, **facts)
    world.signed(drug)
    return world


def sent(world: World, key: str, at) -> Reminder:
    """A reminder of the plan, as it goes out."""
    row = Reminder.objects.get(journey=world.journey, base_key=key)
    Reminder.objects.filter(pk=row.pk).update(state="sent", sent_at=at, started_at=at)
    row.refresh_from_db()
    ask_questions(sent=[SentReminder.of(row, sent_at=at)], now=at)
    return row


def answered(row: Reminder, at) -> None:
    answer_question(question=Question.objects.get(reminder=row), choice="C", words="C", by=None, now=at)


def test_the_texts_and_their_answers_move_a_hold_from_signature_to_restart():
    world = on("apixaban")
    ready = sent(world, "medication-plan/ready/apixaban", NOW + HOUR)
    assert world.hold("apixaban").state == "released"
    answered(ready, NOW + 2 * HOUR)
    assert world.hold("apixaban").state == "acknowledged"
    answered(sent(world, "medication-plan/hold-day/apixaban", PROCEDURE - 4 * DAY), PROCEDURE - 4 * DAY + HOUR)
    assert world.hold("apixaban").state == "stopped"
    assert missing_for_procedure(world.journey, now=NOW) == []
    record(journey=world.journey, key="procedure", at=PROCEDURE, by=world.nurse, now=PROCEDURE + HOUR)
    answered(sent(world, "medication-plan/restart/apixaban", PROCEDURE + DAY), PROCEDURE + DAY + HOUR)
    assert world.hold("apixaban").state == "restarted"
    sweep(now=PROCEDURE + 3 * DAY)
    assert "restart-unconfirmed" not in world.tasks()


def test_an_answer_about_one_drug_does_not_stop_another():
    world = on("apixaban")
    world.takes("meloxicam")
    world.signed("meloxicam")
    answered(sent(world, "medication-plan/hold-day/meloxicam", PROCEDURE - 5 * DAY), PROCEDURE - 5 * DAY + HOUR)
    assert (world.hold("meloxicam").state, world.hold("apixaban").state) == ("stopped", "released")


def test_a_hold_signed_after_the_text_was_read_is_not_counted_as_read():
    world = on("apixaban")
    ready = sent(world, "medication-plan/ready/apixaban", NOW + HOUR)
    world.takes("meloxicam", now=NOW + 2 * HOUR)
    world.signed("meloxicam", now=NOW + 2 * HOUR)
    answered(ready, NOW + 3 * HOUR)
    assert (world.hold("apixaban").state, world.hold("meloxicam").state) == ("acknowledged", "approved")


def test_a_nurse_may_tell_the_plan_by_phone():
    world = on("apixaban")
    hold = tell_plan(hold=world.hold("apixaban"), how="by phone", has_read=True, by=world.nurse, now=NOW)
    assert (hold.state, hold.released_at, hold.acknowledged_at) == ("acknowledged", NOW, NOW)


@pytest.mark.parametrize("role", ["admin", "integration"])
def test_only_clinicians_of_the_clinic_attest(role: str):
    world = on("apixaban")
    for other in (make_staff(world.clinic, role), make_staff(make_clinic(), "nurse")):
        with pytest.raises(NotOfThisClinic):
            attest_last_dose(hold=world.hold("apixaban"), at=NOW, by=other, now=NOW)


def test_a_last_dose_on_its_day_is_confirmed_and_no_task_follows():
    world = on("apixaban")
    at = PROCEDURE - 4 * DAY + 8 * HOUR
    hold = attest_last_dose(hold=world.hold("apixaban"), at=at, by=world.nurse, now=at + HOUR)
    assert (hold.state, hold.last_dose_at, hold.last_dose_by) == ("stopped", at, world.nurse)
    assert world.tasks() == ["call"]  # the plan's own text, which nobody sent in this test
    assert missing_for_procedure(world.journey, now=NOW) == []


def test_a_last_dose_too_late_is_urgent_and_names_the_earliest_safe_date():
    world = on("apixaban")
    at = PROCEDURE - 2 * DAY  # three days are needed
    attest_last_dose(hold=world.hold("apixaban"), at=at, by=world.nurse, now=at + HOUR)
    item = world.task("hold-too-short")
    assert item.priority == Priority.URGENT
    assert "Earliest safe procedure: Tue, Mar 16, 2027" in item.why
    assert missing_for_procedure(world.journey, now=NOW) == ["apixaban: the last dose was later than the plan says"]


def test_another_late_dose_after_somebody_decided_is_asked_about_again():
    world = on("apixaban")
    first = PROCEDURE - 2 * DAY
    attest_last_dose(hold=world.hold("apixaban"), at=first, by=world.nurse, now=first)
    item = world.task("hold-too-short")
    type(item).objects.filter(pk=item.pk).update(
        state="resolved", resolved_at=first, resolved_by=world.doctor, outcome="accepted"
    )
    attest_last_dose(hold=world.hold("apixaban"), at=first + DAY, by=world.nurse, now=first + DAY)
    assert "hold-too-short" in world.tasks()


def test_a_medicine_stopped_well_before_its_day_is_a_danger_of_a_clot():
    world = on("apixaban")
    attest_last_dose(hold=world.hold("apixaban"), at=NOW, by=world.nurse, now=NOW)
    assert world.task("stopped-early").priority == Priority.URGENT


def test_a_medicine_stopped_before_anybody_signed_is_the_prescribers_at_once():
    world = World()
    world.takes("apixaban")
    attest_last_dose(hold=world.hold("apixaban"), at=NOW - DAY, by=world.nurse, now=NOW)
    assert world.hold("apixaban").state == "drafted"
    assert world.task("stopped-unsigned").priority == Priority.URGENT


def test_a_stop_that_nobody_confirmed_is_urgent_once_the_hold_has_begun():
    world = on("apixaban")
    sweep(now=PROCEDURE - 3 * DAY + HOUR)
    assert "stop-unconfirmed" in world.tasks()
    attest_last_dose(hold=world.hold("apixaban"), at=PROCEDURE - 4 * DAY, by=world.nurse, now=PROCEDURE - 2 * DAY)
    assert "stop-unconfirmed" not in world.tasks()


def test_a_moment_that_cannot_be_meant_is_refused():
    world = on("apixaban")
    for at in (NOW + HOUR, NOW - 200 * DAY):
        with pytest.raises(NotAttestable):
            attest_last_dose(hold=world.hold("apixaban"), at=at, by=world.nurse, now=NOW)


def test_a_high_inr_keeps_the_procedure_from_going_ahead_and_a_normal_one_lets_it():
    world = on("warfarin")
    attest_last_dose(hold=world.hold("warfarin"), at=PROCEDURE - 6 * DAY, by=world.nurse, now=PROCEDURE - 6 * DAY)
    assert missing_for_procedure(world.journey, now=NOW) == ["warfarin: no normal INR"]
    sweep(now=PROCEDURE - 47 * HOUR)
    assert world.task("inr-needed").priority == Priority.SOON
    world.result(LabKind.INR, "1.9", PROCEDURE - 20 * HOUR)
    item = world.task("inr-needed")
    assert (item.priority, "INR 1.90 is not normal" in item.why) == (Priority.URGENT, True)
    world.result(LabKind.INR, "1.2", PROCEDURE - 6 * HOUR)
    assert "inr-needed" not in world.tasks()
    assert missing_for_procedure(world.journey, now=NOW) == []


def test_a_normal_inr_from_days_before_does_not_count():
    world = on("warfarin")
    world.result(LabKind.INR, "1.0", PROCEDURE - 3 * DAY)
    sweep(now=PROCEDURE - 11 * HOUR)
    assert world.task("inr-needed").priority == Priority.URGENT


def test_no_inr_at_all_becomes_urgent_on_the_eve():
    world = on("warfarin")
    sweep(now=PROCEDURE - 10 * HOUR)
    assert world.task("inr-needed").priority == Priority.URGENT


def test_a_restart_that_waits_for_eating_has_no_date_until_a_nurse_sets_one():
    world = on("metformin")
    assert not Reminder.objects.filter(base_key="medication-plan/restart/metformin").exists()
    attest_last_dose(hold=world.hold("metformin"), at=PROCEDURE - DAY, by=world.nurse, now=PROCEDURE - DAY)
    record(journey=world.journey, key="procedure", at=PROCEDURE, by=world.nurse, now=PROCEDURE + HOUR)
    assert "set-restart" in world.tasks()
    at = PROCEDURE + 10 * HOUR
    set_restart(hold=world.hold("metformin"), at=at, by=world.nurse, now=PROCEDURE + 3 * HOUR)
    assert "set-restart" not in world.tasks()
    assert Reminder.objects.filter(base_key="medication-plan/restart/metformin", state="planned").exists()
    assert not Reminder.objects.filter(text__startswith="plan-", state="planned").exists()


def test_a_restart_that_waits_for_the_clinician_is_set_by_a_prescriber():
    world = on("ginkgo")
    with pytest.raises(NotAPrescriber):
        set_restart(hold=world.hold("ginkgo"), at=PROCEDURE + DAY, by=world.nurse, now=PROCEDURE)
    set_restart(hold=world.hold("ginkgo"), at=PROCEDURE + DAY, by=world.doctor, now=PROCEDURE)


def test_a_restart_is_never_set_before_the_procedure():
    world = on("metformin")
    with pytest.raises(NotAttestable, match="after the procedure"):
        set_restart(hold=world.hold("metformin"), at=PROCEDURE - HOUR, by=world.nurse, now=NOW)


def test_a_restart_date_does_not_outlive_another_procedure_time():
    world = on("metformin")
    set_restart(hold=world.hold("metformin"), at=PROCEDURE + DAY, by=world.nurse, now=NOW)
    book(journey=world.journey, key="procedure", at=PROCEDURE + 3 * DAY, by=world.nurse, now=NOW)
    assert world.hold("metformin").restart_at is None


def test_a_restart_that_nobody_confirmed_is_urgent_a_day_later():
    world = on("apixaban")
    record(journey=world.journey, key="procedure", at=PROCEDURE, by=world.nurse, now=PROCEDURE + HOUR)
    sweep(now=PROCEDURE + 2 * DAY + HOUR)
    assert world.task("restart-unconfirmed").priority == Priority.URGENT
    attest_restart(hold=world.hold("apixaban"), at=PROCEDURE + 25 * HOUR, by=world.nurse, now=PROCEDURE + 3 * DAY)
    assert "restart-unconfirmed" not in world.tasks()


@pytest.mark.parametrize(
    ("after", "kind"), [(timedelta(hours=3), "restarted-early"), (timedelta(days=3), "restarted-late")]
)
def test_a_restart_at_another_time_than_planned_is_told(after: timedelta, kind: str):
    world = on("apixaban")
    record(journey=world.journey, key="procedure", at=PROCEDURE, by=world.nurse, now=PROCEDURE + HOUR)
    attest_restart(hold=world.hold("apixaban"), at=PROCEDURE + after, by=world.nurse, now=PROCEDURE + 4 * DAY)
    assert kind in world.tasks()


def test_a_medicine_taken_again_before_the_procedure_names_the_earliest_safe_date():
    world = on("apixaban")
    at = PROCEDURE - DAY
    attest_last_dose(hold=world.hold("apixaban"), at=PROCEDURE - 4 * DAY, by=world.nurse, now=at)
    attest_restart(hold=world.hold("apixaban"), at=at, by=world.nurse, now=at)
    item = world.task("restarted-early")
    assert (item.priority, "Earliest safe procedure: Wed, Mar 17" in item.why) == (Priority.URGENT, True)


def test_a_stopped_medicine_loses_its_signature_when_the_procedure_moves_by_minutes():
    world = on("apixaban")
    last = PROCEDURE - 4 * DAY + HOUR
    attest_last_dose(hold=world.hold("apixaban"), at=last, by=world.nurse, now=last)
    now = PROCEDURE - DAY
    book(journey=world.journey, key="procedure", at=PROCEDURE + timedelta(minutes=5), by=world.nurse, now=now)
    again = world.hold("apixaban")
    assert (again.state, again.held_since, again.signed_by) == ("drafted", last, None)
    assert world.task("held-without-date").priority == Priority.URGENT
    world.signed("apixaban", now=now + HOUR)
    assert "held-without-date" not in world.tasks()
    assert "hold-too-short" not in world.tasks()


def test_a_stopped_medicine_loses_its_signature_when_the_procedure_is_called_off():
    world = on("apixaban")
    last = PROCEDURE - 4 * DAY + HOUR
    attest_last_dose(hold=world.hold("apixaban"), at=last, by=world.nurse, now=last)
    cancel(journey=world.journey, reason="fever", by=world.nurse, now=PROCEDURE - DAY)
    assert world.hold("apixaban").state == "drafted"
    assert world.task("held-without-date").priority == Priority.URGENT
    assert not Reminder.objects.filter(step="medication-plan", state="planned").exclude(text="plan-paused").exists()


def test_moved_earlier_while_held_the_signature_stands_and_a_misfit_is_urgent():
    world = on("apixaban")
    last = PROCEDURE - 4 * DAY + HOUR
    attest_last_dose(hold=world.hold("apixaban"), at=last, by=world.nurse, now=last)
    book(journey=world.journey, key="procedure", at=PROCEDURE - 2 * DAY, by=world.nurse, now=last + HOUR)
    assert world.hold("apixaban").state == "stopped"
    assert world.task("hold-too-short").priority == Priority.URGENT


def test_dates_move_with_the_procedure_as_long_as_nothing_is_held():
    world = on("apixaban")
    book(journey=world.journey, key="procedure", at=PROCEDURE + 7 * DAY, by=world.nurse, now=NOW)
    assert world.hold("apixaban").state == "approved"
    hold_day = Reminder.objects.get(base_key="medication-plan/hold-day/apixaban", state="planned")
    assert hold_day.send_at.date() == (PROCEDURE + 3 * DAY).date()


def test_a_restarted_medicine_is_not_told_to_wait():
    world = on("apixaban")
    answered(sent(world, "medication-plan/ready/apixaban", NOW + HOUR), NOW + 2 * HOUR)
    record(journey=world.journey, key="procedure", at=PROCEDURE, by=world.nurse, now=PROCEDURE + HOUR)
    attest_restart(hold=world.hold("apixaban"), at=PROCEDURE + DAY, by=world.nurse, now=PROCEDURE + DAY + HOUR)
    assert not Reminder.objects.filter(text__in=["plan-paused", "plan-changed"]).exists()
    assert not Reminder.objects.filter(base_key="medication-plan/restart/apixaban", state="planned").exists()
    assert MedicationHold.objects.get().state == "restarted"
