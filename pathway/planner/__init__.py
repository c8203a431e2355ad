"""The planner: a pure function from a protocol and the facts of a journey to what should happen.

    plan(protocol, facts, now)  ->  Plan(milestones, steps, reminders, conflicts)
    diff(rows, plan)            ->  Changes(create, move, withdraw, correct)

Frozen values in and out, standard library only: no clock, no database, no Django.
"""

from pathway.planner.clock import TimeError, Window, iso_duration, parse_duration, resolve, to_utc
from pathway.planner.conflicts import visits_out_of_window
from pathway.planner.corrections import fasting_since
from pathway.planner.diff import Changes, Row, diff, fast_of, over_of, told_of
from pathway.planner.facts import (
    Conflict,
    Facts,
    Hold,
    Milestone,
    Plan,
    PlannedReminder,
    PlannedStep,
    Policy,
    Told,
)
from pathway.planner.fasting import FastingRules, Intake, Limit
from pathway.planner.follow_ups import AT_THE_LATEST, FollowUpNeed, follow_up_needs
from pathway.planner.plan import plan
from pathway.planner.spec import Duration, Moment, Protocol, ReminderSpec, StepSpec
from pathway.planner.unasked import left_unasked

__all__ = [
    "AT_THE_LATEST",
    "Changes",
    "Conflict",
    "Duration",
    "Facts",
    "FollowUpNeed",
    "FastingRules",
    "Hold",
    "Intake",
    "Limit",
    "Milestone",
    "Moment",
    "Plan",
    "PlannedReminder",
    "PlannedStep",
    "Policy",
    "Protocol",
    "ReminderSpec",
    "Row",
    "StepSpec",
    "TimeError",
    "Told",
    "Window",
    "diff",
    "fast_of",
    "fasting_since",
    "follow_up_needs",
    "iso_duration",
    "left_unasked",
    "over_of",
    "parse_duration",
    "plan",
    "resolve",
    "to_utc",
    "told_of",
    "visits_out_of_window",
]
