"""Follow-up visits: booked in time, kept, missed, closed; and the end of the journey."""

import pytest

from pathway.actions.follow_ups import close_visit, miss_visit
from pathway.actions.journeys import NotBookable
from pathway.actions.work_items import resolve_item
from pathway.models import JourneyEvent, WorkItem
from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)


def gone_home() -> Story:
    """A patient who went home on May 20; no follow-up is booked."""
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-05-20 08:30")
    story.when_it_has_happened("procedure")
    story.when_time_passes_until("2027-05-20 11:00")
    story.when_it_has_happened("discharge")
    return story


def undone(*kinds: str) -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind__in=kinds).exclude(state="resolved").order_by("cause"))


def state(story: Story) -> str:
    story.journey.refresh_from_db()
    return story.journey.state


def test_both_follow_ups_are_kept_and_the_journey_is_complete():
    story = gone_home()
    assert [item.why for item in undone("book-visit")] == [
        "Nobody has booked “Six-week visit”. Book it by Thu, Jul 8, 2027.",
        "Nobody has booked “Check-up after a few weeks”. Book it by Thu, Jun 17, 2027.",
    ]
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-10 14:00")
    story.when_a_visit_is_booked("follow-up-6-weeks", "2027-07-01 09:30")
    assert undone("book-visit") == []

    story.when_time_passes_until("2027-06-10 14:30")
    story.when_it_has_happened("follow-up-weeks")
    assert state(story) == "followed-up"
    story.when_time_passes_until("2027-07-01 10:00")
    story.when_it_has_happened("follow-up-6-weeks")
    assert state(story) == "completed"
    assert story.tasks() == []


def test_a_missed_follow_up_is_booked_again_inside_its_window():
    story = gone_home()
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-09 14:00")
    story.when_time_passes_until("2027-06-09 15:00")
    story.journey = miss_visit(
        journey=story.journey, key="follow-up-weeks", why="no answer at the door", by=story.nurse, now=story.now
    )

    [item] = undone("book-again")
    assert item.why == "The patient missed “Check-up after a few weeks”. Book it again by Thu, Jun 17, 2027."
    assert item.say.startswith("Ask how the patient is")
    assert state(story) == "discharged", "a visit that was not kept brings the journey no further"
    event = JourneyEvent.objects.get(kind="missed")
    assert (event.by, event.at, event.why) == (story.nurse, story.now, "no answer at the door")

    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-14 09:00")
    assert undone("book-again") == []
    story.when_time_passes_until("2027-06-11 10:30")
    assert story.phone()[-1] == "06-11 10:00 Your check-up is Mon, Jun 14, 9:00 AM"
    story.when_time_passes_until("2027-06-14 09:30")
    story.when_it_has_happened("follow-up-weeks")
    assert state(story) == "followed-up"


def test_a_visit_of_which_nobody_says_anything_is_asked_about_the_day_after():
    story = gone_home()
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-10 14:00")
    story.when_time_passes_until("2027-06-11 20:00")
    [item] = undone("record-visit")
    assert "nobody wrote down whether the patient came" in item.why


def test_lost_to_follow_up_a_journey_never_stays_open_in_silence():
    story = gone_home()
    story.when_time_passes_until("2027-07-09 12:00")
    assert [item.cause for item in undone("lost-to-follow-up", "book-visit", "call")] == [
        "follow-up:follow-up-6-weeks:over:0",
        "follow-up:follow-up-weeks:over:3",
    ]
    for item in undone("lost-to-follow-up"):
        resolve_item(item=item, outcome="Could not reach anyone", by=story.nurse, now=story.now)
    story.when_time_passes_until("2027-07-12 12:00")
    assert undone("lost-to-follow-up") == [], "who has dealt with it is left in peace for a week"
    story.when_time_passes_until("2027-07-16 12:00")
    assert len(undone("lost-to-follow-up")) == 2, "a week later somebody is asked again"

    for key in ("follow-up-weeks", "follow-up-6-weeks"):
        story.journey = close_visit(
            journey=story.journey, key=key, why="moved abroad, well by phone", by=story.nurse, now=story.now
        )
    assert state(story) == "completed"
    assert story.tasks() == []


def test_a_closed_visit_is_taken_back_where_the_patient_was_told_of_it():
    story = gone_home()
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-10 14:00")
    story.when_time_passes_until("2027-06-08 09:00")
    story.journey = close_visit(
        journey=story.journey, key="follow-up-weeks", why="seen by her own doctor", by=story.nurse, now=story.now
    )
    story.when_time_passes_until("2027-06-08 12:00")
    assert story.phone()[-1] == "06-08 09:00 Your visit is off for now"
    assert [item for item in undone("book-visit", "book-again", "record-visit") if "few weeks" in item.why] == []


@pytest.mark.parametrize(
    ("key", "problem"),
    [("follow-up-6-weeks", "not booked"), ("follow-up-weeks", "still to come"), ("consult", "no follow-up")],
)
def test_what_was_not_booked_or_is_to_come_cannot_have_been_missed(key, problem):
    story = gone_home()
    story.when_a_visit_is_booked("follow-up-weeks", "2027-06-10 14:00")
    with pytest.raises(NotBookable, match=problem):
        miss_visit(journey=story.journey, key=key, why="", by=story.nurse, now=story.now)


def test_a_visit_is_closed_with_a_reason_only():
    story = gone_home()
    with pytest.raises(NotBookable, match="Say why"):
        close_visit(journey=story.journey, key="follow-up-weeks", why=" ", by=story.nurse, now=story.now)
