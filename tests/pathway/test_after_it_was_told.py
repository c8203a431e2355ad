"""What happens when something changes after the patient was told: what a careful nurse would fear."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathway.planner import Facts, Hold, Milestone, Policy, parse_duration, plan, to_utc
from pathway.states import ReminderState
from tests.pathway.planning import MILD, World

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def ny(*parts: int) -> datetime:
    return to_utc(datetime(*parts), NEW_YORK)


BOOKED = ny(2027, 5, 3, 9)
PROCEDURE = ny(2027, 5, 20, 10)


def hold(drug: str = "apixaban", duration: str = "P3D", signed: datetime = BOOKED, **fields) -> Hold:
    return Hold(drug, parse_duration(duration), parse_duration(fields.pop("restart", "P1D")), signed, **fields)


def world(*holds: Hold, procedure: datetime = PROCEDURE, policy: Policy = Policy()) -> World:  # noqa: B008 - frozen
    made = World(MILD, Facts({"procedure": Milestone(procedure)}, NEW_YORK, "en", BOOKED, policy, holds))
    made.replan(BOOKED)
    return made


def told(made: World, end: datetime, start: datetime = BOOKED) -> World:
    """The world at `end`, everything sent on time and swept every hour."""
    made.send_due(start)
    made.live_until(end, start)
    return made


def texts(made: World, since: int = 0) -> list[str]:
    """What the patient got after row `since`, in the order it went out."""
    sent = sorted((row for row in made.rows if row.is_told and row.id > since), key=lambda row: row.told_at)
    return [row.planned.text for row in sent]


def corrections(made: World) -> list:
    return [row for row in made.rows if row.planned.text == "correction-fasting"]


def test_a_hold_that_starts_over_tells_its_day_again():
    made = told(world(hold()), ny(2027, 5, 17, 12))
    assert "hold-day" in texts(made)
    made.hold()
    made.move("procedure", ny(2027, 6, 20, 10))
    made.replan(ny(2027, 5, 17, 12))
    made.hold(hold(signed=ny(2027, 5, 18, 9)))
    made.replan(ny(2027, 5, 18, 9))
    assert made.waiting()["medication-plan/hold-day/apixaban"].planned.send_at == ny(2027, 6, 16, 9)


def test_a_rebooked_procedure_tells_the_rules_for_going_home_again():
    made = told(world(), ny(2027, 5, 21, 11))  # a no-show that nobody recorded: the first texts went out
    made.move("procedure", ny(2027, 5, 28, 10))
    made.replan(ny(2027, 5, 21, 11))
    assert {"bathing/going-home", "day-1/how-are-you"} <= made.waiting().keys()


def test_a_night_in_hospital_moves_the_rules_for_going_home_to_the_day_of_discharge():
    made = told(world(), ny(2027, 5, 20, 20))
    made.done("procedure", PROCEDURE)
    made.done("discharge", ny(2027, 5, 21, 11))
    made.replan(ny(2027, 5, 21, 11))
    assert made.waiting()["bathing/going-home"].planned.send_at == ny(2027, 5, 21, 11, 30)
    assert made.waiting()["day-1/how-are-you"].planned.send_at == ny(2027, 5, 22, 10)


def test_every_cancellation_is_told_also_the_second():
    made = told(world(), ny(2027, 5, 14, 12))
    for hour, at in ((13, None), (14, PROCEDURE), (15, None), (16, PROCEDURE)):
        made.move("procedure", at)
        made.replan(ny(2027, 5, 14, hour))
        made.send_due(ny(2027, 5, 14, hour))
    assert texts(made)[-4:] == ["cancelled", "correction", "cancelled", "correction"]


def test_a_plan_that_was_read_and_a_visit_that_was_told_are_both_taken_back():
    made = told(world(hold()), ny(2027, 5, 14, 12))
    made.move("procedure", None)
    made.hold()
    made.replan(ny(2027, 5, 14, 12))
    assert {row.planned.text for row in made.waiting().values()} >= {"cancelled", "plan-paused"}


def test_a_move_tells_the_new_day_and_not_only_that_the_plan_has_new_dates():
    made = told(world(hold()), ny(2027, 5, 14, 12))
    made.move("procedure", PROCEDURE + 7 * DAY)
    made.replan(ny(2027, 5, 14, 12))
    waiting = {row.planned.text: row.planned for row in made.waiting().values() if row.planned.corrects}
    assert waiting["correction"].says["day"] == "2027-05-27"
    assert waiting["plan-changed"].says["last_dose"] == "2027-05-23"


@pytest.mark.parametrize(
    ("moved_at", "day", "gets"),
    [
        (ny(2027, 5, 14, 10), 21, ["correction"]),  # the text is due a week before, at 10: at the move itself
        (ny(2027, 5, 14, 9, 59), 21, ["correction"]),
        (ny(2027, 5, 14, 8), 21, ["correction"]),  # nearer than texts of one step may be
        (ny(2027, 5, 14, 5), 21, ["correction"]),  # the correction waits until 8
        (ny(2027, 5, 14, 10, 1), 21, ["correction"]),  # its moment has gone by
        (ny(2027, 5, 14, 9, 59), 22, ["correction", "ride"]),
    ],
)
def test_a_move_tells_the_new_day_once_where_the_text_of_that_day_is_due_at_the_move_itself(moved_at, day, gets):
    made = told(world(), moved_at)
    sent = len(made.rows)
    made.move("procedure", ny(2027, 5, day, 10))
    made.replan(moved_at)
    assert not made.replan(moved_at)
    told(made, ny(2027, 5, 15, 12), start=moved_at)
    assert texts(made, since=sent) == gets
    assert not made.replan(ny(2027, 5, 15, 12))


def test_a_medicines_day_that_a_correction_only_links_to_is_told_all_the_same():
    made = told(world(hold()), ny(2027, 5, 14, 8, 50))
    sent = len(made.rows)
    made.move("procedure", ny(2027, 5, 18, 10))  # the last dose is today, and its text goes out at 9
    made.replan(ny(2027, 5, 14, 8, 50))
    told(made, ny(2027, 5, 14, 12), start=ny(2027, 5, 14, 8, 50))
    assert sorted(texts(made, since=sent)) == ["correction", "hold-day", "plan-changed"]


def test_one_drug_taken_back_does_not_pause_the_plan_of_the_others_or_swallow_their_day():
    made = told(world(hold(), hold("clopidogrel", "P7D")), ny(2027, 5, 12, 8, 30))  # the last dose of clopidogrel
    made.hold(hold("clopidogrel", "P7D"))
    made.replan(ny(2027, 5, 12, 8, 30))
    waiting = made.waiting()
    assert waiting["medication-plan/hold-day/clopidogrel"].planned.send_at == ny(2027, 5, 12, 9)
    assert "plan-paused" not in {row.planned.text for row in waiting.values()}


def test_a_message_is_never_joined_with_one_that_will_not_go_out():
    made = World(MILD, Facts({"procedure": Milestone(ny(2027, 5, 20, 16))}, NEW_YORK, "en", ny(2027, 5, 19, 21)))
    made.replan(ny(2027, 5, 19, 21))  # quiet hours: the evening's text is a call, the morning's is planned
    assert made.planned("fasting/evening-before")[0].state is ReminderState.MISSED
    made.replan(ny(2027, 5, 20, 8, 20))
    assert made.waiting()["fasting/starts"].planned.send_at == ny(2027, 5, 20, 9)


@pytest.mark.parametrize("restart", ["PT2H", "PT6H", "PT12H", "P1D"])
@pytest.mark.parametrize("hour", [7, 10, 14, 16])
def test_nothing_says_to_restart_a_medicine_before_its_time(restart, hour):
    procedure = ny(2027, 5, 20, hour)
    made = world(hold("warfarin", "P5D", restart=restart), procedure=procedure)
    row = made.waiting()["medication-plan/restart/warfarin"].planned
    assert row.send_at >= procedure + timedelta(hours=2)


@pytest.mark.parametrize(("duration", "hour"), [("P0D", 7), ("P1D", 13), ("P3D", 7), ("P7D", 23)])
def test_counted_in_days_the_last_dose_is_on_a_day_that_is_over_when_the_hold_begins(duration, hour):
    made = world(hold("naproxen", duration), procedure=ny(2027, 5, 20, hour))
    says = made.waiting()["medication-plan/ready/naproxen"].planned.says
    begins = ny(2027, 5, 20, hour) - parse_duration(duration).days * DAY
    assert says["last_dose"] < begins.astimezone(NEW_YORK).date().isoformat()


@pytest.mark.parametrize(
    ("duration", "hour", "last", "text"),
    [
        ("PT12H", 7, "2027-05-19T19:00", (19, 9)),  # in the morning of that day
        ("PT12H", 13, "2027-05-20T01:00", (19, 19, 30)),  # in the night: the evening before, inside the sending hours
        ("PT24H", 7, "2027-05-19T07:00", (18, 19, 30)),
        ("PT24H", 15, "2027-05-19T15:00", (19, 9)),
        ("PT36H", 7, "2027-05-18T19:00", (18, 9)),
        ("PT6H", 16, "2027-05-20T10:00", (20, 9)),
        ("PT6H", 15, "2027-05-20T09:00", (20, 8)),  # an hour before it at the latest
    ],
)
def test_counted_in_hours_the_last_dose_is_the_moment_at_which_the_hold_begins(duration, hour, last, text):
    made = world(hold("enoxaparin", duration), procedure=ny(2027, 5, 20, hour))
    waiting = made.waiting()
    assert waiting["medication-plan/ready/enoxaparin"].planned.says["last_dose"] == last
    assert waiting["medication-plan/hold-day/enoxaparin"].planned.send_at == ny(2027, 5, *text)


def test_at_the_first_of_two_equal_clock_times_the_last_dose_is_told_as_the_time_before_both():
    signed = ny(2026, 10, 20, 9)
    facts = Facts(
        {"procedure": Milestone(ny(2026, 11, 1, 12, 30))}, NEW_YORK, "en", signed,
        holds=(hold("enoxaparin", "PT12H", signed),),
    )  # fmt: skip
    (ready,) = [one for one in plan(MILD, facts, signed).reminders if one.key == "medication-plan/ready/enoxaparin"]
    assert ready.says["last_dose"] == "2026-11-01T00:30"


def test_a_restart_counted_in_hours_is_told_anew_when_the_hour_changes():
    made = told(world(hold("warfarin", "P5D", restart="PT6H")), ny(2027, 5, 10, 12))
    made.move("procedure", PROCEDURE + timedelta(hours=5))
    made.replan(ny(2027, 5, 10, 12))
    waiting = {row.planned.text: row.planned for row in made.waiting().values() if row.planned.corrects}
    assert waiting["plan-changed"].says["restart"] == "2027-05-20T21:00", "told before: 4:00 PM"


def test_today_is_never_said_the_evening_before():
    late_riser = Policy(window_opens=datetime(2027, 1, 1, 11).time(), window_closes=datetime(2027, 1, 1, 18).time())
    made = world(hold(), policy=late_riser)
    row = made.waiting()["medication-plan/hold-day/apixaban"].planned
    assert (row.send_at, row.moved) == (ny(2027, 5, 16, 11), "later")


def test_somebody_who_is_fasting_is_never_told_a_later_time_to_stop_eating():
    made = told(world(), ny(2027, 5, 20, 8, 10))  # told: no food after 4:00
    made.move("procedure", ny(2027, 5, 20, 16))
    made.replan(ny(2027, 5, 20, 8, 10))
    today = [row for row in made.rows if row.planned.step == "fasting" and row.planned.says.get("day") == "2027-05-20"]
    assert not [row for row in today if row.is_pending and row.planned.goes_out]
    assert "a nurse decides" in corrections(made)[0].planned.reason


def test_the_nurse_hears_since_when_the_patient_fasts_and_how_long_it_would_be():
    made = told(world(), ny(2027, 5, 20, 8, 10))
    made.move("procedure", ny(2027, 5, 20, 16))
    made.replan(ny(2027, 5, 20, 8, 10))
    assert (
        "fasting since Thu 4:00 AM, and by the new time it would be 12 h 0 min" in corrections(made)[0].planned.reason
    )


def fasting_texts(made: World, day: str = "2027-05-20") -> list:
    """What would still be sent about the fast of a day."""
    return [
        row
        for row in made.rows
        if row.planned.step == "fasting" and row.planned.says.get("day") == day
        and row.is_pending and row.planned.goes_out
    ]  # fmt: skip


def test_who_was_to_be_told_of_the_fast_by_phone_fasts_as_well():
    made = World(MILD, Facts({"procedure": Milestone(PROCEDURE)}, NEW_YORK, "en", ny(2027, 5, 19, 21)))
    made.replan(ny(2027, 5, 19, 21))  # quiet hours: a nurse calls, and says no food after 4:00
    made.move("procedure", ny(2027, 5, 20, 16))
    made.replan(ny(2027, 5, 20, 8, 10))
    assert fasting_texts(made) == []
    made.move("procedure", ny(2027, 5, 20, 18))
    made.replan(ny(2027, 5, 20, 8, 20))
    assert fasting_texts(made) == []
    made.move("procedure", ny(2027, 5, 21, 16))
    made.replan(ny(2027, 5, 20, 8, 30))
    assert made.waiting()["fasting/evening-before"].planned.send_at == ny(2027, 5, 20, 18), (
        "another day is another fast"
    )


def test_called_off_and_booked_anew_for_the_same_day_no_old_fast_goes_on():
    made = told(world(), ny(2027, 5, 19, 18, 30))
    made.move("procedure", None)
    made.replan(ny(2027, 5, 19, 18, 30))
    made.send_due(ny(2027, 5, 19, 18, 30))
    made.move("procedure", ny(2027, 5, 20, 18))
    made.replan(ny(2027, 5, 19, 18, 40))
    made.send_due(ny(2027, 5, 19, 18, 40))
    made.live_until(ny(2027, 5, 20, 12), ny(2027, 5, 19, 18, 40))
    assert made.known().fast.fasts_from == "2027-05-20T12:00"


def test_a_move_in_the_night_plans_no_text_for_the_morning_that_would_end_the_fast():
    made = told(world(), ny(2027, 5, 19, 23, 50))  # told: no food after 4:00
    made.move("procedure", ny(2027, 5, 20, 16))
    made.replan(ny(2027, 5, 19, 23, 50))
    assert fasting_texts(made) == []


def test_a_second_move_after_a_nurse_was_asked_still_ends_no_fast():
    made = told(world(), ny(2027, 5, 20, 6, 10))
    made.move("procedure", ny(2027, 5, 20, 15))
    made.replan(ny(2027, 5, 20, 6, 10))  # a nurse decides; she may well have said: stay fasted
    made.move("procedure", ny(2027, 5, 20, 18))
    made.replan(ny(2027, 5, 20, 8, 10))
    assert fasting_texts(made) == []
    assert corrections(made)[-1].planned.late == "call"


def test_a_patient_who_waits_all_day_is_never_told_to_eat():
    made = told(world(), ny(2027, 5, 20, 13, 40))  # four hours and more after the arrival, and nobody recorded anything
    made.move("procedure", ny(2027, 5, 20, 22))
    made.replan(ny(2027, 5, 20, 13, 40))
    assert fasting_texts(made) == []


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 720), st.integers(-300, 780)), min_size=1, max_size=4))
def test_however_a_procedure_moves_on_its_day_no_text_gives_a_fasting_patient_time_to_eat(moves):
    made = told(world(), ny(2027, 5, 20, 4))  # the fast has begun
    now = ny(2027, 5, 20, 4)
    for wait, change in moves:
        later = now + timedelta(minutes=wait)
        made.live_until(later, now, every=timedelta(minutes=60))
        now = later
        made.move("procedure", PROCEDURE + timedelta(minutes=change))
        before = len(made.rows)
        made.replan(now)
        for row in made.rows[before:]:
            start = row.planned.says.get("fast_from", "")
            if row.planned.goes_out and row.is_pending and start.startswith("2027-05-20"):
                told_at = row.planned.send_at.astimezone(NEW_YORK).strftime("%Y-%m-%dT%H:%M")
                assert start <= told_at, (moves, row)


def test_moved_earlier_the_fast_does_not_fit_only_because_a_text_said_so_too_late():
    made = told(world(), ny(2027, 5, 20, 5))  # told the evening before: no food after 4:00
    made.move("procedure", ny(2027, 5, 20, 9))
    made.replan(ny(2027, 5, 20, 8))
    made.live_until(ny(2027, 5, 20, 8, 30), ny(2027, 5, 20, 8))
    found = plan(MILD, made.known(), ny(2027, 5, 20, 8, 30)).conflicts
    assert [one.kind for one in found] == ["fast-too-short"], "breakfast at 3:30 is not undone at 8:00"


def test_a_fast_for_the_next_day_is_told_on_the_next_evening():
    made = told(world(), ny(2027, 5, 20, 8, 10))
    made.move("procedure", ny(2027, 5, 21, 10))
    made.replan(ny(2027, 5, 20, 8, 10))
    assert corrections(made)[0].planned.late == "call"
    assert made.waiting()["fasting/evening-before"].planned.send_at == ny(2027, 5, 20, 18)


def test_a_correction_given_by_phone_counts_as_told():
    made = told(world(), ny(2027, 5, 19, 21))
    made.move("procedure", ny(2027, 5, 20, 8))
    made.replan(ny(2027, 5, 19, 21))  # quiet hours: a nurse calls
    assert corrections(made)[0].state is ReminderState.MISSED
    made.move("procedure", PROCEDURE)
    made.replan(ny(2027, 5, 19, 21, 30))
    assert [row.planned.late for row in corrections(made)] == ["call", "call"]


def test_a_drug_that_is_held_already_is_no_conflict_when_it_is_signed_again():
    since = ny(2027, 5, 17)
    facts = Facts(
        {"procedure": Milestone(PROCEDURE + DAY)}, NEW_YORK, "en", BOOKED,
        holds=(hold(signed=ny(2027, 5, 19, 14), held_since=since),),
    )  # fmt: skip
    assert plan(MILD, facts, ny(2027, 5, 19, 14)).conflicts == ()


def test_a_conflict_names_the_same_safe_time_whenever_it_is_looked_at():
    facts = Facts({"procedure": Milestone(PROCEDURE)}, NEW_YORK, "en", BOOKED, holds=(hold(signed=ny(2027, 5, 18, 9)),))
    first, second = (plan(MILD, facts, ny(2027, 5, day, 9)).conflicts[0] for day in (18, 19))
    assert first == second
    assert first.earliest_procedure_at == ny(2027, 5, 21, 9)


def test_recording_what_happened_a_little_later_than_booked_asks_nobody_to_call():
    made = told(world(), PROCEDURE)
    made.done("procedure", PROCEDURE + timedelta(minutes=25))
    before = len(made.rows)
    made.replan(PROCEDURE + timedelta(minutes=25))
    assert {row.planned.late for row in made.rows[before:]} <= {"skip"}
    assert not [row for row in made.rows if row.planned.corrects]


def test_a_message_that_fits_into_no_window_waits_for_its_moment_before_somebody_is_asked_to_call():
    made = world(procedure=ny(2027, 5, 20, 18))  # home at 21:00, after the sending hours
    row = made.waiting()["bathing/going-home"]
    assert (row.planned.late, row.planned.send_at) == ("call", ny(2027, 5, 20, 21, 30))


def test_a_move_in_the_evening_of_a_visit_missed_is_told_the_next_morning():
    made = told(world(), ny(2027, 6, 1, 9))
    made.move("follow-up-weeks", ny(2027, 6, 10, 15))
    made.replan(ny(2027, 6, 1, 9))
    made.live_until(ny(2027, 6, 10, 20, 30), ny(2027, 6, 1, 9))
    made.move("follow-up-weeks", ny(2027, 6, 17, 15))
    made.replan(ny(2027, 6, 10, 20, 30))
    correction = made.planned("follow-up-weeks/three-days-before/correction")[0].planned
    assert (correction.late, correction.send_at) == ("now", ny(2027, 6, 11, 8))


def test_weeks_of_hourly_sweeps_change_nothing():
    made = world(hold(), hold("clopidogrel", "P7D"))
    made.move("follow-up-weeks", ny(2027, 6, 10, 15))
    now = BOOKED
    made.replan(now)
    while now < ny(2027, 7, 5, 12):
        now += timedelta(hours=1)
        made.send_due(now)
        assert not made.replan(now), now
    assert texts(made).count("fasting") == 1
    assert texts(made).count("hold-day") == 2  # one for each drug
    assert len(texts(made)) == len(set(texts(made))) + 1
