"""The ride home and the fast are corrected by one text, which asks nothing: a nurse asks about the ride."""

from datetime import timedelta

import pytest

from pathway.actions.work_items import resolve_item
from pathway.models import Question, WorkItem
from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)


def told_of_the_fast(procedure: str = "2027-05-20 07:30", until: str = "2027-05-19 18:30") -> Story:
    """A patient who was asked about the ride a week ahead, and told of the fast the evening before."""
    story = Story("2027-05-03 09:00")
    story.given_a_procedure(procedure)
    story.when_time_passes_until("2027-05-14 09:00")
    story.given_a_patient_who_answers()
    story.when_time_passes_until(until)
    return story


def undone(kind: str = "ask-again") -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind=kind).exclude(state="resolved"))


def test_a_ride_confirmed_for_the_old_day_is_to_be_confirmed_for_the_new_one():
    story = told_of_the_fast()
    assert Question.objects.get(answers="ride").answer == "has-ride"

    story.when_the_procedure_moves_to("2027-05-24 10:00")
    story.when_time_passes_until("2027-05-19 19:00")

    assert story.phone()[-1] == "05-19 18:30 Your time has changed"
    [item] = undone()
    assert item.why == (
        "Call: “Your ride home” is to be confirmed again. The day has changed, and the text that told it did not ask."
    )
    assert item.say.startswith("Ask who takes the patient home: an adult, by name and phone.")
    assert (item.get_priority_display(), item.due_at - item.opened_at) == ("Soon", timedelta(hours=4))
    assert not Question.objects.filter(closed_at=None).exists(), "a reply to the new words cannot answer the old ones"


def test_an_open_question_about_the_ride_does_not_close_in_silence():
    story = told_of_the_fast()
    Question.objects.filter(answers="ride").update(answer="", answered_at=None, closed_at=None)
    story.when_the_procedure_moves_to("2027-05-21 07:30")
    story.when_time_passes_until("2027-05-19 19:00")
    [item] = undone()
    assert item.get_priority_display() == "Urgent", "less than two days are left"


def test_another_time_on_the_same_day_leaves_the_ride_as_it_was():
    story = told_of_the_fast()
    story.when_the_procedure_moves_to("2027-05-20 09:30")
    story.when_time_passes_until("2027-05-19 20:00")
    assert undone() == []


def test_a_day_so_far_off_that_the_text_asks_again_by_itself_needs_no_nurse():
    story = told_of_the_fast()
    story.when_the_procedure_moves_to("2027-06-03 07:30")
    story.when_time_passes_until("2027-05-28 09:00")
    assert undone() == []
    assert story.phone()[-1] == "05-27 10:00 Your procedure is Thu, Jun 3"


def test_a_correction_about_the_ride_alone_asks_by_itself():
    story = told_of_the_fast(until="2027-05-15 09:00")
    story.when_the_procedure_moves_to("2027-05-21 07:30")
    story.when_time_passes_until("2027-05-15 09:10")
    assert story.phone()[-1].startswith("05-15 09:00 Your day has changed")
    assert Question.objects.filter(closed_at=None, answers="ride").count() == 1
    assert undone() == []


def test_a_correction_that_a_nurse_has_to_tell_by_phone_leaves_the_task_too():
    story = told_of_the_fast(until="2027-05-19 20:30")
    story.when_the_procedure_moves_to("2027-05-21 07:30")
    story.when_time_passes_until("2027-05-19 21:00")
    assert len(undone()) == 1
    assert undone("call"), "the new day and the fast"


def test_moved_back_before_the_correction_went_out_nothing_is_left_to_ask():
    story = told_of_the_fast(until="2027-05-19 18:30")
    story.when_the_procedure_moves_to("2027-05-24 10:00")
    assert len(undone()) == 1
    story.when_the_procedure_moves_to("2027-05-20 07:30")
    assert undone() == []
    assert WorkItem.objects.get(kind="ask-again").outcome == "Planned anew: no longer needed."


def test_a_nurse_who_has_asked_is_not_told_again_until_the_day_changes_again():
    story = told_of_the_fast()
    story.when_the_procedure_moves_to("2027-05-24 10:00")
    [item] = undone()
    resolve_item(item=item, outcome="Spoke with the patient: her son comes", by=story.nurse, now=story.now)
    story.when_time_passes_until("2027-05-21 12:00")
    assert undone() == []

    story.when_the_procedure_moves_to("2027-05-25 10:00")
    assert len(undone()) == 1


def test_once_it_has_happened_or_is_called_off_nobody_need_ask():
    story = told_of_the_fast()
    story.when_the_procedure_moves_to("2027-05-24 10:00")
    story.when_it_is_called_off("fever")
    assert undone() == []
