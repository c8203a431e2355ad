"""The tasks that follow from a plan: calls in place of messages, conflicts; and their end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from pathway.actions.calls import CALL_WITHIN, call_item
from pathway.actions.pending import PENDING, pending_items
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, Priority, WorkItem
from pathway.planner import (
    Changes,
    Conflict,
    Facts,
    Plan,
    PlannedReminder,
    Protocol,
    left_unasked,
    visits_out_of_window,
)
from pathway.planner.clock import DAY
from pathway.staff_words import call_cause, conflict_in_words, for_staff, full_time, step_title
from pathway.states import JOURNEY_ENDED, WORK_ITEM_UNDONE, JourneyState, WorkItemState

DECIDE_WITHIN = timedelta(hours=1)
"""How soon somebody should look at a plan that does not fit."""

ASK_LAST_MEAL = "Ask when the patient last ate and drank, and what, and write it down."
STAY_FASTED = "Nothing to eat or drink until the doctor here decides."
"""What a nurse says while a fast is in question: nobody is told by us that they may eat."""

UNASKED = "unasked:"
"""How the cause of a question that a correction left out begins."""

URGENT_BELOW = 2 * DAY
"""With less time than this left, such a question is urgent: a ride has to be found (D)."""


def tell_calls(
    *, journey: Journey, protocol: Protocol, changes: Changes, calls: Iterable[PlannedReminder], now: datetime
) -> None:
    """Open a task for each message that a person has to give, and end those that a message gives after all.

    When the journey has ended, what was to be called about has ended with it: all but that it is off.
    """
    ended = JourneyState(journey.state) in JOURNEY_ENDED
    again = {call_cause(one.step, one.text) for key, one in changes.create if key != one.key and one.goes_out}
    outdated = journey.work_items.filter(state__in=WORK_ITEM_UNDONE, cause__startswith="call:")
    causes = outdated.values_list("cause", flat=True)
    that_it_is_off = {call_cause(spec.step, spec.cancelled) for step in protocol.steps for spec in step.reminders}
    gone = [cause for cause in causes if cause in again or (ended and cause not in that_it_is_off)]
    if gone:
        close_items(journey=journey, causes=gone, outcome="Planned anew: no longer needed.", now=now, by=None)
    first_of_step = {one.step: one for one in reversed(list(calls))}  # one call says all that a step has to say
    items = [
        call_item(
            journey=journey, protocol=protocol, base_key=one.key, step=one.step, text=one.text, safety=one.safety,
            reason=one.reason, now=now,
        )
        for one in first_of_step.values()
    ]  # fmt: skip
    open_items(items, now=now)


def close_moot_calls(*, journey: Journey, protocol: Protocol, plan: Plan, now: datetime) -> None:
    """End the tasks to call about what has happened since."""
    done = {key: milestone.at for key, milestone in plan.milestones.items() if milestone.done}
    causes = set()
    for one in plan.reminders:
        spec = protocol.reminder(one.key)
        if spec is not None and spec.about in done and one.useful_until <= done[spec.about]:
            causes.add(call_cause(one.step, one.text))
    if causes:
        close_items(journey=journey, causes=causes, outcome="It has happened: no longer needed.", now=now, by=None)


def tell_misfits(*, journey: Journey, protocol: Protocol, facts: Facts, plan: Plan, now: datetime) -> None:
    """One task for each conflict, visit outside its window and question that a correction left out; none that is gone.

    So with what waits for a clinician's or an insurer's word (see `pathway.actions.pending`).

    What a person has decided about is not asked again: each cause names the times that it was decided for.
    """
    found = _conflict_items(journey, facts, plan.conflicts, now) | _visit_items(journey, protocol, facts, now)
    found |= _unasked_items(journey, protocol, facts, plan, now) | pending_items(journey, protocol, facts, now)
    decided, gone = set(), []
    causes = Q(cause__startswith="conflict:") | Q(cause__startswith="visit:") | Q(cause__startswith=UNASKED)
    for prefix in PENDING:
        causes |= Q(cause__startswith=prefix)
    known = WorkItem.objects.filter(causes, journey=journey)
    for cause, state, resolved_by in known.values_list("cause", "state", "resolved_by"):
        if state == WorkItemState.RESOLVED:
            decided |= {cause} if resolved_by is not None else set()
        elif cause not in found:
            gone.append(cause)
    for outcome, ended in (
        ("The plan fits again.", [cause for cause in gone if not cause.startswith((UNASKED, *PENDING))]),
        ("Planned anew: no longer needed.", [cause for cause in gone if cause.startswith(UNASKED)]),
        ("Settled: no longer needed.", [cause for cause in gone if cause.startswith(PENDING)]),
    ):
        if ended:
            close_items(journey=journey, causes=ended, outcome=outcome, now=now, by=None)
    open_items([item for cause, item in found.items() if cause not in decided], now=now)


def _unasked_items(journey: Journey, protocol: Protocol, facts: Facts, plan: Plan, now: datetime) -> dict[str, NewItem]:
    """By cause, what was asked for another day and is not asked for the new one: a correction told it without asking.

    The patient's answer to the correction could not stand for it either: those words ask about something else.
    """
    found = {}
    for one in left_unasked(protocol, facts.told, plan):
        cause = f"{UNASKED}{one.key}:{','.join(one.says.values())}"[:120]
        spec = protocol.reminder(one.key)
        call = spec.call if spec is not None else {}
        priority = Priority.URGENT if one.useful_until - now < URGENT_BELOW else Priority.SOON
        found[cause] = NewItem(
            journey=journey,
            kind="ask-again",
            cause=cause,
            why=f"Call: “{step_title(protocol, one.step)}” is to be confirmed again. The day has changed, and the text "
            "that told it did not ask.",
            say=call.get(journey.patient.language) or next(iter(call.values()), ""),
            due_at=now + CALL_WITHIN[priority],
            priority=priority,
        )
    return found


def _conflict_items(journey: Journey, facts: Facts, conflicts: Iterable[Conflict], now: datetime) -> dict[str, NewItem]:
    """By cause, what cannot be done in the time left before the procedure.

    A fast that does not fit by what was said of the last meal is asked about anew whenever something else is said.
    """
    found = {}
    for one in conflicts:
        cause = f"conflict:{one.kind}:{one.drug or ''}:{_procedure_at(journey)}"
        cause += f":{one.attested_at:%Y%m%dT%H%MZ}" if one.attested_at else ""
        why, say = conflict_in_words(one, journey.clinic.tz), ""
        if one.kind == "fast-too-short":
            say = STAY_FASTED
            intake = facts.intake
            if intake is not None and intake.settles(facts.policy.fasting_rules, facts.milestones["procedure"].at):
                cause += f":{one.earliest_procedure_at:%Y%m%dT%H%MZ}"
            else:
                why += f" {ASK_LAST_MEAL}"
        found[cause] = NewItem(journey, one.kind, cause, why, now + DECIDE_WITHIN, say, Priority.URGENT)
    return found


def _visit_items(journey: Journey, protocol: Protocol, facts: Facts, now: datetime) -> dict[str, NewItem]:
    """By cause, the visits booked outside their window, for instance since the procedure moved past them."""
    titles = {spec.key: for_staff(spec.title) for spec in protocol.milestones}
    found = {}
    for key in () if facts.ended else visits_out_of_window(protocol, facts):
        at = facts.milestones[key].at
        cause = f"visit:{key}:{at:%Y%m%dT%H%MZ}:{_procedure_at(journey)}"
        when = full_time(at.astimezone(journey.clinic.tz))
        why = f"{titles[key]} is booked for {when}, outside its window: book it anew."
        found[cause] = NewItem(journey, "visit-out-of-window", cause, why, now + DAY)
    return found


def _procedure_at(journey: Journey) -> str:
    milestone = next((one for one in journey.milestones.all() if one.key == "procedure"), None)
    return f"{milestone.at:%Y%m%dT%H%MZ}" if milestone is not None else ""
