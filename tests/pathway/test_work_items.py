"""Work items: one per cause, one owner, always an outcome."""

from datetime import timedelta

import pytest

from pathway.actions.sweep import sweep
from pathway.actions.work_items import (
    AlreadyTaken,
    NewItem,
    claim_item,
    open_item,
    open_items,
    release_item,
    resolve_item,
    snooze_item,
)
from pathway.models import JourneyEvent, Priority, WorkItem
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic():
    return make_clinic()


@pytest.fixture
def item(clinic):
    return open_item(
        journey=make_journey(make_patient(clinic)), kind="call", cause="test", why="Ask about the ride",
        due_at=NOW + timedelta(hours=4), now=NOW,
    )  # fmt: skip


def test_a_cause_seen_again_keeps_one_item_with_the_newer_words_and_the_earlier_time(item):
    sooner = NOW + timedelta(hours=1)
    again = open_item(
        journey=item.journey, kind="call", cause="test", why="Ask again", due_at=sooner, now=LATER,
        priority=Priority.URGENT,
    )  # fmt: skip
    assert (again.pk, again.why, again.due_at, again.priority) == (item.pk, "Ask again", sooner, Priority.URGENT)
    open_items([NewItem(item.journey, "call", "test", "No haste", NOW + timedelta(days=9))], now=LATER)
    again.refresh_from_db()
    assert (again.due_at, again.priority) == (sooner, Priority.URGENT)


def test_a_cause_that_returns_after_it_was_resolved_opens_a_new_item(item, clinic):
    resolve_item(item=item, outcome="Her daughter drives", by=make_staff(clinic), now=LATER)
    again = open_item(
        journey=item.journey, kind="call", cause="test", why="Ask about the ride", due_at=LATER, now=LATER
    )
    assert again.pk != item.pk


def test_only_one_of_two_nurses_takes_an_item(item, clinic):
    first, second = make_staff(clinic), make_staff(clinic, first_name="Kim", last_name="Lee")
    stale = WorkItem.objects.get(pk=item.pk)
    claim_item(item=item, by=first, now=NOW)
    with pytest.raises(AlreadyTaken, match="Dana"):
        claim_item(item=stale, by=second, now=NOW)
    with pytest.raises(AlreadyTaken):
        resolve_item(item=stale, outcome="done", by=second, now=NOW)
    assert claim_item(item=item, by=first, now=LATER).claimed_by == first


def test_an_item_given_back_can_be_taken_by_another(item, clinic):
    first, second = make_staff(clinic), make_staff(clinic)
    claim_item(item=item, by=first, now=NOW)
    release_item(item=item, by=first, now=NOW)
    assert claim_item(item=item, by=second, now=LATER).claimed_by == second


def test_an_item_is_resolved_with_an_outcome_and_a_line_of_history(item, clinic):
    nurse = make_staff(clinic)
    with pytest.raises(ValueError, match="what came of it"):
        resolve_item(item=item, outcome=" ", by=nurse, now=LATER)
    resolve_item(item=item, outcome="Her daughter drives", by=nurse, now=LATER)
    assert (item.state, item.resolved_by, item.resolved_at) == ("resolved", nurse, LATER)
    assert JourneyEvent.objects.filter(journey=item.journey, kind="work-item-resolved", by=nurse).exists()
    with pytest.raises(AlreadyTaken, match="Her daughter drives"):
        resolve_item(item=item, outcome="again", by=nurse, now=LATER)


def test_an_item_put_off_comes_back_by_itself(item, clinic):
    nurse = make_staff(clinic)
    with pytest.raises(ValueError, match="why this can wait"):
        snooze_item(item=item, until=NOW + timedelta(hours=2), reason="", by=nurse, now=NOW)
    with pytest.raises(ValueError, match="in the future"):
        snooze_item(item=item, until=NOW, reason="no answer", by=nurse, now=NOW)
    snooze_item(item=item, until=NOW + timedelta(hours=2), reason="no answer", by=nurse, now=NOW)
    sweep(now=NOW + timedelta(hours=1))
    item.refresh_from_db()
    assert item.state == "snoozed"
    sweep(now=NOW + timedelta(hours=2))
    item.refresh_from_db()
    assert (item.state, item.snooze_reason) == ("open", "")
