"""Times a nurse would check by hand: clock changes, quiet hours, late bookings, holds."""

import dataclasses
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pathway.planner import Facts, Hold, Milestone, Policy, TimeError, iso_duration, parse_duration, plan, to_utc
from tests.pathway.planning import MILD, utc

NEW_YORK = ZoneInfo("America/New_York")


def facts(wall: datetime, zone: ZoneInfo = NEW_YORK, **fields) -> Facts:
    procedure = to_utc(wall, zone)
    return Facts(
        fields.pop("milestones", {"procedure": Milestone(procedure)}), zone, "en",
        fields.pop("enrolled_at", procedure - timedelta(days=28)), **fields,
    )  # fmt: skip


def planned(known: Facts, now: datetime | None = None, protocol=MILD):
    result = plan(protocol, known, now or known.enrolled_at)
    return result, {reminder.key: reminder for reminder in result.reminders}


def local(instant: datetime, zone: ZoneInfo = NEW_YORK) -> str:
    return f"{instant.astimezone(zone):%a %m-%d %H:%M}"


def test_a_fast_on_the_night_the_clocks_go_forward_begins_six_elapsed_hours_before():
    result, reminders = planned(facts(datetime(2027, 3, 14, 7, 30)))
    fasting = next(step for step in result.steps if step.key == "fasting")
    assert fasting.starts_at == utc(2027, 3, 14, 5, 30)
    assert local(fasting.starts_at) == "Sun 03-14 00:30"
    assert reminders["fasting/evening-before"].says["fast_from"] == "2027-03-14T00:30"


def test_a_fast_on_the_night_the_clocks_go_back_begins_six_elapsed_hours_before():
    result, _ = planned(facts(datetime(2026, 11, 1, 7, 30)))
    fasting = next(step for step in result.steps if step.key == "fasting")
    assert fasting.ends_at - fasting.starts_at == timedelta(hours=6)
    assert local(fasting.starts_at) == "Sun 11-01 01:30"


def test_a_fast_that_begins_at_the_first_of_two_equal_clock_times_is_told_as_the_time_before_both():
    # 6:30 AM EST minus six hours is 1:30 AM EDT; a patient who waits for the second 1:30 AM would fast five hours.
    _, reminders = planned(facts(datetime(2026, 11, 1, 6, 30)))
    assert reminders["fasting/evening-before"].says["fast_from"] == "2026-11-01T00:30"


def test_a_wall_time_that_does_not_exist_means_the_first_one_that_does():
    assert to_utc(datetime(2027, 3, 14, 2, 30), NEW_YORK) == to_utc(datetime(2027, 3, 14, 3, 0), NEW_YORK)


