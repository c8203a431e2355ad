"""What is true of every plan, whatever the zone, the instant, the policy and the protocol."""

import dataclasses
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pathway.planner import Window, diff, plan
from pathway.planner.clock import sending_hours
from tests.pathway.planning import World, journeys

EXAMPLES = settings(max_examples=300, deadline=None)


def window_of(protocol, facts):
    opens, closes = sending_hours(protocol, facts.policy.window_opens, facts.policy.window_closes)
    return Window(opens, closes, protocol.closing_margin, facts.zone)


@EXAMPLES
@given(journeys())
def test_nothing_goes_out_outside_the_window_after_its_use_or_before_now(journey):
    protocol, facts, now = journey
    window = window_of(protocol, facts)
    for reminder in plan(protocol, facts, now).reminders:
        if reminder.goes_out:
            assert window.is_open(reminder.send_at)
            assert now <= reminder.send_at < reminder.useful_until
        else:
            assert reminder.reason


@EXAMPLES
@given(journeys())
def test_a_message_before_something_never_goes_out_after_it(journey):
    protocol, facts, now = journey
    result = plan(protocol, facts, now)
    for reminder in result.reminders:
        spec = protocol.reminder(reminder.key)
        if reminder.goes_out and spec.send.is_before and spec.send.anchor in result.milestones:
            assert reminder.send_at < result.milestones[spec.send.anchor].at
        if reminder.goes_out and reminder.step == "fasting":
            assert reminder.send_at < result.milestones["procedure"].at - facts.policy.fasting


@EXAMPLES
@given(journeys())
def test_six_hours_of_fasting_are_six_elapsed_hours_on_every_night(journey):
    protocol, facts, now = journey
    fasting = next(step for step in plan(protocol, facts, now).steps if step.key == "fasting")
    assert fasting.ends_at - fasting.starts_at == facts.policy.fasting >= timedelta(hours=6)


@EXAMPLES
@given(journeys())
def test_a_fasting_message_never_moves_later(journey):
    protocol, facts, now = journey
    for reminder in plan(protocol, facts, now).reminders:
        if reminder.step == "fasting":
            assert reminder.moved != "later"


@EXAMPLES
@given(journeys())
def test_no_word_of_a_medicine_without_a_signature_or_before_it(journey):
    protocol, facts, now = journey
    signed = {hold.drug: hold.signed_at for hold in facts.holds}
    for reminder in plan(protocol, facts, now).reminders:
        if reminder.step == "medication-plan":
            assert reminder.send_at >= signed[reminder.key.rsplit("/", 1)[1]] or not reminder.goes_out


@EXAMPLES
@given(journeys())
def test_every_message_the_protocol_asks_for_is_in_the_plan_or_joined_to_one_that_is(journey):
    protocol, facts, now = journey
    result = plan(protocol, facts, now)
    spoken_for = {reminder.key for reminder in result.reminders} | {
        key for reminder in result.reminders for key in reminder.covers
    }
    drugs = [hold.drug for hold in facts.holds]
    for step in protocol.steps:
        if step.key == "consult" and "consult" not in facts.milestones:
            continue
        for spec in step.reminders:
            keys = {f"{spec.key}/{drug}" for drug in drugs} if spec.for_each_hold else {spec.key}
            assert keys <= spoken_for


@EXAMPLES
@given(journeys())
def test_routine_messages_keep_to_the_caps_and_safety_messages_are_never_capped(journey):
    protocol, facts, now = journey
    result = plan(protocol, facts, now)
    days = Counter(
        reminder.send_at.astimezone(facts.zone).date()
        for reminder in result.reminders
        if reminder.goes_out and not reminder.safety
    )
    assert all(count <= protocol.daily_cap for count in days.values())
    for first in days:
        week = sum(count for day, count in days.items() if first <= day < first + timedelta(days=7))
        assert week <= protocol.weekly_cap
    assert not any("routine message" in reminder.reason for reminder in result.reminders if reminder.safety)


