"""Medicines held around the procedure, told as a nurse would tell it."""

import pytest

from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_patient_on_apixaban_hears_of_it_only_after_the_signature_and_goes_through():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure(
        "2027-05-20 07:30", follow_up_weeks="2027-06-10 14:00", follow_up_6_weeks="2027-07-01 14:00"
    )
    story.given_a_medicine("Eliquis", dose="5 mg")
    story.when_time_passes_until("2027-05-04 09:00")
    assert story.phone() == ["05-03 09:00 You will get about 12 care texts"]
    assert "apixaban" not in story.page()
    assert story.tasks() == ["sign-hold"]

    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-04 12:00")
    assert "apixaban (Eliquis)" in story.page()
    assert "Do not stop or restart any medicine on your own" in story.page()
    assert story.hold("apixaban").state == "acknowledged"

    story.when_time_passes_until("2027-05-16 12:00")
    assert story.hold("apixaban").state == "stopped"
    story.when_time_passes_until("2027-05-20 08:30")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-05-20 10:30")
    story.when_it_has_happened("discharge")
    story.when_time_passes_until("2027-05-22 12:00")
    assert story.hold("apixaban").state == "restarted"
    assert story.tasks() == []


def test_a_patient_on_warfarin_whose_inr_is_still_high_on_the_day_before():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("warfarin sodium 5 mg")
    story.when_the_prescriber_signs("warfarin")
    story.when_time_passes_until("2027-05-18 12:00")
    assert story.task("inr-needed").startswith("Soon: warfarin: a normal INR (up to 1.2) is needed")

    story.when_time_passes_until("2027-05-19 10:00")
    story.when_an_inr_comes_in("1.8")
    assert story.task("inr-needed").startswith("Urgent: INR 1.80 is not normal")

    story.when_time_passes_until("2027-05-19 20:00")
    story.when_an_inr_comes_in("1.1")
    assert "inr-needed" not in story.tasks()


def test_a_stent_on_clopidogrel_booked_in_four_days():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure("2027-05-07 09:00")
    story.given_a_medicine("Plavix", has_stent=True)
    told = story.task("hold-too-short")
    assert told.startswith("Urgent: clopidogrel needs 7 days; the time left is 4 days")
    assert "Earliest safe procedure: Mon, May 10, 2027, 9:00 AM" in told

    story.when_the_procedure_moves_to("2027-05-14 09:00")
    assert story.tasks() == ["sign-hold"]
    assert "Cardiology's agreement comes first" in story.task("sign-hold")
    story.when_cardiology_agrees("clopidogrel", "Dr. Osei")
    story.when_the_prescriber_signs("clopidogrel")
    story.when_time_passes_until("2027-05-03 12:00")
    assert story.hold("clopidogrel").state == "acknowledged"


def test_aspirin_after_a_stent_or_a_stroke_is_a_shared_decision_and_nobody_proposes_days():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("aspirin 81 mg")
    assert story.tasks() == ["medicine-unclear"]
    story.given_a_medicine("aspirin 81 mg", variant="secondary-prevention")
    assert "shared decision" in story.task("hold-decision")
    assert not story.journey.holds.exists()

    story.when_time_passes_until("2027-05-19 12:00")
    assert "aspirin" not in story.page().casefold()
    assert not [text for text in story.phone() if "medicine" in text]


def test_an_unknown_herb_is_never_guessed_and_never_forgotten():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("dong quai root")
    assert story.task("medicine-unknown") == (
        "Soon: dong quai root is not in the table of holds: a prescriber decides whether it is held."
    )
    story.when_the_procedure_moves_to("2027-05-10 07:30")
    assert story.task("medicine-unknown").startswith("Urgent: dong quai root")


def test_the_procedure_moves_a_week_later_while_the_drug_is_held():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("apixaban")
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-18 09:00")
    assert story.hold("apixaban").state == "stopped"

    story.when_the_procedure_moves_to("2027-05-27 07:30")
    assert story.task("held-without-date").startswith("Urgent: apixaban is being held and the procedure moved later")
    assert story.hold("apixaban").state == "drafted"
    assert "apixaban" not in story.page()

    story.when_time_passes_until("2027-05-18 12:00")
    assert story.phone()[-1] == "05-18 09:00 Please wait with your medicine plan"
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-18 15:00")
    assert "held-without-date" not in story.tasks()
    assert "apixaban" in story.page()


def test_called_off_while_the_drug_is_held_and_booked_anew():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("apixaban")
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-18 09:00")

    story.when_it_is_called_off("the surgeon is ill")
    story.when_time_passes_until("2027-05-18 12:00")
    assert story.task("held-without-date").startswith(
        "Urgent: apixaban is being held and the procedure was cancelled. Decide whether to restart it"
    )
    assert sorted(story.phone()[-2:]) == [
        "05-18 09:00 Please wait with your medicine plan",
        "05-18 09:00 Your visit is off for now",
    ]
    assert "Do not change any medicine on your own" in story.page()
    assert "apixaban" not in story.page(), "no word of when to take it again before somebody signs it"

    story.when_a_visit_is_booked("procedure", "2027-06-10 07:30")
    story.when_time_passes_until("2027-06-05 09:00")
    assert story.hold("apixaban").state == "drafted", "the old signature stands for nothing"
    assert not [text for text in story.phone()[-2:] if "medicine plan today" in text]
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-06-06 12:00")
    assert story.phone()[-2:] == [
        "06-05 09:00 Your medicine plan is ready",
        "06-06 09:00 See your medicine plan today",
    ]


def test_an_injection_held_for_hours_has_its_last_hour_told_and_not_the_day_before():
    story = Story("2027-05-03 09:00")
    story.given_a_patient_who_answers()
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("Lovenox 40 mg", variant="prophylactic")
    story.when_the_prescriber_signs("enoxaparin")
    assert "Last dose of enoxaparin (Lovenox 40 mg): Wednesday, May 19, 7:30 PM at the latest" in story.page()

    story.when_time_passes_until("2027-05-19 09:05")
    assert story.phone()[-1] == "05-19 09:00 See your medicine plan today"
    story.when_the_procedure_moves_to("2027-05-27 07:30")
    assert story.hold("enoxaparin").state == "acknowledged", "no dose is left out yet: the signed hours move as well"
    story.when_time_passes_until("2027-05-26 12:00")
    assert "05-19 09:05 Your medicine plan has new dates" in story.phone()
    assert story.hold("enoxaparin").state == "stopped", "they answered that it was the last one"
    story.when_the_procedure_moves_to("2027-05-28 07:30")
    assert story.hold("enoxaparin").state == "drafted", "before its hour, but they take no more: sign again"


def test_a_last_dose_taken_too_late_names_the_earliest_safe_date():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_medicine("apixaban")
    story.when_the_prescriber_signs("apixaban")
    story.when_time_passes_until("2027-05-18 10:00")

    story.when_the_last_dose_was("apixaban", "2027-05-18 08:00")
    told = story.task("hold-too-short")
    assert told.startswith("Urgent: apixaban needs 3 days; the time left is 1 day 23 hours")
    assert "Earliest safe procedure: Fri, May 21, 2027, 8:00 AM" in told
