"""Whole journeys, told as a nurse would tell them, through the real planner and the real dispatcher."""

import pytest

from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_procedure_moves_after_the_fasting_text_went_out():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-19 18:30")

    story.when_the_procedure_moves_to("2027-05-24 10:00")
    story.when_time_passes_until("2027-05-24 09:00")

    assert story.phone()[-3:] == [
        "05-19 18:00 Come Thu, May 20 at 6:30 AM",
        "05-19 18:30 Your time has changed",
        "05-23 18:00 Come Mon, May 24 at 9:00 AM",
    ]


def test_the_procedure_is_called_off_the_evening_before():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-19 18:30")

    story.when_it_is_called_off("fever")
    story.when_time_passes_until("2027-05-22 12:00")

    assert story.phone()[-1] == "05-19 18:30 Your visit is off for now"
    assert story.tasks() == ["promised-call"]


def test_a_booking_for_tomorrow_morning_in_the_late_evening_is_a_nurses_call():
    story = Story("2027-05-19 21:00")
    story.given_a_procedure("2027-05-20 07:30")
    assert story.tasks() == ["call", "call"]  # the ride, and the fast

    story.when_time_passes_until("2027-05-20 07:30")
    assert story.phone() == []


def test_a_patient_who_stopped_the_texts_is_never_a_silent_gap():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-10 09:00")
    story.patient.stopped_at = story.now
    story.patient.save()

    story.when_time_passes_until("2027-05-19 19:00")
    assert story.phone() == ["05-03 09:00 You will get about 12 care texts"]
    assert story.tasks() == ["missed-message", "missed-message"]  # the ride, and the fast


def test_a_patient_who_reads_spanish_in_another_zone():
    story = Story("2027-05-03 09:00", language="es", zone="America/Chicago")
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-20 06:00")
    assert story.phone()[-1].startswith("05-19 18:00 Llegue el jue 20 may, 5:30 AM CDT")


def test_nobody_books_the_check_up_and_somebody_is_told_while_there_is_time():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-20 08:30")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-06-08 12:00")
    assert not [text for text in story.phone() if "check-up" in text]
    assert "book-visit" in story.tasks()
