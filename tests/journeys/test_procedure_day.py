"""The day of the procedure, told as a nurse would tell it: from the last meal to going home."""

import pytest

from pathway.actions.procedure_day import NotReady
from pathway.models import CancelReason, JourneyEvent
from tests.journeys.day import DayStory
from tests.journeys.world import at

pytestmark = pytest.mark.django_db(transaction=True)

VISITS = {"follow_up_weeks": "2027-06-10 14:00", "follow_up_6_weeks": "2027-07-01 09:30"}


def test_straight_through_the_day():
    story = DayStory(**VISITS)
    assert story.missing() == ["Has arrived", "Fasting confirmed", "Medicine holds confirmed", "Consent signed"], (
        "the patient has answered that there is a ride"
    )

    story.when_the_procedure_is_over()
    assert story.state() == "recovering"
    story.when_scored("aldrete")
    story.when_time_passes_until("2027-05-20 12:40")
    story.when_scored("padss")
    story.when_the_escort_is_named()
    story.when_the_checklist_is_answered()
    assert story.lacking() == []
    story.when_the_patient_goes_home()
    story.when_time_passes_until("2027-05-21 12:00")

    assert story.phone()[-3:] == [
        "05-19 18:00 Come Thu, May 20 at 9:00 AM",
        "05-20 13:10 Tonight: no bath, pool, or hot tub",
        "05-21 10:00 How are you today",
    ]
    assert story.window("bathing") == ["05-20 12:40", "05-21 00:00"], "to the end of that local day"
    assert story.window("driving") == ["05-20 12:40", "05-21 12:40"]
    assert story.window("activity") == ["05-20 12:40", "06-10 12:40"]
    assert story.tasks() == []
    day = story.journey.procedure_days.get()
    times = (day.arrived_at, day.admitted_at, day.started_at, day.ended_at)
    assert times == (*[at("2027-05-20 08:50")] * 2, at("2027-05-20 10:05"), at("2027-05-20 11:00"))


def test_moved_earlier_the_same_morning_after_eating():
    story = DayStory(until="2027-05-20 07:00", procedure="2027-05-20 14:00")
    story.when_the_patient_says(ate="2027-05-20 06:00")
    assert story.tasks() == []

    story.when_the_procedure_moves_to("2027-05-20 10:00")

    item = story.task("fast-too-short")
    assert item.get_priority_display() == "Urgent"
    assert item.why.endswith("Earliest safe procedure: Thu, May 20, 2027, 12:00 PM.")
    assert item.say == "Nothing to eat or drink until the doctor here decides."
    assert "Fasting confirmed" in story.missing()

    story.when_the_procedure_moves_to("2027-05-20 12:00")
    assert "fast-too-short" not in story.tasks()
    assert "Fasting confirmed" not in story.missing()


def test_moved_earlier_and_nobody_knows_when_the_patient_ate():
    story = DayStory(until="2027-05-20 07:00", procedure="2027-05-20 14:00")
    story.when_the_procedure_moves_to("2027-05-20 11:00")
    assert "Ask when the patient last ate and drank" in story.task("fast-too-short").why

    story.when_the_patient_says(ate="2027-05-20 02:00", drank="2027-05-20 06:30")
    assert "fast-too-short" not in story.tasks(), "the time is safe by what the patient says"


def test_moved_later_after_the_fast_began():
    story = DayStory(until="2027-05-20 08:00")
    before = story.phone()
    story.when_the_procedure_moves_to("2027-05-20 15:00")
    story.when_time_passes_until("2027-05-20 13:30")

    assert story.phone() == before, "nobody tells a patient who fasts that they may eat"
    item = story.task("call")
    assert "fasting since Thu 4:00 AM, and by the new time it would be 11 h 0 min" in item.why
    assert item.say.endswith("Who fasts goes on until a nurse decides.")


def test_no_ride_on_the_day():
    story = DayStory(**VISITS)
    story.when_the_procedure_is_over()
    for score in ("aldrete", "padss"):
        story.when_scored(score)
    story.when_the_checklist_is_answered()
    assert story.lacking() == ["Adult escort is here and stays: nobody is named"]

    story.when_the_escort_is_named(stays=False)
    assert story.lacking() == ["Adult escort is here and stays: not confirmed as an adult who stays with the patient"]
    with pytest.raises(NotReady, match="not confirmed as an adult"):
        story.when_the_patient_goes_home()
    assert story.state() == "recovering"


