"""A reminder that went out puts its question, once, with times that leave a nurse time."""

from datetime import UTC, datetime, timedelta

import pytest

from pathway.actions.close_questions import close_spent_questions
from pathway.actions.journeys import cancel, record
from pathway.actions.questions import answer_question, ask_questions
from pathway.actions.sent_reminders import SentReminder
from pathway.actions.work_items import open_item
from pathway.models import Question, Reminder, WorkItem
from tests.builders import NOW, make_journey, make_patient
from tests.notifications.due import make_bare_journey, make_due
from tests.pathway.questions import make_question

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def send(row: Reminder, *, now: datetime = NOW) -> Question | None:
    """What the dispatcher does when a row becomes sent."""
    Reminder.objects.filter(pk=row.pk).update(state="sent", sent_at=now)
    row = Reminder.objects.select_related("journey__protocol_version", "journey__patient__clinic").get(pk=row.pk)
    ask_questions(sent=[SentReminder.of(row, sent_at=now)], now=now)
    return Question.objects.filter(reminder=row).first()


@pytest.mark.django_db
def test_a_text_that_asks_opens_its_question_for_as_long_as_the_protocol_waits():
    row = make_due(useful_until=NOW + 7 * DAY)
    question = send(row)
    assert (question.answers, question.asked_at, question.journey) == ("ride", NOW, row.journey)
    assert (question.ask_again_at, question.tell_at) == (NOW + 2 * DAY, NOW + 3 * DAY)
    assert (question.closed_at, question.told_at, question.answer) == (None, None, "")


@pytest.mark.django_db
def test_a_day_of_waiting_is_a_calendar_day_on_the_patients_clock():
    before_the_clocks_change = datetime(2027, 3, 13, 15, tzinfo=UTC)  # 10:00 in New York, the next day 10:00 is 14:00Z
    question = send(make_due(useful_until=before_the_clocks_change + 7 * DAY), now=before_the_clocks_change)
    assert question.ask_again_at == datetime(2027, 3, 15, 14, tzinfo=UTC)


@pytest.mark.django_db
def test_a_nurse_is_told_while_there_is_time_and_nobody_is_asked_again_after_that():
    question = send(make_due(useful_until=NOW + 2 * DAY + HOUR))
    assert (question.ask_again_at, question.tell_at) == (None, NOW + DAY + 23 * HOUR)
    question = send(make_due(useful_until=NOW + HOUR))
    assert (question.ask_again_at, question.tell_at) == (None, NOW + HOUR / 2)


@pytest.mark.django_db
def test_a_text_that_asks_nothing_costs_nothing(django_assert_num_queries):
    row = make_due(base_key="fasting/evening-before", text="fasting")
    row = Reminder.objects.select_related("journey__protocol_version", "journey__patient__clinic").get(pk=row.pk)
    sent = [SentReminder.of(row, sent_at=NOW)]
    with django_assert_num_queries(0):
        ask_questions(sent=sent, now=NOW)
    assert not Question.objects.exists()


@pytest.mark.django_db
def test_a_group_is_asked_in_two_statements_and_only_once(django_assert_num_queries):
    rows = [make_due() for _ in range(3)]
    rows = Reminder.objects.select_related("journey__protocol_version", "journey__patient__clinic").filter(
        pk__in=[row.pk for row in rows]
    )
    sent = [SentReminder.of(row, sent_at=NOW) for row in rows]
    with django_assert_num_queries(2):
        ask_questions(sent=sent, now=NOW)
    ask_questions(sent=sent, now=NOW + HOUR)
    assert list(Question.objects.values_list("asked_at", flat=True)) == [NOW] * 3


@pytest.mark.django_db
def test_a_correction_asks_anew_and_closes_what_it_replaces():
    journey, other = make_bare_journey(), make_bare_journey()
    first, elsewhere = send(make_due(journey)), send(make_due(other))
    correction = make_due(journey, base_key="ride/week-before/correction", text="correction")
    Reminder.objects.filter(pk=first.reminder_id).update(superseded_by=correction)
    second = send(correction, now=NOW + DAY)
    first.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (first.closed_at, first.answer) == (NOW + DAY, "")
    assert (second.answers, second.closed_at, elsewhere.closed_at) == ("ride", None, None)


@pytest.mark.django_db
def test_a_cancellation_asks_nothing_and_closes_what_it_replaces():
    question = send(make_due())
    off = make_due(question.journey, base_key="ride/week-before/cancelled", text="cancelled", needs_booked="")
    Reminder.objects.filter(pk=question.reminder_id).update(superseded_by=off)
    assert send(off) is None
    question.refresh_from_db()
    assert question.closed_at == NOW


@pytest.mark.django_db
def test_the_same_text_told_again_replaces_its_question():
    journey = make_bare_journey()
    first = send(make_due(journey))
    second = send(make_due(journey), now=NOW + DAY)
    first.refresh_from_db()
    assert (first.closed_at, second.closed_at) == (NOW + DAY, None)


@pytest.mark.django_db
def test_a_cancelled_journey_asks_nothing_any_more():
    journey = make_bare_journey()
    question = make_question(make_due(journey, state="sent", sent_at=NOW))
    open_item(journey=journey, kind="no-answer", cause=f"no-answer:{question.pk}", why="No answer", due_at=NOW, now=NOW)
    cancel(journey=journey, reason="not now", by=None, now=NOW + HOUR)
    question.refresh_from_db()
    assert question.closed_at == NOW + HOUR
    assert WorkItem.objects.get(kind="no-answer").outcome == "The journey has ended: no longer needed."


@pytest.mark.django_db
def test_what_has_happened_is_not_asked_about_any_more():
    journey = make_journey(make_patient(), procedure_at=NOW + 3 * DAY)
    ride = make_question(make_due(journey, state="sent", sent_at=NOW))
    answer_question(question=ride, choice="R", words="R", by=None, now=NOW + HOUR)
    day_one = make_due(journey, base_key="day-1/how-are-you", text="day-1", state="sent", sent_at=NOW + 5 * DAY)
    check_in = make_question(day_one, answers="check-in")
    record(journey=journey, key="procedure", at=NOW + 3 * DAY, by=None, now=NOW + 3 * DAY)
    record(journey=journey, key="discharge", at=NOW + 3 * DAY + 3 * HOUR, by=None, now=NOW + 5 * DAY)
    check_in.refresh_from_db()
    assert check_in.closed_at is None, "it was asked after the discharge"
    assert WorkItem.objects.get(kind="no-ride").outcome == "It has happened: no longer needed."


@pytest.mark.django_db
def test_spent_questions_are_closed_unless_a_nurse_has_still_to_hear_of_them():
    def spent(**fields) -> Question:
        return make_question(make_due(state="sent", sent_at=NOW, useful_until=NOW + DAY), **fields)

    told, for_nobody, to_tell = (
        spent(told_at=NOW + HOUR),
        spent(answers="read", ask_again_at=None, tell_at=None),
        spent(tell_at=NOW + HOUR),
    )
    fresh = make_question(make_due(state="sent", sent_at=NOW, useful_until=NOW + 3 * DAY), told_at=NOW)
    assert close_spent_questions(now=NOW + DAY) == 2
    assert set(Question.objects.filter(closed_at=None)) == {to_tell, fresh}
    assert set(Question.objects.filter(closed_at=NOW + DAY)) == {told, for_nobody}
