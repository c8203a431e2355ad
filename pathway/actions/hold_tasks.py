"""The tasks about holds: kept in line with what the watch finds, and no others."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.holds.shipped import hold_table
from pathway.holds.watching import HoldTask, tasks
from pathway.models import Journey, MedicationHold, Priority, WorkItem
from pathway.queries.holds import newest_result, visit_of, watched
from pathway.staff_words import conflict_in_words
from pathway.states import JOURNEY_ENDED, JourneyState, WorkItemState
from patients.models import LabKind

WATCH = "watch:"
"""How the causes of the tasks about a hold begin."""


def tell_hold_tasks(*, journey: Journey, now: datetime) -> None:
    """One task for each thing that a person has to do about a hold, and none that is done. Needs patient and clinic.

    What a person has decided about is not asked again for the same procedure's time, unless it has become urgent.
    """
    holds = list(MedicationHold.objects.filter(journey=journey))
    if not holds:
        return
    found: list[HoldTask] = []
    visit = visit_of(journey)
    if JourneyState(journey.state) not in JOURNEY_ENDED:
        inr = newest_result(journey.patient_id, LabKind.INR) if any(hold.needs_inr for hold in holds) else None
        found = tasks(watched(holds), visit, inr=inr, gate=hold_table().inr, now=now)
    booked_for = f"{visit.at:%Y%m%dT%H%MZ}" if visit is not None else ""
    keep_items(journey, WATCH, {item.cause: item for item in (_item(journey, one, booked_for) for one in found)}, now)


def _item(journey: Journey, one: HoldTask, booked_for: str) -> NewItem:
    why = one.why
    if one.conflict is not None:
        why = f"{conflict_in_words(one.conflict, journey.clinic.tz)} The hold is not signed yet.{one.why}"
    return NewItem(
        journey=journey,
        kind=one.kind,
        cause=f"{WATCH}{one.hold}:{one.kind}:{'now' if one.urgent else 'soon'}:{booked_for}",
        why=why,
        due_at=one.due_at,
        priority=Priority.URGENT if one.urgent else Priority.SOON,
    )


def keep_items(journey: Journey, prefix: str, wanted: Mapping[str, NewItem], now: datetime) -> None:
    """Open the items that are wanted and close those under `prefix` that are not any more.

    A cause that a person has resolved is decided: it is not opened again.
    """
    decided, gone = set(), []
    known = WorkItem.objects.filter(Q(cause__startswith=prefix), journey=journey)
    for cause, state, resolved_by in known.values_list("cause", "state", "resolved_by"):
        if state == WorkItemState.RESOLVED:
            decided |= {cause} if resolved_by is not None else set()
        elif cause not in wanted:
            gone.append(cause)
    if gone:
        close_items(journey=journey, causes=gone, outcome="No longer needed.", now=now, by=None)
    open_items([item for cause, item in wanted.items() if cause not in decided], now=now)