def test_a_blocked_discharge_is_mended_item_by_item():
    story = DayStory(follow_up_weeks="2027-06-10 14:00")
    story.when_the_procedure_is_over()
    assert len(story.lacking()) == 2 + 12, "both scores, and all lines but the clinic's number and the medicines"

    story.when_scored("aldrete", weakest=0)
    assert story.lacking()[0] == "Modified Aldrete (recovery): 8 of 10, needs 9"
    story.when_time_passes_until("2027-05-20 11:30")
    story.when_scored("aldrete", weakest=1)
    story.when_scored("padss")
    story.when_the_checklist_is_answered()
    assert story.lacking() == [
        "Adult escort is here and stays: nobody is named",
        "Follow-ups booked: not booked: Six-week visit",
    ]
    story.when_the_escort_is_named(here=False)
    story.when_a_visit_is_booked("follow-up-6-weeks", "2027-07-01 09:30")
    assert story.lacking() == ["Adult escort is here and stays: Lucía Ruiz is not here yet"]
    story.when_the_escort_is_named()
    assert story.lacking() == []
    story.when_the_patient_goes_home()
    assert story.state() == "discharged"
    assert story.journey.recovery_scores.count() == 3, "the scoring that did not pass is kept"


def test_a_medicine_is_held_and_its_restart_is_signed():
    story = DayStory(until="2027-05-04 09:00", **VISITS)
    story.given_a_signed_hold("apixaban", "P3D")
    story.when_time_passes_until("2027-05-20 08:50")
    story.when_the_procedure_is_over()
    for score in ("aldrete", "padss"):
        story.when_scored(score)
    story.when_the_checklist_is_answered()
    story.when_the_escort_is_named()
    story.when_the_patient_goes_home()
    story.when_time_passes_until("2027-05-22 09:00")
    assert "05-21 10:05 See when to take your medicines again" in story.phone()


def test_an_unplanned_night():
    story = DayStory(until="2027-05-04 09:00", **VISITS)
    story.given_a_signed_hold("apixaban", "P3D")
    story.when_time_passes_until("2027-05-20 08:50")
    story.when_the_procedure_is_over()
    before = story.phone()

    story.when_the_patient_stays("cannot pass water")
    story.when_time_passes_until("2027-05-21 16:00")
    assert story.phone() == before, "neither the rules for home, nor the check-in, nor a word on medicines"
    assert not story.journey.steps.filter(key="bathing").exists()
    assert story.task("in-hospital").why.startswith("Stays overnight. cannot pass water. Tell the family now.")
    assert "The patient is still in hospital" in story.task("missed-message").why, "the restart is a person's matter"

    for score in ("aldrete", "padss"):
        story.when_scored(score)
    story.when_the_checklist_is_answered()
    story.when_the_escort_is_named()
    story.when_the_patient_goes_home()
    story.when_time_passes_until("2027-05-22 12:00")
    assert story.window("bathing") == ["05-21 16:00", "05-22 00:00"], "counted from the real discharge"
    assert story.phone()[len(before) :] == [
        "05-21 16:30 Tonight: no bath, pool, or hot tub",
        "05-22 10:00 How are you today",
    ]
    assert "in-hospital" not in story.tasks()


def test_cancelled_on_the_day_because_the_patient_had_eaten():
    story = DayStory()
    story.when_the_patient("arrives")
    story.when_the_patient_says(ate="2027-05-20 08:00")
    story.when_called_off_because(CancelReason.NOT_FASTED, "breakfast at 8")

    assert story.state() == "cancelled"
    assert story.journey.ended_reason == "Not fasted: breakfast at 8"
    row = story.journey.cancellations.get()
    assert (row.reason, row.when, row.procedure_at) == ("not-fasted", "after-arrival", at("2027-05-20 10:00"))
    story.when_time_passes_until("2027-05-20 10:00")
    assert story.tasks() == ["promised-call"]


def test_a_patient_who_does_not_come_is_asked_after_soon():
    story = DayStory(until="2027-05-20 09:10")
    story.when_somebody_looks()
    assert story.tasks() == []
    story.now = at("2027-05-20 09:25")
    story.when_somebody_looks()
    item = story.task("not-arrived")
    assert item.why.startswith("Did not come? Expected at 9:00 AM")
    story.when_the_patient("arrives")
    assert story.tasks() == []


def test_nobody_records_that_the_patient_went_home():
    story = DayStory(**VISITS)
    story.when_the_procedure_is_over()
    story.now = at("2027-05-20 14:10")
    story.when_somebody_looks()
    assert story.task("not-gone-home").why.startswith("Has the patient gone home? Expected Thu, May 20, 1:05 PM")


def test_a_patient_who_has_come_is_sent_home_for_another_day_and_comes_again():
    story = DayStory()
    story.when_the_patient("arrives")
    story.when_the_nurse_confirms("consent", "fasting", "ride")
    story.when_the_procedure_moves_to("2027-05-24 10:00")
    assert story.state() == "scheduled"
    assert story.missing() == [
        "Has arrived",
        "Fasting confirmed",
        "Medicine holds confirmed",
        "Ride home confirmed",
    ], "only the consent is good for another day"
    assert not JourneyEvent.objects.filter(kind="admitted").exists()
