"""Candidacy on the database: answers kept beside each other, a prescriber's decision, and a kind end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from pathway.actions.candidacy import NotDecidable, decide_candidacy, record_assessment
from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.holds import dangers, draft_hold, sign_hold
from pathway.actions.journeys import book, cancel, record
from pathway.actions.replan import replan
from pathway.actions.work_items import resolve_item
from pathway.candidacy import AnswersError
from pathway.models import CandidacyAssessment, CandidacyDecision, Journey, JourneyEvent, MedicationHold, WorkItem
from pathway.states import JourneyState, TransitionError
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff
from tests.pathway.test_candidacy_checklist import ALL_MET
from tests.pathway.test_replan import send

pytestmark = pytest.mark.django_db

CANDIDATE, NOT = JourneyState.CANDIDATE, JourneyState.NOT_A_CANDIDATE
BLEEDS = {**ALL_MET, "bleeding-disorder": {"value": True}}
CONSULT = NOW + timedelta(days=3)
SEEN = CONSULT + timedelta(hours=1)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def nurse(clinic):
    return make_staff(clinic)


@pytest.fixture
def doctor(clinic):
    return make_staff(clinic, "prescriber", first_name="Ama", last_name="Osei")


@pytest.fixture
def journey(clinic, nurse):
    """Seen at the consult; no procedure is booked."""
    journey = make_journey(make_patient(clinic), milestones={"consult": CONSULT, "procedure": None})
    return record(journey=journey, key="consult", at=CONSULT, by=nurse, now=SEEN)


def assess(journey, nurse, answers=ALL_MET, now=SEEN):
    return record_assessment(journey=journey, answers=answers, by=nurse, now=now)


def decide(journey, decision, doctor, assessment=None, reason="", now=SEEN):
    made = decide_candidacy(
        journey=journey, decision=decision, assessment=assessment, reason=reason, by=doctor, now=now
    )
    journey.refresh_from_db()
    return made


def tasks(journey) -> dict[str, str]:
    """Why by kind, of the tasks that wait; nobody dispatches here, so calls in place of texts are left out."""
    undone = WorkItem.objects.filter(journey=journey).exclude(state="resolved").exclude(kind="call")
    return dict(undone.values_list("kind", "why"))


def test_having_had_the_consult_is_not_being_a_candidate(journey):
    assert journey.state == "consult"
    assert tasks(journey) == {
        "decide-candidacy": "The first visit has taken place: decide whether the patient is a candidate."
    }


def test_the_decision_makes_a_candidate_and_closes_the_task(journey, nurse, doctor):
    made = decide(journey, CANDIDATE, doctor, assess(journey, nurse))
    assert (journey.state, made.result, made.by, made.at) == ("candidate", "meets", doctor, SEEN)
    assert tasks(journey) == {}
    said = JourneyEvent.objects.filter(journey=journey, kind__in=["candidacy-assessed", "decided-candidate"])
    assert list(said.order_by("pk").values_list("kind", "by")) == [
        ("candidacy-assessed", nurse.pk),
        ("decided-candidate", doctor.pk),
    ]


def test_only_a_prescriber_of_the_clinic_decides(journey, nurse, doctor):
    seen = assess(journey, nurse)
    elsewhere = make_staff(make_clinic(), "prescriber")
    for person in (nurse, elsewhere):
        with pytest.raises(NotAPrescriber):
            decide(journey, CANDIDATE, person, seen)
    doctor.is_active = False
    doctor.save()
    with pytest.raises(NotAPrescriber):
        decide(journey, CANDIDATE, doctor, seen)
    assert not CandidacyDecision.objects.exists()


@pytest.mark.parametrize(
    ("answers", "decision"),
    [
        (BLEEDS, CANDIDATE),
        ({"bleeding-disorder": {"value": False}}, CANDIDATE),
        (None, CANDIDATE),
        (ALL_MET, NOT),
        ({"bleeding-disorder": {"value": False}}, NOT),
    ],
)
def test_deciding_against_the_list_or_ahead_of_it_needs_a_reason(journey, nurse, doctor, answers, decision):
    seen = assess(journey, nurse, answers) if answers is not None else None
    with pytest.raises(NotDecidable, match="say why") as caught:
        decide(journey, decision, doctor, seen, reason="  ")
    assert caught.value.field == "reason"
    made = decide(journey, decision, doctor, seen, reason="The haematologist agrees")
    assert (made.reason, journey.state) == ("The haematologist agrees", decision)


def test_the_database_too_refuses_an_override_without_a_reason(journey, nurse, doctor):
    seen = assess(journey, nurse, BLEEDS)
    with pytest.raises(IntegrityError), transaction.atomic():
        CandidacyDecision.objects.create(
            journey=journey, assessment=seen, decision="candidate", result="does-not-meet", at=SEEN, by=doctor
        )


def test_answers_are_kept_beside_the_earlier_ones_and_the_last_count(journey, nurse, doctor):
    first = assess(journey, nurse, BLEEDS)
    second = assess(journey, nurse, ALL_MET, now=SEEN + timedelta(days=1))
    assert list(CandidacyAssessment.objects.order_by("pk").values_list("result", flat=True)) == [
        "does-not-meet",
        "meets",
    ]
    with pytest.raises(NotDecidable, match="New answers were recorded meanwhile"):
        decide(journey, NOT, doctor, first)
    with pytest.raises(NotDecidable, match="New answers"):
        decide(journey, CANDIDATE, doctor, None, reason="seen")
    assert decide(journey, CANDIDATE, doctor, second).assessment == second


def test_a_wrong_answer_is_refused_and_nothing_is_kept(journey, nurse):
    with pytest.raises(AnswersError) as caught:
        assess(journey, nurse, {**ALL_MET, "ligamentum-flavum": {"value": "250", "unit": "mm"}})
    assert "check the digits" in caught.value.problems["ligamentum-flavum"]
    assert not CandidacyAssessment.objects.exists()


def test_who_is_not_a_candidate_is_told_by_a_person_and_by_no_text(journey, nurse, doctor):
    decide(journey, NOT, doctor, assess(journey, nurse, BLEEDS))
    assert (journey.state, journey.ended_reason) == (
        "not-a-candidate",
        "Bleeding disorder: yes; no is needed.",
    )
    (item,) = WorkItem.objects.filter(journey=journey).exclude(state="resolved")
    assert (item.kind, item.due_at - SEEN) == ("not-a-candidate-call", timedelta(hours=4))
    assert "heard it from the doctor" in item.why
    assert "nobody's fault" in item.say
    assert not journey.reminders.filter(state__in=["planned", "claimed"]).exists()


def test_the_call_is_worded_in_the_patients_language(clinic, nurse, doctor):
    journey = make_journey(make_patient(clinic, language="es"))
    decide(journey, NOT, doctor, assess(journey, nurse, BLEEDS, now=NOW), now=NOW)
    assert "no le va a ayudar" in WorkItem.objects.get(kind="not-a-candidate-call").say


def test_what_was_told_is_taken_back_and_the_promised_call_is_the_same_one(clinic, nurse, doctor):
    journey = make_journey(make_patient(clinic))
    told_at = NOW + timedelta(days=7)
    send(journey, "ride/week-before", told_at)
    seen = assess(journey, nurse, BLEEDS, now=told_at)
    decide(journey, NOT, doctor, seen, now=told_at + timedelta(hours=1))
    (taken_back,) = journey.reminders.filter(state="planned")
    assert (taken_back.base_key, taken_back.text) == ("ride/week-before/cancelled", "cancelled")
    assert list(WorkItem.objects.filter(journey=journey).values_list("cause", flat=True)) == ["promised"]
    replan(journey, by=None, now=told_at + timedelta(hours=2))
    assert "nobody's fault" in WorkItem.objects.get(journey=journey).say


def test_a_medicine_that_is_being_held_is_an_urgent_matter_for_its_prescriber(clinic, nurse, doctor):
    journey = make_journey(make_patient(clinic))
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=NOW)
    sign_hold(hold=hold, by=doctor, dangers_shown=dangers().version, now=NOW)
    holding = NOW + timedelta(days=13)
    decide(journey, NOT, doctor, assess(journey, nurse, BLEEDS, now=holding), now=holding)
    assert not MedicationHold.objects.filter(journey=journey, state="approved").exists()
    (urgent,) = WorkItem.objects.filter(journey=journey, kind="held-without-date")
    assert (urgent.priority, urgent.why.split(".")[0]) == (
        1,
        "apixaban is being held and the patient is not a candidate for the procedure",
    )


def test_after_new_data_a_clinician_may_decide_anew_and_old_bookings_do_not_come_back(clinic, nurse, doctor):
    journey = make_journey(make_patient(clinic))
    decide(journey, NOT, doctor, assess(journey, nurse, BLEEDS, now=NOW), now=NOW)
    later = NOW + timedelta(days=2)
    decide(journey, CANDIDATE, doctor, assess(journey, nurse, ALL_MET, now=later), now=later)
    assert (journey.state, journey.ended_reason) == ("candidate", "")
    assert not journey.milestones.exists()
    assert not journey.reminders.filter(state="planned", base_key__startswith="fasting").exists()
    assert list(tasks(journey)) == ["candidate-after-all"]
    assert [one.decision for one in CandidacyDecision.objects.order_by("pk")] == ["not-a-candidate", "candidate"]
    booked = book(journey=journey, key="procedure", at=later + timedelta(days=9), by=nurse, now=later)
    assert booked.state == "scheduled"


def test_a_procedure_booked_before_anybody_decided_is_a_task_until_somebody_does(journey, nurse, doctor):
    book(journey=journey, key="procedure", at=SEEN + timedelta(days=20), by=nurse, now=SEEN)
    assert tasks(journey)["decide-candidacy"].startswith("The procedure is booked and nobody has decided")
    decide(journey, CANDIDATE, doctor, assess(journey, nurse))
    assert (journey.state, tasks(journey)) == ("scheduled", {})


def test_a_case_that_arrives_scheduled_asks_for_no_decision(clinic):
    journey = make_journey(make_patient(clinic))
    assert (journey.state, tasks(journey)) == ("scheduled", {})


def test_what_a_person_settled_is_not_asked_again_by_the_next_sweep(journey, doctor):
    item = WorkItem.objects.get(kind="decide-candidacy")
    resolve_item(item=item, outcome="Dr. Osei decides on Friday", by=doctor, now=SEEN)
    replan(journey, by=None, now=SEEN + timedelta(hours=1))
    assert tasks(journey) == {}


def test_once_admitted_or_called_off_nothing_is_decided(journey, nurse, doctor):
    seen = assess(journey, nurse)
    cancel(journey=journey, reason="moved away", by=nurse, now=SEEN)
    assert tasks(journey) == {}
    with pytest.raises(TransitionError, match="cancelled"):
        assess(journey, nurse)
    Journey.objects.filter(pk=journey.pk).update(state="admitted")
    with pytest.raises(TransitionError, match="before the patient is admitted"):
        decide(journey, NOT, doctor, seen, reason="too late")
