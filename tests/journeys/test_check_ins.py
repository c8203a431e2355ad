"""How the patient is the day after: signs become tasks at once, and silence becomes one too."""

from datetime import timedelta

import pytest

from pathway.actions.check_ins import CheckInClosed, answer_check_in
from pathway.actions.work_items import claim_item, resolve_item, snooze_item
from pathway.check_ins import NotAnAnswer
from pathway.models import AnsweredBy, CheckIn, JourneyEvent, Measurement, Priority, Question, WorkItem
from pathway.queries.check_ins import open_check_in, open_check_ins
from tests.journeys.world import Story, at

pytestmark = pytest.mark.django_db(transaction=True)
WELL = {"pain": "3", "eating": "yes", "next-visit": "yes"}


def the_day_after(until: str = "2027-05-21 10:30", **patient: object) -> Story:
    """A patient who went home on May 20 with both follow-ups booked, and was asked how they are."""
    story = Story("2027-05-03 09:00", **patient)
    story.given_a_procedure(
        "2027-05-20 07:30", follow_up_weeks="2027-06-10 14:00", follow_up_6_weeks="2027-07-01 09:30"
    )
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-05-20 08:30")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-05-20 11:00")
    story.when_it_has_happened("discharge")
    story.answers_after = None
    story.when_time_passes_until(until)
    return story


def check_in(key: str = "day-1") -> CheckIn:
    return CheckIn.objects.select_related("journey__protocol_version", "journey__patient").get(key=key)


def says(story: Story, via: AnsweredBy = AnsweredBy.PAGE, by: object = None, **answers: str) -> None:
    """The patient answers some questions; names with underscores for hyphens."""
    told = {key.replace("_", "-"): said for key, said in answers.items()}
    answer_check_in(check_in=check_in(), answers=told, via=via, by=by, now=story.now)


def says_all(story: Story, **answers: str) -> None:
    """The patient answers every question: `no` and well where nothing else is said."""
    found = open_check_in(check_in())
    told = {one.key: WELL.get(one.key, "no") for one in found.questions}
    told |= {key.replace("_", "-"): said for key, said in answers.items()}
    answer_check_in(check_in=check_in(), answers=told, via=AnsweredBy.PAGE, by=None, now=story.now)


def test_a_fever_on_the_day_after_is_a_call_within_the_hour():
    story = the_day_after()
    says_all(story, fever="yes")

    [item] = WorkItem.objects.exclude(state="resolved")
    assert (item.kind, item.get_priority_display()) == ("warning-sign", "Urgent")
    assert item.due_at == story.now + timedelta(hours=1)
    assert item.why == (
        "Call within the hour. To “How are you today?” the patient said: fever over 101.5 °F (38.6 °C)."
    )
    assert item.say.startswith("Ask how high, since when")


def test_numb_between_the_legs_is_an_urgent_task_before_the_next_question_is_answered():
    story = the_day_after()
    says(story, weak_leg="no", numb="yes")

    [item] = WorkItem.objects.filter(kind="red-flag")
    assert (item.due_at, item.get_priority_display()) == (story.now, "Urgent")
    assert "numb between the legs" in item.why
    row = check_in()
    assert (row.answers, row.answered_at) == ({"weak-leg": "no", "numb": "yes"}, None), "kept, though not finished"


def test_the_same_sign_said_again_is_no_second_task_and_a_new_one_joins_the_open_task():
    story = the_day_after()
    says(story, fever="yes")
    says(story, fever="yes", wound="yes")
    [item] = WorkItem.objects.filter(kind="warning-sign")
    assert "fever" in item.why
    assert "spreading redness" in item.why

    resolve_item(item=item, outcome="Spoke with the patient", by=story.nurse, now=story.now)
    says(story, fever="yes", pain="2")
    assert not WorkItem.objects.filter(kind="warning-sign").exclude(state="resolved").exists()
    says(story, calf="yes")
    assert WorkItem.objects.filter(kind="warning-sign").exclude(state="resolved").count() == 1