@EXAMPLES
@given(journeys())
def test_messages_of_one_step_keep_their_distance(journey):
    protocol, facts, now = journey
    by_step = {}
    for reminder in plan(protocol, facts, now).reminders:
        if reminder.goes_out and reminder.safety:
            by_step.setdefault(reminder.step, []).append(reminder.send_at)
    for instants in by_step.values():
        assert all(b - a >= protocol.min_gap for a, b in zip(instants, instants[1:], strict=False))


@EXAMPLES
@given(journeys())
def test_the_same_arguments_give_the_same_plan_in_order_of_time(journey):
    protocol, facts, now = journey
    result = plan(protocol, facts, now)
    assert result == plan(protocol, facts, now)
    instants = [reminder.send_at for reminder in result.reminders]
    assert instants == sorted(instants)
    assert [step.starts_at for step in result.steps] == sorted(step.starts_at for step in result.steps)
    keys = [reminder.key for reminder in result.reminders]
    assert len(keys) == len(set(keys))


def carriers_of(changes, world):
    """The rows that are to speak for those withdrawn as joined."""
    keys = [why.removeprefix("joined with ") for _, why in changes.withdraw if why.startswith("joined with ")]
    return [world.planned(key)[-1] for key in keys]


life = st.lists(
    st.tuples(
        st.sampled_from(["wait", "wait", "move", "cancel", "book-visit", "rezone"]), st.integers(-6 * 1440, 20 * 1440)
    ),
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(journeys(), life)
def test_planning_again_changes_nothing_and_what_was_sent_is_never_touched(journey, events):
    protocol, facts, now = journey
    world = World(protocol, facts)
    world.replan(now)
    for event, minutes in events:
        if event == "wait":
            now += timedelta(minutes=abs(minutes))
        elif event == "move":
            world.move("procedure", now + timedelta(minutes=minutes))
        elif event == "cancel":
            world.move("procedure", None)
        elif event == "book-visit":
            world.move("follow-up-weeks", now + timedelta(minutes=abs(minutes)))
        sent = [row for row in world.rows if row.is_told]
        changes = world.replan(now)
        assert not world.replan(now), "planning twice at one moment changed something"
        after = {row.id: row for row in world.rows}
        assert all(after[row.id].planned == row.planned and after[row.id].state == row.state for row in sent)
        keys = [row.key for row in world.rows]
        assert len(keys) == len(set(keys))
        assert {row.id for row in sent} <= after.keys()
        assert all(row.is_pending or row.is_told for row in carriers_of(changes, world))
        sent_now = world.send_due(now)
        assert all(now < row.planned.useful_until for row in sent_now)
        world.replan(now)
        assert not world.replan(now)
        assert not [
            row for row in world.rows if row.planned.late == "now" and row.is_pending and row.planned.send_at < now
        ]


@settings(max_examples=200, deadline=None)
@given(journeys(), st.integers(-3 * 1440, 10 * 1440))
def test_what_was_told_and_became_wrong_gets_one_correction_that_says_what_is_right(journey, minutes):
    protocol, facts, now = journey
    procedure = facts.milestones["procedure"].at
    world = World(protocol, facts)
    world.replan(now)
    now = max(now, procedure - timedelta(hours=8))
    if now >= procedure:
        return
    world.send_due(now)
    told = world.known().told
    world.move("procedure", procedure + timedelta(minutes=minutes))
    world.replan(now)
    apart = dataclasses.replace(protocol, min_gap=timedelta(0))  # so that each message says itself what is right
    right = {reminder.key: reminder for reminder in plan(apart, world.facts, now).reminders}
    corrections = [row for row in world.rows if row.base_key.endswith("/correction")]
    wrong = {
        key
        for key, said in told.items()
        if key in right
        and "day" in said.says
        and dict(said.says) != dict(right[key].says)
        and "unbooked" not in right[key].says
    }
    about = {protocol.reminder(key).about for key in wrong}
    assert len(corrections) == len(
        about | {"procedure" for row in corrections if row.planned.step == "medication-plan"}
    )
    corrected = {key for row in corrections for key in row.planned.corrects}
    assert wrong <= corrected
    for row in corrections:
        assert row.is_pending or row.planned.late == "call"
    if wrong:
        assert [row for row in world.rows if row.superseded]
    assert not diff(world.rows, plan(protocol, world.known(), now))
