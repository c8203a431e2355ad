"""The last meal and the procedure's time: what a careful anaesthetist would ask."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from pathway.actions.fasting import NotAnIntake, attest_intake
from pathway.actions.journeys import book
from pathway.models import Food, JourneyEvent, LastIntake, SaidBy, WorkItem
from pathway.planner import FastingRules, Intake, to_utc
from pathway.queries.fasting import fast_of
from patients.models import Clinic
from tests.builders import make_clinic, make_journey, make_patient, make_staff

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
RULES = FastingRules(light=6 * HOUR, heavy=8 * HOUR, clear=2 * HOUR)
PROCEDURE = to_utc(datetime(2027, 5, 20, 10), NEW_YORK)


def ny(*parts: int) -> datetime:
    return to_utc(datetime(*parts), NEW_YORK)


def said(ate: datetime | None, drank: datetime | None, *, heavy: bool = False, at: datetime = PROCEDURE) -> Intake:
    return Intake(at, ate, drank, heavy)


def test_a_light_meal_waits_six_hours_and_a_heavy_one_eight():
    ate = ny(2027, 5, 20, 4)
    assert said(ate, ate).safe_from(RULES) == ny(2027, 5, 20, 10)
    assert said(ate, ate, heavy=True).safe_from(RULES) == ny(2027, 5, 20, 12)


def test_a_late_glass_of_water_counts_by_its_own_time():
    assert said(ny(2027, 5, 19, 18), ny(2027, 5, 20, 9)).safe_from(RULES) == ny(2027, 5, 20, 11)


@pytest.mark.parametrize(
    ("ate", "safe"),
    [
        (datetime(2027, 3, 14, 1), datetime(2027, 3, 14, 8)),  # clocks go forward: seven hours on the wall
        (datetime(2027, 11, 6, 23), datetime(2027, 11, 7, 4)),  # clocks go back: five
    ],
)
def test_six_hours_are_six_elapsed_hours_when_the_clocks_change(ate, safe):
    ate = to_utc(ate, NEW_YORK)
    assert said(ate, ate).safe_from(RULES) == to_utc(safe, NEW_YORK)


def test_what_nobody_knows_never_makes_a_start_safe():
    assert said(None, ny(2027, 5, 19, 12)).safe_from(RULES) is None
    assert said(ny(2027, 5, 19, 12), None).safe_from(RULES) is None
    assert not said(ny(2027, 5, 19, 12), None).settles(RULES, PROCEDURE)


def test_what_forbids_a_start_counts_though_something_else_is_unknown():
    assert said(ny(2027, 5, 20, 7), None).settles(RULES, PROCEDURE)


def test_what_was_said_the_evening_before_does_not_prove_that_nothing_was_eaten_since():
    evening = ny(2027, 5, 19, 20)
    assert not said(ny(2027, 5, 19, 18), ny(2027, 5, 19, 20), at=evening).settles(RULES, PROCEDURE)
    assert said(ny(2027, 5, 19, 18), ny(2027, 5, 19, 20), at=ny(2027, 5, 20, 8)).settles(RULES, PROCEDURE)


@given(st.integers(0, 2000), st.integers(0, 2000), st.booleans())
def test_a_safe_start_is_never_sooner_than_any_minimum(ate_ago, drank_ago, heavy):
    ate, drank = PROCEDURE - timedelta(minutes=ate_ago), PROCEDURE - timedelta(minutes=drank_ago)
    safe = said(ate, drank, heavy=heavy).safe_from(RULES)
    assert safe >= ate + (8 if heavy else 6) * HOUR
    assert safe >= drank + 2 * HOUR


def test_food_and_clear_liquids_are_told_apart_in_a_long_fast():
    found = said(ny(2027, 5, 19, 18), ny(2027, 5, 20, 7)).overlong(
        procedure=PROCEDURE, dry_until=PROCEDURE, food=12 * HOUR, clear=4 * HOUR
    )
    assert found == (("food", 16 * HOUR),)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "hours"), [("fasting", 5.9), ("clear_liquids", 1.9), ("fasting_heavy", 5.9)], ids=lambda value: str(value)
)
def test_the_database_refuses_a_policy_below_the_minimum(field, hours):
    clinic = make_clinic()
    with pytest.raises(IntegrityError), transaction.atomic():
        Clinic.objects.filter(pk=clinic.pk).update(**{field: timedelta(hours=hours)})


def journey_today(now: datetime, **clinic: object):
    """A journey whose procedure is at 10:00, seen at `now`, with its nurse."""
    place = make_clinic(**clinic)
    nurse = make_staff(place)
    return make_journey(make_patient(place), procedure_at=PROCEDURE, now=ny(2027, 5, 3, 9)), nurse


def attest(journey, nurse, now, ate, drank, food=Food.LIGHT):
    return attest_intake(
        journey=journey, ate_at=ate, food=food if ate else None, drank_at=drank, said_by=SaidBy.PATIENT, by=nurse,
        now=now,
    )  # fmt: skip


def undone(kind: str) -> list[WorkItem]:
    return list(WorkItem.objects.filter(kind=kind).exclude(state="resolved"))


@pytest.mark.django_db
def test_a_patient_who_ate_by_mistake_is_a_nurses_task_and_nothing_is_cancelled():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 20, 6), ny(2027, 5, 20, 6))
    [item] = undone("fast-too-short")
    assert item.why == (
        "The fast needs 6 hours; the time left is 4 hours. Earliest safe procedure: Thu, May 20, 2027, 12:00 PM."
    )
    assert item.say == "Nothing to eat or drink until the doctor here decides."
    assert item.get_priority_display() == "Urgent"
    journey.refresh_from_db()
    assert journey.state == "scheduled"
    fast = fast_of(journey)
    assert (fast.verdict, fast.safe_from) == ("no", ny(2027, 5, 20, 12))


@pytest.mark.django_db
def test_a_nurse_who_has_decided_is_asked_again_when_something_else_is_said():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 20, 6), ny(2027, 5, 20, 6))
    WorkItem.objects.filter(kind="fast-too-short").update(
        state="resolved", resolved_by=nurse, resolved_at=now, outcome="told the doctor"
    )
    attest(journey, nurse, now, ny(2027, 5, 20, 7), ny(2027, 5, 20, 7))
    assert "1:00 PM" in undone("fast-too-short")[0].why


@pytest.mark.django_db
def test_moved_to_a_time_that_is_safe_the_task_ends():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 20, 6), ny(2027, 5, 20, 6))
    book(journey=journey, key="procedure", at=ny(2027, 5, 20, 12, 30), by=nurse, now=now)
    assert undone("fast-too-short") == []
    assert fast_of(journey).verdict == "yes"


@pytest.mark.django_db
def test_a_heavy_meal_needs_the_longer_time():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 20, 3), ny(2027, 5, 20, 3), Food.UNSURE)
    assert "needs 8 hours" in undone("fast-too-short")[0].why


@pytest.mark.django_db
def test_what_the_patient_does_not_know_is_asked_again():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, None, ny(2027, 5, 20, 6))
    [item] = undone("ask-last-meal")
    assert item.why.startswith("Ask again about the last meal")
    attest(journey, nurse, now, ny(2027, 5, 19, 22), ny(2027, 5, 20, 6))
    assert undone("ask-last-meal") == []


@pytest.mark.django_db
def test_a_long_fast_is_told_while_the_patient_may_still_drink():
    now = ny(2027, 5, 20, 7)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 19, 18), ny(2027, 5, 19, 22))
    assert sorted(item.why for item in undone("long-fast")) == [
        "No clear liquids for 9 hours by now. Ask the doctor here whether the patient may have "
        "clear liquids; not after 8:00 AM.",
        "No food for 16 hours by the time of the procedure. Ask the doctor here whether the patient may have clear "
        "liquids; not after 8:00 AM.",
    ]


@pytest.mark.django_db
def test_when_it_is_too_late_to_drink_a_long_fast_is_no_task():
    now = ny(2027, 5, 20, 7, 45)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 19, 18), ny(2027, 5, 19, 22))
    assert undone("long-fast") == []


@pytest.mark.django_db
def test_the_history_says_what_was_said_and_by_whom():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    attest(journey, nurse, now, ny(2027, 5, 20, 2), ny(2027, 5, 20, 7))
    event = JourneyEvent.objects.get(kind="last-meal")
    assert event.by == nurse
    assert event.why == (
        "No food since Thu, May 20, 2:00 AM, no drink since Thu, May 20, 7:00 AM. Safe from Thu, May 20, 9:00 AM."
    )


@pytest.mark.django_db
def test_a_meal_to_come_or_without_its_kind_is_refused():
    now = ny(2027, 5, 20, 8)
    journey, nurse = journey_today(now)
    with pytest.raises(NotAnIntake, match="still to come"):
        attest(journey, nurse, now, now + HOUR, None)
    with pytest.raises(NotAnIntake, match="what kind of food"):
        attest_intake(
            journey=journey, ate_at=now - HOUR, food=None, drank_at=None, said_by=SaidBy.STAFF, by=nurse, now=now
        )
    assert not LastIntake.objects.exists()
