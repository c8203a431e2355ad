"""Ready, admitted, home: what blocks each step, who may go on without it, and what is counted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from pathway.actions.day_tasks import watch_procedure_days
from pathway.actions.discharge import NotAnEscort, answer_item, discharge, name_escort, score_recovery
from pathway.actions.holds import dangers, draft_hold, sign_hold
from pathway.actions.journeys import book, cancel, record
from pathway.actions.procedure_day import (
    NotAClinician,
    NotNow,
    NotReady,
    admit,
    arrive,
    end_procedure,
    mark_check,
    start_procedure,
)
from pathway.actions.stays import stay_in_hospital
from pathway.actions.work_items import resolve_item
from pathway.models import Cancellation, CancelReason, JourneyEvent, ProcedureDay, ReadinessMark, WorkItem
from pathway.planner import to_utc
from pathway.planner.day import ScoreError
from pathway.planner.readiness import still_stands
from pathway.queries.discharge import going_home
from pathway.queries.procedures import procedures_tomorrow
from pathway.queries.protocols import protocol_of
from pathway.queries.readiness import readiness_of
from pathway.states import JourneyState, TransitionError
from tests.builders import make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
YES, NO = ReadinessMark.Verdict.YES, ReadinessMark.Verdict.NO
MINUTE = timedelta(minutes=1)


def ny(*parts: int) -> datetime:
    return to_utc(datetime(*parts), NEW_YORK)


NOW = ny(2027, 5, 20, 9)
PROCEDURE = ny(2027, 5, 20, 10)


@pytest.fixture
def clinic():
    return make_clinic(phone_any_hour="+12025550199")


@pytest.fixture
def nurse(clinic):
    return make_staff(clinic)


@pytest.fixture
def doctor(clinic):
    return make_staff(clinic, "prescriber")


@pytest.fixture
def journey(clinic):
    return make_journey(make_patient(clinic), procedure_at=PROCEDURE, now=ny(2027, 5, 3, 9))


def confirm(journey, nurse, *keys: str, at: datetime = NOW) -> None:
    for key in keys:
        mark_check(journey=journey, key=key, verdict=YES, by=nurse, now=at)


def verdicts(journey) -> dict[str, str]:
    return {row.key: row.verdict for row in readiness_of(journey, now=NOW).checks}


def operated(journey, doctor):
    """The same journey in the recovery room at 11:00."""
    arrive(journey=journey, at=NOW, by=doctor, now=NOW)
    admit(journey=journey, at=NOW, by=doctor, now=NOW, override="seen by me")
    start_procedure(journey=journey, at=PROCEDURE, by=doctor, now=PROCEDURE)
    return end_procedure(journey=journey, at=ny(2027, 5, 20, 11), by=doctor, now=ny(2027, 5, 20, 11))


def test_admission_is_refused_with_everything_that_is_missing_by_name(journey, nurse):
    arrive(journey=journey, at=NOW, by=nurse, now=NOW)
    confirm(journey, nurse, "fasting")
    with pytest.raises(NotReady) as refused:
        admit(journey=journey, at=NOW, by=nurse, now=NOW)
    assert refused.value.missing == ("Medicine holds confirmed", "Ride home confirmed", "Consent signed")
    journey.refresh_from_db()
    assert journey.state == "arrived"


def test_a_prescriber_may_admit_all_the_same_by_name_and_with_a_reason(journey, nurse, doctor):
    arrive(journey=journey, at=NOW, by=nurse, now=NOW)
    confirm(journey, nurse, "fasting", "holds", "ride")
    with pytest.raises(NotAClinician, match="not a prescriber"):
        admit(journey=journey, at=NOW, by=nurse, now=NOW, override="will sign later")
    admit(journey=journey, at=NOW, by=doctor, now=NOW, override="will sign later")
    event = JourneyEvent.objects.get(kind="admission-overridden")
    assert (event.by, event.why) == (doctor, "will sign later (without: Consent signed)")
    assert event.detail == {"missing": ["Consent signed"]}


def test_nobody_is_admitted_who_has_not_arrived(journey, doctor):
    with pytest.raises(NotNow, match="Record first that the patient has arrived"):
        admit(journey=journey, at=NOW, by=doctor, now=NOW, override="in a hurry")


def test_a_patient_for_another_day_cannot_arrive_today(journey, nurse):
    with pytest.raises(NotNow, match="booked for Thu, May 20, 2027, 10:00 AM: move it first"):
        arrive(journey=journey, at=NOW - timedelta(days=1), by=nurse, now=NOW)


def test_times_to_come_and_out_of_order_are_refused(journey, nurse, doctor):
    with pytest.raises(NotNow, match="still to come"):
        arrive(journey=journey, at=NOW + MINUTE, by=nurse, now=NOW)
    arrive(journey=journey, at=NOW, by=nurse, now=NOW)
    with pytest.raises(NotNow, match="before the last step"):
        admit(journey=journey, at=NOW - MINUTE, by=doctor, now=NOW, override="x")
    with pytest.raises(TransitionError):
        start_procedure(journey=journey, at=NOW, by=nurse, now=NOW)


def test_the_database_keeps_the_steps_of_a_day_in_order(journey):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedureDay.objects.create(journey=journey, date=NOW.date(), arrived_at=NOW, admitted_at=NOW - MINUTE)


def test_an_unsigned_hold_is_not_outvoted_by_a_nurses_yes(journey, nurse, doctor):
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=ny(2027, 5, 4, 9))
    confirm(journey, nurse, "holds")
    [row] = [row for row in readiness_of(journey, now=NOW).checks if row.key == "holds"]
    assert (row.verdict, row.why) == ("no", "Apixaban: the hold is not signed.")
    sign_hold(hold=hold, by=doctor, dangers_shown=dangers().version, now=NOW + MINUTE)
    assert verdicts(journey)["holds"] == "unknown", "the nurse's word is older than the signature"
    confirm(journey, nurse, "holds", at=NOW + 2 * MINUTE)
    assert verdicts(journey)["holds"] == "yes"


def test_without_a_hold_on_record_only_a_person_says_that_nothing_was_to_be_held(journey, nurse):
    assert verdicts(journey)["holds"] == "unknown"
    confirm(journey, nurse, "holds")
    assert verdicts(journey)["holds"] == "yes"


def test_moved_earlier_what_was_confirmed_for_the_time_has_to_be_confirmed_again(journey, nurse):
    early = ny(2027, 5, 20, 7)
    confirm(journey, nurse, "fasting", "holds", "ride", at=early)
    book(journey=journey, key="procedure", at=ny(2027, 5, 20, 9, 30), by=nurse, now=early)
    found = verdicts(journey)
    assert (found["fasting"], found["holds"], found["ride"]) == ("unknown", "unknown", "yes")


def test_how_long_a_yes_stands():
    same = {"procedure_at": PROCEDURE, "zone": NEW_YORK}
    later, another = PROCEDURE + timedelta(hours=1), PROCEDURE - timedelta(days=3)
    assert still_stands("always", said_for=another, **same)
    assert not still_stands("day", said_for=another, **same)
    assert still_stands("day", said_for=later, **same)
    assert not still_stands("time", said_for=later, **same)


def test_a_no_is_kept_with_who_said_it(journey, nurse):
    mark_check(journey=journey, key="ride", verdict=NO, note="the son is ill", by=nurse, now=NOW)
    [row] = [row for row in readiness_of(journey, now=NOW).checks if row.key == "ride"]
    assert (row.verdict, row.why, row.by) == ("no", "the son is ill", str(nurse))


def test_tomorrows_board_says_how_many_checks_are_there(journey, nurse, clinic):
    eve = ny(2027, 5, 19, 12)
    confirm(journey, nurse, "ride", "consent", at=eve)
    [row] = procedures_tomorrow(nurse, clinics=[clinic], now=eve).rows
    assert (row.ready.shape, row.ready.word) == ("part", "2 of 5")


def test_a_score_needs_every_item(journey, nurse, doctor):
    operated(journey, doctor)
    after = ny(2027, 5, 20, 12)
    for points, said in (
        ({}, "lacks Activity"),
        (dict.fromkeys(("activity", "breathing", "circulation", "consciousness", "oxygen"), 3), "0, 1 or 2"),
    ):
        with pytest.raises(ScoreError, match=said):
            score_recovery(journey=journey, key="aldrete", points=points, by=nurse, now=after)
    with pytest.raises(NotNow, match="no score"):
        score_recovery(journey=journey, key="apgar", points={}, by=nurse, now=after)


@pytest.mark.parametrize(("total", "passes"), [(8, False), (9, True), (10, True)])
def test_both_scores_pass_from_nine_on(journey, total, passes):
    for key in ("aldrete", "padss"):
        score = protocol_of(journey.protocol_version).day.discharge.score(key)
        assert (score.best, score.passes(total)) == (10, passes)


@pytest.mark.parametrize("name", ["Uber driver", "a taxi", "Lyft", "ride-share"])
def test_the_driver_of_a_ride_service_is_no_escort(journey, nurse, name):
    with pytest.raises(NotAnEscort, match="driver of a ride service"):
        name_escort(
            journey=journey, name=name, phone="+12025550177", is_present=True, is_adult_who_stays=True, by=nurse,
            now=NOW,
        )  # fmt: skip


def test_a_discharge_is_overridden_only_by_a_prescriber_by_name(journey, nurse, doctor):
    operated(journey, doctor)
    after = ny(2027, 5, 20, 13)
    with pytest.raises(NotReady, match="Modified Aldrete"):
        discharge(journey=journey, at=after, by=doctor, now=after)
    with pytest.raises(NotAClinician):
        discharge(journey=journey, at=after, by=nurse, now=after, override="looks well")
    discharge(journey=journey, at=after, by=doctor, now=after, override="seen, well, daughter is a nurse")
    event = JourneyEvent.objects.get(kind="discharge-overridden")
    assert event.by == doctor
    assert "Modified PADSS (going home): not scored" in event.detail["missing"]


def test_a_prescriber_of_another_clinic_overrides_nothing(journey, doctor):
    operated(journey, doctor)
    stranger, after = make_staff(make_clinic(), "prescriber"), ny(2027, 5, 20, 13)
    with pytest.raises(NotAClinician):
        discharge(journey=journey, at=after, by=stranger, now=after, override="let them go")


def test_a_held_medicine_without_a_signed_restart_blocks_the_way_home(journey, doctor):
    draft_hold(journey=journey, drug="apixaban", duration="P3D", now=ny(2027, 5, 4, 9), held_since=ny(2027, 5, 17))
    operated(journey, doctor)
    assert "Restart of every held medicine: apixaban: its plan is not signed" in going_home(journey).missing


def test_a_clinic_without_a_number_for_any_hour_is_told_so(journey, doctor, clinic):
    operated(journey, doctor)
    clinic.phone_any_hour = ""
    clinic.save()
    journey.clinic.refresh_from_db()
    assert any(lack.startswith("Number for any hour: the clinic has none") for lack in going_home(journey).missing)


def test_a_line_answered_with_no_stays_missing(journey, nurse, doctor):
    operated(journey, doctor)
    after = ny(2027, 5, 20, 12)
    answer_item(journey=journey, key="dressing", answer="no", by=nurse, now=after)
    assert "Dressing dry: no" in going_home(journey).missing
    answer_item(journey=journey, key="dressing", answer="yes", by=nurse, now=after + MINUTE)
    assert not [lack for lack in going_home(journey).missing if "Dressing" in lack]
    with pytest.raises(NotNow, match="choose one of yes, no"):
        answer_item(journey=journey, key="physical-therapy", answer="maybe", by=nurse, now=after)
    with pytest.raises(NotNow, match="follows from what is written elsewhere"):
        answer_item(journey=journey, key="escort", answer="yes", by=nurse, now=after)


def test_nobody_goes_home_before_the_procedure_took_place(journey, doctor):
    with pytest.raises(NotNow, match="Record the procedure first"):
        discharge(journey=journey, at=NOW, by=doctor, now=NOW, override="x")


def test_a_transfer_needs_its_place_and_a_reason(journey, doctor):
    operated(journey, doctor)
    after = ny(2027, 5, 20, 13)
    with pytest.raises(NotNow, match="which hospital"):
        stay_in_hospital(journey=journey, state=JourneyState.TRANSFERRED, why="weak leg", by=doctor, now=after)
    with pytest.raises(NotNow, match="Say why"):
        stay_in_hospital(journey=journey, state=JourneyState.STAYING, why=" ", by=doctor, now=after)
    moved = stay_in_hospital(
        journey=journey, state=JourneyState.TRANSFERRED, where="St. Mary", why="weak leg", by=doctor, now=after
    )
    assert moved.state == "transferred"
    item = WorkItem.objects.get(kind="in-hospital")
    assert item.why.startswith("Transferred. St. Mary: weak leg.")
    assert item.due_at == ny(2027, 5, 21, 9)


@pytest.mark.parametrize(
    ("state", "now", "when"),
    [("", ny(2027, 5, 19, 23), "before"), ("", ny(2027, 5, 20, 0, 30), "on-the-day"), ("here", NOW, "after-arrival")],
)
def test_a_cancellation_is_counted_with_how_late_it_was(journey, nurse, state, now, when):
    if state:
        arrive(journey=journey, at=now, by=nurse, now=now)
    cancel(journey=journey, reason="", because=CancelReason.ILL, by=nurse, now=now)
    row = Cancellation.objects.get()
    assert (row.reason, row.when, row.by) == ("ill", when, nurse)
    journey.refresh_from_db()
    assert journey.ended_reason == "Patient is ill"


def test_a_reason_in_words_alone_counts_as_something_else(journey):
    cancel(journey=journey, reason="schedule import", by=None, now=NOW)
    row = Cancellation.objects.get()
    assert (row.reason, row.note) == ("other", "schedule import")
    with pytest.raises(IntegrityError), transaction.atomic():
        Cancellation.objects.update(note="")


def test_what_a_nurse_has_decided_about_a_late_patient_is_not_asked_again(journey, nurse):
    late = ny(2027, 5, 20, 9, 25)
    watch_procedure_days(now=late)
    item = WorkItem.objects.get(kind="not-arrived")
    resolve_item(item=item, outcome="Spoke with the patient: on the way", by=nurse, now=late)
    watch_procedure_days(now=late + 5 * MINUTE)
    assert WorkItem.objects.filter(kind="not-arrived").count() == 1


def test_a_patient_whose_case_was_called_off_is_not_missed(journey, nurse):
    watch_procedure_days(now=ny(2027, 5, 20, 9, 25))
    cancel(journey=journey, reason="", because=CancelReason.NO_SHOW, by=nurse, now=ny(2027, 5, 20, 9, 40))
    assert WorkItem.objects.get(kind="not-arrived").state == "resolved"


def test_a_clinic_that_records_only_what_is_over_still_can(journey, nurse):
    record(journey=journey, key="procedure", at=PROCEDURE, by=nurse, now=PROCEDURE + MINUTE)
    journey.refresh_from_db()
    assert journey.state == "recovering"