def test_a_new_sign_wakes_a_task_that_was_put_off():
    story = the_day_after()
    says(story, fever="yes")
    item = WorkItem.objects.get(kind="warning-sign")
    later = story.now + timedelta(hours=2)
    snooze_item(item=item, until=later, reason="the doctor calls back", by=story.nurse, now=story.now)
    says(story, bleeding="yes")
    item.refresh_from_db()
    assert (item.state, item.snoozed_until) == ("open", None)


def test_what_is_expected_is_no_task():
    story = the_day_after()
    says_all(story, usual="yes")
    assert story.tasks() == []
    row = check_in()
    assert (row.answered_via, row.answered_at) == ("page", story.now)


def test_an_answer_on_the_page_ends_the_question_of_the_text():
    story = the_day_after()
    assert Question.objects.filter(answers="check-in", closed_at=None).count() == 1
    says_all(story)
    assert not Question.objects.filter(answers="check-in", closed_at=None).exists()
    story.when_time_passes_until("2027-05-22 12:00")
    assert story.tasks() == []
    assert len([text for text in story.phone() if "How are you" in text]) == 1, "it is not asked again"


def test_a_day_after_without_an_answer_is_one_task():
    story = the_day_after(until="2027-05-22 12:00")
    assert story.tasks() == ["no-answer"]


def test_half_an_answer_is_kept_and_the_silence_about_the_rest_is_a_task():
    story = the_day_after()
    says(story, weak_leg="no")
    story.when_time_passes_until("2027-05-22 12:00")
    assert story.tasks() == ["no-answer"]
    says_all(story, pain="1")
    assert story.tasks() == [], "the rest came after all"


def test_where_no_text_could_ask_somebody_is_told_all_the_same():
    story = the_day_after(until="2027-05-21 07:00")
    story.patient.stopped_at = story.now
    story.patient.save()
    story.when_time_passes_until("2027-05-22 12:00")
    assert len([kind for kind in story.tasks() if kind != "check-in-silent"]) == 1
    assert "check-in-silent" not in story.tasks(), "the call in the text's place is the task"


def test_three_by_text_and_a_fever_on_the_page_are_one_task():
    story = the_day_after()
    story.when_the_patient_texts("3")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert (item.kind, item.due_at) == ("feels-worse", story.now + timedelta(hours=1))
    says(story, fever="yes")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert "fever" in item.why
    assert "feels worse (by text)" in item.why


def test_who_feels_worse_by_text_and_then_good_is_called_all_the_same_and_the_nurse_reads_both():
    story = the_day_after()
    for body in ("3", "1"):
        story.when_the_patient_texts(body)
    [item] = WorkItem.objects.exclude(state="resolved")
    assert item.why.endswith("feels worse (by text). Then answered 1: feels good.")


def test_three_with_words_of_danger_is_one_task_too():
    story = the_day_after()
    story.when_the_patient_texts("3 my leg is weak")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert item.kind == "danger-words"


def test_a_weak_leg_told_by_text_and_on_the_page_is_one_task_until_somebody_has_it():
    story = the_day_after()
    story.when_the_patient_texts("I cant feel my leg")
    says(story, weak_leg="yes")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert item.why == (
        "Emergency, call now. To “How are you today?” the patient said: new leg weakness. Also: The patient wrote "
        "(cannot walk or stand): “I cant feel my leg”"
    )
    assert item.due_at == story.now
    says(story, numb="yes")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert item.why.count("Emergency, call now") == 1
    assert "numb between the legs" in item.why
    assert "I cant feel my leg" in item.why

    claim_item(item=item, by=story.nurse, now=story.now)
    says(story, bladder="yes")
    assert WorkItem.objects.filter(kind="red-flag").exclude(state="resolved").count() == 1, "news for whoever is free"


