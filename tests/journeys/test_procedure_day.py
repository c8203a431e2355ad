"""The day of the procedure, told as a nurse would tell it: from the last meal to going home."""

import pytest

from pathway.actions.procedure_day import NotReady
from pathway.models import CancelReason, JourneyEvent
from tests.journeys.day import DayStory
from tests.journeys.world import Story, at

pytestmark = pytest.mark.django_db(transaction=True)

VISITS = {"follow_up_weeks": "2027-06-10 14:00", "follow_up_6_weeks": "2027-07-01 09:30"}


def test_moved_earlier_the_same_morning_after_eating():
    story = DayStory(until="2027-05-20 07:00", procedure="2027-05-20 14:00")
    story.when_the_patient_says(ate="2027-05-20 06:00")
    assert story.tasks() == []

    story.when_the_procedure_moves_to("2027-05-20 10:00")

    item = story.undone("fast-too-short")
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
    assert "Ask when the patient last ate and drank" in story.undone("fast-too-short").why

    story.when_the_patient_says(ate="2027-05-20 02:00", drank="2027-05-20 06:30")
    assert "fast-too-short" not in story.tasks(), "the time is safe by what the patient says"


def test_moved_later_after_the_fast_began():
    story = DayStory(until="2027-05-20 08:00")
    before = story.phone()
    story.when_the_procedure_moves_to("2027-05-20 15:00")
    story.when_time_passes_until("2027-05-20 13:30")

    assert story.phone() == before, "nobody tells a patient who fasts that they may eat"
    item = story.undone("call")
    assert "fasting since Thu 4:00 AM, and by the new time it would be 11 h 0 min" in item.why
    assert item.say.endswith("Tell no time for food: nothing to eat or drink until the doctor here decides.")
    assert "Do not eat. No food since 4:00 AM" in story.page()
    assert "you still must not eat" in story.page()
    assert "9:00 AM" not in story.page(), "six hours before the new time"


def test_told_by_phone_to_fast_and_moved_later_no_text_tells_the_patient_to_eat():
    story = Story("2027-05-19 21:00")
    story.given_a_procedure("2027-05-20 10:00")  # too late for a text: a nurse calls, and says no food after 4:00
    assert story.undone_all("call", "fasting")
    story.when_time_passes_until("2027-05-20 08:05")
    story.when_the_procedure_moves_to("2027-05-20 16:00")
    story.when_time_passes_until("2027-05-20 15:00")

    assert [text for text in story.phone() if "Come" in text] == []
    [item] = story.undone_all("call", "fasting")
    assert item.say.startswith("Ask when the patient last ate and drank")
    assert "Tell no time for food" in item.say


def test_no_ride_by_the_patients_own_word_and_it_is_called_off_for_that():
    story = DayStory(until="2027-05-13 09:00")
    story.answers_after = None
    story.when_time_passes_until("2027-05-13 11:00")
    story.when_the_patient_texts("R")
    item = story.undone("no-ride")
    assert "Without an adult to take them home the procedure cannot go ahead" in item.why
    assert "A ride-share driver is not an escort" in item.say

    story.when_time_passes_until("2027-05-20 08:50")
    assert "Ride home confirmed" in story.missing()
    story.when_called_off_because(CancelReason.NO_RIDE)
    row = story.journey.cancellations.get()
    assert (row.reason, row.when) == ("no-ride", "on-the-day")
    assert story.phone()[-1].endswith("Your visit is off for now") is False, "it goes out with the next round"
    story.when_time_passes_until("2027-05-20 08:55")
    assert story.phone()[-1] == "05-20 08:50 Your visit is off for now"


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
        "Follow-ups booked: still to book: Six-week visit",
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


def test_warfarin_with_an_inr_still_high_on_the_morning_is_not_admitted_by_a_nurses_yes():
    story = DayStory(until="2027-05-04 09:00", **VISITS)
    story.given_a_medicine("warfarin")
    story.when_the_prescriber_signs("warfarin")
    story.when_time_passes_until("2027-05-20 08:50")
    assert story.hold("warfarin").state == "stopped"
    story.when_an_inr_comes_in("1.6")
    story.when_the_patient("arrives")
    story.when_the_patient_says(ate="2027-05-19 20:00", drank="2027-05-20 07:00")
    story.when_the_nurse_confirms("holds", "consent")
    with pytest.raises(NotReady, match="Still missing: Medicine holds confirmed"):
        story.when_the_patient("is admitted")

    story.when_time_passes_until("2027-05-20 09:30")
    story.when_an_inr_comes_in("1.1")
    story.when_the_patient("is admitted")
    assert story.state() == "admitted"


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
    assert story.undone("in-hospital").why.startswith("Stays overnight. cannot pass water. Tell the family now.")
    assert "The patient is still in hospital" in story.undone("missed-message").why, "the restart is a person's matter"

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
    item = story.undone("not-arrived")
    assert item.why.startswith("Did not come? Expected at 9:00 AM")
    story.when_the_patient("arrives")
    assert story.tasks() == []


def test_nobody_records_that_the_patient_went_home():
    story = DayStory(**VISITS)
    story.when_the_procedure_is_over()
    story.now = at("2027-05-20 14:10")
    story.when_somebody_looks()
    assert story.undone("not-gone-home").why.startswith("Has the patient gone home? Expected Thu, May 20, 1:05 PM")


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
