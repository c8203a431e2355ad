"""The trial of a spinal cord stimulator, from the first visit to the decision: another procedure, the same code."""

from datetime import timedelta

import pytest

from pathway.actions.check_ins import answer_check_in
from pathway.actions.journeys import start_journey
from pathway.actions.protocols import publish_protocol
from pathway.models import AnsweredBy, CheckIn, WorkItem
from pathway.protocol_file import read_shipped
from pathway.queries.check_ins import open_check_in
from pathway.queries.procedures import follow_ups_due
from pathway.states import JourneyState
from tests.journeys.world import Story, at

pytestmark = pytest.mark.django_db(transaction=True)


MEETS = {
    "diagnosis": {"value": "after-surgery"},
    "pain-duration": {"value": "30", "unit": "months"},
    "pain-usual": {"value": "7", "unit": "points"},
    "conservative-care": {"value": ["physical-therapy", "injections"]},
    "surgery-would-help": {"value": False},
    "imaging": {"value": True},
    "psychology": {"value": "no-objection"},
    "infection": {"value": False},
    "bleeding-disorder": {"value": False},
    "can-use-device": {"value": True},
}
"""Answers that meet the whole checklist of the trial."""


def trial() -> Story:
    """A patient with a first visit on April 12; the trial is to be on May 20."""
    story = Story("2027-04-01 09:00")
    version = publish_protocol(source=read_shipped("spinal-cord-stimulator-trial"), by=None, now=story.now)
    story.journey = start_journey(
        patient=story.patient, protocol_version=version, milestones={"consult": at("2027-04-12 10:00")},
        by=story.nurse, now=story.now,
    )  # fmt: skip
    story.given_a_patient_who_answers()
    return story


def to_book() -> list[str]:
    """The causes of the tasks to book a visit."""
    undone = WorkItem.objects.filter(kind="book-visit").exclude(state="resolved")
    return sorted(undone.values_list("cause", flat=True))


def test_a_trial_goes_straight_through():
    story = trial()
    story.when_time_passes_until("2027-04-12 11:00")
    story.when_it_has_happened("consult")
    assert story.state() == "consult"
    story.when_a_visit_is_booked("assessment", "2027-04-26 11:00")
    story.when_time_passes_until("2027-04-26 12:00")
    story.when_it_has_happened("assessment")
    assert story.state() == "consult", "another visit on the way decides nothing"
    story.when_it_is_decided(JourneyState.CANDIDATE, MEETS)
    assert story.state() == "candidate"
    story.when_a_visit_is_booked("procedure", "2027-05-20 07:30")
    assert story.state() == "scheduled"
    story.given_a_medicine("Plavix", has_stent=False)
    hold = story.hold("clopidogrel")
    assert (hold.duration, hold.restart_after) == ("P7D", "P8D"), "the table's day after would be with the leads in"
    assert "not restarted sooner than 8 days after the procedure" in hold.note
    story.when_the_prescriber_signs("clopidogrel")

    story.when_time_passes_until("2027-05-20 09:00")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-05-20 11:00")
    story.when_it_has_happened("discharge")
    assert sorted(
        WorkItem.objects.filter(kind="book-visit").exclude(state="resolved").values_list("cause", flat=True)
    ) == [
        "follow-up:decision:home",
        "follow-up:lead-removal:home",
    ]
    story.when_a_visit_is_booked("lead-removal", "2027-05-26 10:00")
    story.when_a_visit_is_booked("decision", "2027-06-03 10:00")
    story.when_time_passes_until("2027-05-24 09:00")
    assert [row.title for row in follow_ups_due(story.nurse, now=story.now)] == ["Visit to take the wires out"]
    story.when_time_passes_until("2027-05-26 10:30")
    story.when_it_has_happened("lead-removal")
    assert story.state() == "followed-up"
    story.when_time_passes_until("2027-06-03 10:30")
    story.when_it_has_happened("decision")
    assert story.state() == "completed"

    assert story.phone() == [
        "04-01 09:00 You will get about 12 care texts",
        "04-10 10:00 Your first visit is Mon, Apr 12, 10:00 AM",
        "04-24 10:00 Your next visit is Mon, Apr 26, 11:00 AM",
        "04-26 12:00 Your medicine plan is ready",
        "05-12 09:00 See your medicine plan today",
        "05-13 10:00 Your procedure is Thu, May 20",
        "05-18 10:00 Have a fever, a cough or an open sore",
        "05-19 18:00 Come Thu, May 20 at 6:30 AM",
        "05-20 11:30 Keep it dry: no bath, shower, pool",
        "05-21 10:00 How are you today",
        "05-23 10:00 Half-way! How are you",
        "05-24 10:00 Your next visit is Wed, May 26, 10:00 AM",
        "05-28 09:00 See when to take your medicines again",
        "05-31 10:00 Your visit is Thu, Jun 3, 10:00 AM",
    ]
    assert story.tasks() == []


def test_a_wet_dressing_half_way_is_a_call_within_the_hour():
    story = trial()
    story.when_a_visit_is_booked("procedure", "2027-05-20 07:30")
    story.when_time_passes_until("2027-05-20 11:00")
    story.when_it_has_happened("procedure")
    story.when_it_has_happened("discharge")
    story.when_time_passes_until("2027-05-23 11:00")
    row = CheckIn.objects.select_related("journey__protocol_version", "journey__patient").get(key="day-3")
    assert "device" in [one.key for one in open_check_in(row).questions]
    answers = {"dressing": "yes", "device": "shocks"}
    answer_check_in(check_in=row, answers=answers, via=AnsweredBy.PAGE, by=None, now=story.now)
    found = {item.kind: item for item in WorkItem.objects.filter(cause__startswith="check-in:")}
    assert found["warning-sign"].due_at == story.now + timedelta(hours=1)
    assert "dressing wet" in found["warning-sign"].why
    assert found["check-in-answer"].due_at == story.now + timedelta(hours=4)
