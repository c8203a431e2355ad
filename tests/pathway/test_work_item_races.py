"""Many hands on one task at the same time: one item, one owner, one outcome."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from pathway.actions.check_ins import answer_check_in
from pathway.actions.journeys import record
from pathway.actions.work_items import AlreadyTaken, add_item, claim_item, open_item, resolve_item
from pathway.models import AnsweredBy, CheckIn, JourneyEvent, WorkItem
from tests.builders import NOW, make_clinic, make_journey, make_patient, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 4


def at_once(work) -> list:
    """What each of so many calls returns or raises, all under way at the same time."""

    def one(number: int) -> object:
        try:
            return work(number)
        except AlreadyTaken as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(one, range(HANDS)))


def test_of_several_nurses_who_press_at_once_one_has_the_task():
    clinic = make_clinic()
    journey, staff = make_journey(make_patient(clinic)), [make_staff(clinic) for _ in range(HANDS)]
    item = open_item(journey=journey, kind="call", cause="test", why="Call", due_at=NOW, now=NOW)
    found = at_once(lambda n: claim_item(item=WorkItem.objects.get(pk=item.pk), by=staff[n], now=NOW))
    assert sum(isinstance(one, WorkItem) for one in found) == 1
    item.refresh_from_db()
    assert item.state == "claimed"
    assert JourneyEvent.objects.filter(kind="work-item-claimed").count() == 1


def test_a_task_that_several_finish_at_once_has_one_outcome():
    clinic = make_clinic()
    journey, staff = make_journey(make_patient(clinic)), [make_staff(clinic) for _ in range(HANDS)]
    item = open_item(journey=journey, kind="call", cause="test", why="Call", due_at=NOW, now=NOW)
    at_once(lambda n: resolve_item(item=WorkItem.objects.get(pk=item.pk), outcome=f"outcome {n}", by=staff[n], now=NOW))
    item.refresh_from_db()
    [event] = JourneyEvent.objects.filter(kind="work-item-resolved")
    assert event.detail["outcome"] == item.outcome
    assert event.by == item.resolved_by


def test_the_same_task_written_down_by_several_at_once_is_one():
    clinic = make_clinic()
    journey, nurse = make_journey(make_patient(clinic)), make_staff(clinic)
    due = NOW + timedelta(hours=3)
    at_once(lambda n: add_item(journey=journey, kind="to-do", why="Ask about stairs", due_at=due, by=nurse, now=NOW))
    assert WorkItem.objects.filter(kind="to-do").count() == 1


def test_a_page_and_a_nurse_who_answer_at_once_lose_no_answer_and_open_one_task():
    clinic = make_clinic()
    journey = make_journey(make_patient(clinic), procedure_at=NOW)
    record(journey=journey, key="procedure", at=NOW, by=None, now=NOW)
    record(journey=journey, key="discharge", at=NOW + timedelta(hours=2), by=None, now=NOW + timedelta(hours=2))
    nurse, later = make_staff(clinic), CheckIn.objects.get().due_at
    said = ["fever", "wound", "calf", "bleeding"]

    def answer(number: int) -> CheckIn:
        row = CheckIn.objects.select_related("journey__protocol_version", "journey__patient").get()
        via, by = (AnsweredBy.PHONE, nurse) if number % 2 else (AnsweredBy.PAGE, None)
        return answer_check_in(check_in=row, answers={said[number]: "yes"}, via=via, by=by, now=later)

    at_once(answer)
    assert CheckIn.objects.get().answers == dict.fromkeys(said, "yes")
    [item] = WorkItem.objects.filter(kind="warning-sign")
    for name in ("fever", "redness", "calf", "bleeding"):
        assert name in item.why
