"""The tasks that follow from a plan: calls in place of messages, promised calls, conflicts; and their end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pathway.actions.calls import CALL_WITHIN, call_item
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, Priority, WorkItem
from pathway.planner import Changes, Conflict, PlannedReminder, Protocol
from pathway.staff_words import call_cause, conflict_in_words
from pathway.states import JOURNEY_ENDED, WORK_ITEM_UNDONE, JourneyState, WorkItemState
from patients.models import Staff

DECIDE_WITHIN = timedelta(hours=1)
"""How soon somebody should look at a plan that does not fit."""


def tell_calls(
    *, journey: Journey, protocol: Protocol, changes: Changes, calls: Iterable[PlannedReminder], now: datetime
) -> None:
    """Open a task for each message that a person has to give, and end those that a message gives after all.

    When the journey has ended, what was to be called about has ended with it. Where a text promised a call ("We will
    call you"), somebody has the task to make it.
    """
    ended = JourneyState(journey.state) in JOURNEY_ENDED
    again = {call_cause(one.step, one.text) for key, one in changes.create if key != one.key and one.goes_out}
    outdated = journey.work_items.filter(state__in=WORK_ITEM_UNDONE, cause__startswith="call:")
    causes = outdated.values_list("cause", flat=True)
    gone = [cause for cause in causes if ended or cause in again]
    if gone:
        close_items(journey=journey, causes=gone, outcome="Planned anew: no longer needed.", now=now, by=None)
    items = [
        call_item(
            journey=journey, protocol=protocol, base_key=one.key, step=one.step, text=one.text, safety=one.safety,
            reason=one.reason, now=now,
        )
        for one in calls
    ]  # fmt: skip
    promised = [one for _, one in changes.create if one.key.endswith("/cancelled") and one.late != "call"]
    items += [_promised_call(journey, one, now) for one in promised]
    open_items(items, now=now)


def _promised_call(journey: Journey, told: PlannedReminder, now: datetime) -> NewItem:
    return NewItem(
        journey=journey,
        kind="promised-call",
        cause=f"promised:{told.step}",
        why="Call: a text told the patient that this is off for now and that we will call.",
        due_at=now + CALL_WITHIN[Priority.SOON],
    )


def tell_conflicts(*, journey: Journey, conflicts: Iterable[Conflict], by: Staff | None, now: datetime) -> None:
    """One urgent task for each conflict at this procedure time; tasks of conflicts that are gone are closed.

    What a person has decided about is not asked again while the procedure stays where it is.
    """
    found = {f"conflict:{one.kind}:{one.drug or ''}:{_procedure_at(journey)}": one for one in conflicts}
    known = WorkItem.objects.filter(journey=journey, cause__startswith="conflict:")
    decided = set()
    gone = []
    for cause, state, resolved_by in known.values_list("cause", "state", "resolved_by"):
        if state == WorkItemState.RESOLVED:
            decided |= {cause} if resolved_by is not None else set()
        elif cause not in found:
            gone.append(cause)
    if gone:
        close_items(journey=journey, causes=gone, outcome="The plan fits again.", now=now, by=None)
    open_items(
        [
            NewItem(
                journey, conflict.kind, cause, conflict_in_words(conflict, journey.clinic.tz), now + DECIDE_WITHIN,
                priority=Priority.URGENT,
            )
            for cause, conflict in found.items()
            if cause not in decided
        ],
        now=now,
    )  # fmt: skip


def _procedure_at(journey: Journey) -> str:
    milestone = next((one for one in journey.milestones.all() if one.key == "procedure"), None)
    return f"{milestone.at:%Y%m%dT%H%MZ}" if milestone is not None else ""