def test_a_wall_time_that_exists_twice_means_the_first():
    assert to_utc(datetime(2026, 11, 1, 1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)


def test_a_gap_of_half_an_hour_ends_at_its_own_end():
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert to_utc(datetime(2026, 10, 4, 2, 15), lord_howe) == to_utc(datetime(2026, 10, 4, 2, 30), lord_howe)


def test_a_fast_that_begins_in_the_night_is_told_the_evening_before_in_one_message():
    _, reminders = planned(facts(datetime(2027, 5, 20, 7, 30)))
    assert local(reminders["fasting/evening-before"].send_at) == "Wed 05-19 18:00"
    assert "fasting/starts" in reminders["fasting/evening-before"].covers


def test_a_fast_that_begins_by_day_is_told_the_evening_before_and_again_an_hour_before():
    _, reminders = planned(facts(datetime(2027, 5, 20, 16, 0)))
    assert local(reminders["fasting/evening-before"].send_at) == "Wed 05-19 18:00"
    assert local(reminders["fasting/starts"].send_at) == "Thu 05-20 09:00"


def test_a_narrow_window_moves_the_fasting_message_earlier_and_others_later():
    window = Policy(window_opens=time(11), window_closes=time(16))
    _, reminders = planned(facts(datetime(2027, 5, 20, 7, 30), policy=window))
    fasting, ride = reminders["fasting/evening-before"], reminders["ride/week-before"]
    assert (local(fasting.send_at), fasting.moved) == ("Wed 05-19 15:30", "earlier")
    assert (local(ride.send_at), ride.moved) == ("Thu 05-13 11:00", "later")


def test_a_message_whose_moment_has_gone_by_is_sent_now_while_it_is_of_use():
    known = facts(datetime(2027, 5, 20, 7, 30))
    now = utc(2027, 5, 19, 23, 0)  # 19:00 in New York, after the 18:00 of the fasting message
    _, reminders = planned(known, now)
    assert (reminders["fasting/evening-before"].send_at, reminders["fasting/evening-before"].late) == (now, "now")


def test_a_fasting_message_that_cannot_go_out_any_more_becomes_a_call():
    known = facts(datetime(2027, 5, 20, 7, 30))
    for now in (utc(2027, 5, 20, 1, 0), utc(2027, 5, 20, 10, 0)):  # 21:00, quiet hours; 6:00, the fast has begun
        _, reminders = planned(known, now)
        assert reminders["fasting/evening-before"].late == "call"


def test_after_the_procedure_a_message_before_it_is_skipped_and_says_so():
    known = facts(datetime(2027, 5, 20, 7, 30))
    _, reminders = planned(known, utc(2027, 5, 20, 16, 0))
    assert reminders["fasting/evening-before"].late == "skip"
    assert "too late" in reminders["fasting/evening-before"].reason


def test_days_of_a_hold_are_calendar_days_and_the_last_dose_is_the_day_before():
    signed = utc(2027, 2, 20, 15)
    hold = Hold("apixaban", parse_duration("P3D"), parse_duration("P1D"), signed)
    _, reminders = planned(facts(datetime(2027, 3, 16, 7, 30), holds=(hold,), enrolled_at=signed), signed)
    ready, day = reminders["medication-plan/ready/apixaban"], reminders["medication-plan/hold-day/apixaban"]
    assert ready.says == {"last_dose": "2027-03-12", "restart": "2027-03-17"}
    assert local(day.send_at) == "Fri 03-12 09:00"
    assert local(day.useful_until) == "Sat 03-13 07:30"  # three calendar days, across the clock change


def test_a_hold_without_a_signature_is_not_in_the_plan_at_all():
    result, _ = planned(facts(datetime(2027, 3, 16, 7, 30)))
    assert not [reminder for reminder in result.reminders if reminder.step == "medication-plan"]


def test_a_hold_that_no_longer_fits_is_a_conflict_with_the_earliest_safe_time():
    now = utc(2027, 3, 13, 12, 30)
    hold = Hold("clopidogrel", parse_duration("P7D"), parse_duration("P1D"), now)
    known = facts(datetime(2027, 3, 16, 7, 30), holds=(hold,), enrolled_at=now)
    (conflict,) = plan(MILD, known, now).conflicts
    assert (conflict.kind, conflict.drug, conflict.needed) == ("hold-too-short", "clopidogrel", "P7D")
    assert conflict.available == "P2DT23H"
    assert conflict.earliest_procedure_at == to_utc(datetime(2027, 3, 20, 7, 30), NEW_YORK)


def test_a_booking_within_the_fasting_time_is_a_conflict():
    known = facts(datetime(2027, 5, 20, 16, 0))
    (conflict,) = plan(MILD, known, utc(2027, 5, 20, 17, 0)).conflicts
    assert (conflict.kind, conflict.drug, conflict.available) == ("fast-too-short", None, "PT3H")


def test_routine_messages_beyond_the_daily_cap_go_another_day():
    many = dataclasses.replace(MILD, daily_cap=1)
    known = facts(datetime(2027, 5, 20, 7, 30), milestones={
        "procedure": Milestone(to_utc(datetime(2027, 5, 20, 7, 30), NEW_YORK)),
        "consult": Milestone(to_utc(datetime(2027, 5, 15, 10, 0), NEW_YORK)),  # its message: 05-13 10:00, as the ride's
    })  # fmt: skip
    _, reminders = planned(known, protocol=many)
    consult, ride = reminders["consult/two-days-before"], reminders["ride/week-before"]
    assert local(consult.send_at) == "Thu 05-13 10:00"  # of use the shortest: it keeps its day
    assert local(ride.send_at) == "Fri 05-14 10:00"
    assert (ride.moved, ride.late) == ("later", None)


def test_texts_name_the_zone_where_the_patients_clock_differs_from_the_clinics():
    known = facts(datetime(2027, 5, 20, 7, 30), ZoneInfo("America/Chicago"), clinic_zone=NEW_YORK)
    _, reminders = planned(known)
    assert reminders["fasting/evening-before"].says["zone"] == "CDT"
    same = facts(datetime(2027, 5, 20, 7, 30), clinic_zone=ZoneInfo("America/Detroit"))
    assert "zone" not in planned(same)[1]["fasting/evening-before"].says


def test_the_day_told_is_the_day_of_arrival():
    _, reminders = planned(facts(datetime(2027, 5, 20, 0, 30)))
    assert reminders["fasting/evening-before"].says["day"] == "2027-05-19"


@pytest.mark.parametrize("text", ["P1M", "P1Y", "6h", "P", "PT", "-P", "P1DT", "", "PT6", "P-1D", "P١D"])
def test_what_is_not_a_duration_is_refused(text):
    with pytest.raises(TimeError):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P7D", "PT6H", "-PT6H", "P1DT12H", "PT90M", "P3W"])
def test_a_duration_is_written_as_it_is_read(text):
    assert parse_duration(iso_duration(parse_duration(text))) == parse_duration(text)