def test_a_weak_leg_told_on_the_page_and_then_by_text_is_one_task_and_a_second_text_its_own():
    story = the_day_after()
    says(story, weak_leg="yes")
    story.when_the_patient_texts("my leg is weak")
    [item] = WorkItem.objects.exclude(state="resolved")
    assert item.why.startswith("Emergency, call now.")
    assert item.why.endswith("Also: The patient wrote (cannot walk or stand): “my leg is weak”")
    assert "Hang up and call 911" in item.say
    story.when_the_patient_texts("now I cant pee")
    assert [one.kind for one in WorkItem.objects.exclude(state="resolved").order_by("pk")] == [
        "red-flag",
        "danger-words",
    ], "no message hides in another"


def test_a_fever_by_text_does_not_join_an_emergency_nor_one_an_hour_off():
    story = the_day_after()
    says(story, numb="yes")
    story.when_the_patient_texts("and a fever")
    assert WorkItem.objects.exclude(state="resolved").count() == 2


def test_pain_as_answered_is_a_measurement_and_the_answer_given_anew_takes_its_place():
    story = the_day_after()
    says(story, pain="7")
    says(story, pain="4")
    old, new = Measurement.objects.order_by("pk")
    assert (new.measure, new.occasion, new.entered_value, new.source) == ("pain", "day-1", 4, "patient")
    assert new.corrects == old
    says(story, AnsweredBy.PHONE, story.nurse, pain="5")
    assert Measurement.objects.latest("pk").recorded_by == story.nurse


def test_one_by_text_answers_the_check_in():
    story = the_day_after()
    story.when_the_patient_texts("1")
    assert check_in().answered_via == "text"
    story.when_time_passes_until("2027-05-22 12:00")
    assert story.tasks() == []


def test_a_held_medicine_that_was_not_restarted_is_a_task_and_others_are_not_asked():
    story = the_day_after()
    assert "restarted" not in [one.key for one in open_check_in(check_in()).questions]
    story.given_a_signed_hold("apixaban", "P3D")
    says(story, AnsweredBy.PHONE, story.nurse, restarted="no")
    item = WorkItem.objects.get(kind="check-in-answer")
    assert "held medicines not restarted as planned" in item.why
    assert item.priority == Priority.SOON
    assert JourneyEvent.objects.get(kind="check-in").by == story.nurse


@pytest.mark.parametrize(("question", "said"), [("pain", "11"), ("pain", "a lot"), ("fever", "maybe"), ("hat", "yes")])
def test_what_is_no_answer_is_refused_and_nothing_is_kept(question, said):
    story = the_day_after()
    with pytest.raises(NotAnAnswer):
        says(story, **{question: said})
    assert check_in().answers == {}


def test_it_opens_on_its_day_and_closes_on_the_page_while_staff_can_still_write_it_down():
    story = the_day_after(until="2027-05-20 22:00")
    with pytest.raises(CheckInClosed):
        says(story, fever="no")
    assert open_check_ins(story.journey, now=story.now) == []
    story.now = at("2027-05-30 09:00")
    with pytest.raises(CheckInClosed):
        says(story, fever="no")
    says(story, AnsweredBy.PHONE, story.nurse, fever="no")


def test_the_questions_before_a_visit_move_with_it_and_need_no_task_once_it_took_place():
    story = the_day_after()
    says_all(story)
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-14 14:00")
    row = check_in("weeks")
    assert (row.opens_at, row.due_at) == (at("2027-06-11 08:00"), at("2027-06-14 14:00"))
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-06-14 23:00")
    assert story.tasks() == ["check-in-silent"]
    story.when_it_has_happened("follow-up-weeks")
    assert story.tasks() == []


def test_a_journey_that_is_called_off_asks_nobody():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    assert CheckIn.objects.count() == 1, "only the day after: no follow-up is booked"
    story.when_it_is_called_off("fever")
    assert CheckIn.objects.count() == 0
