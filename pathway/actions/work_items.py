"""Work items: opened once per cause, claimed by one person at a time, resolved with an outcome."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from pathway.models import Journey, JourneyEvent, Priority, WorkItem
from pathway.states import WORK_ITEM_UNDONE, TransitionError, WorkItemState, check_transition
from patients.models import Staff

URGENT_WITHIN = timedelta(hours=1)
"""A task by hand that is due so soon is urgent (D)."""

TAKEABLE = (WorkItemState.OPEN, WorkItemState.SNOOZED)


class AlreadyTaken(Exception):
    """Somebody else has this item, or it is done; `str()` says who."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """A work item to open: see `WorkItem`. `due_at` is UTC; `say` is what to tell the patient.

    `wakes`: it is news, so an undone one that was put off comes back at once.
    """

    journey: Journey
    kind: str
    cause: str
    why: str
    due_at: datetime
    say: str = ""
    priority: Priority = Priority.SOON
    wakes: bool = False


def open_items(items: Iterable[NewItem], *, now: datetime) -> None:
    """Open each item whose cause has no undone one; where one is, it takes the newer words and the earlier due time."""
    wanted = {(item.journey.pk, item.cause): item for item in items}
    if not wanted:
        return
    with transaction.atomic():
        undone = {
            (found.journey_id, found.cause): found
            for found in WorkItem.objects.filter(
                journey__in={journey for journey, _ in wanted},
                cause__in={cause for _, cause in wanted},
                state__in=WORK_ITEM_UNDONE,
            )
        }
        changed = []
        for key in wanted.keys() & undone.keys():
            item, found = wanted[key], undone[key]
            found.why, found.say = item.why[:300], item.say
            found.due_at, found.priority = min(found.due_at, item.due_at), min(found.priority, item.priority)
            changed.append(found)
        WorkItem.objects.bulk_update(changed, ["why", "say", "due_at", "priority"])
        news = [found.pk for key, found in undone.items() if key in wanted and wanted[key].wakes]
        if news:
            asleep = WorkItem.objects.filter(pk__in=news, state=WorkItemState.SNOOZED)
            asleep.update(state=WorkItemState.OPEN, snoozed_until=None, snooze_reason="")
        # A cause seen by two at once is opened by one of them: the constraint lets the other's row pass unwritten.
        WorkItem.objects.bulk_create(
            [
                WorkItem(
                    clinic_id=item.journey.clinic_id, journey=item.journey, kind=item.kind, cause=item.cause,
                    priority=item.priority, why=item.why[:300], say=item.say, opened_at=now, due_at=item.due_at,
                )
                for key, item in wanted.items()
                if key not in undone
            ],
            ignore_conflicts=True,
        )  # fmt: skip


def open_item(
    *,
    journey: Journey,
    kind: str,
    cause: str,
    why: str,
    due_at: datetime,
    now: datetime,
    say: str = "",
    priority: Priority = Priority.SOON,
) -> WorkItem:
    """Open one item, or return the undone one of the same cause."""
    open_items([NewItem(journey, kind, cause, why, due_at, say, priority)], now=now)
    return WorkItem.objects.get(journey=journey, cause=cause, state__in=WORK_ITEM_UNDONE)


@transaction.atomic
def add_item(
    *, journey: Journey, kind: str, why: str, due_at: datetime, by: Staff, now: datetime, say: str = ""
) -> WorkItem:
    """Write down a task by hand; the same words twice for one journey are one task while it is undone.

    Due within the hour it is urgent. Raises `ValueError` without a reason or for a time that has passed.
    """
    why = " ".join(why.split())
    if not why:
        raise ValueError("Say what is to be done, and why.")
    if due_at <= now:
        raise ValueError("This time has passed. Enter one that is still to come.")
    priority = Priority.URGENT if due_at <= now + URGENT_WITHIN else Priority.SOON
    cause = f"by-hand:{kind}:{hashlib.sha256(why.casefold().encode()).hexdigest()[:16]}"
    before = WorkItem.objects.filter(journey=journey, cause=cause, state__in=WORK_ITEM_UNDONE).exists()
    item = open_item(
        journey=journey, kind=kind, cause=cause, why=why, due_at=due_at, now=now, say=say.strip(), priority=priority
    )
    if not before:
        _event(item, "work-item-opened", by, now)
    return item


def close_items(*, journey: Journey, causes: Iterable[str], outcome: str, now: datetime, by: Staff | None) -> int:
    """Resolve the undone items of causes that are gone; the number resolved."""
    return WorkItem.objects.filter(journey=journey, cause__in=causes, state__in=WORK_ITEM_UNDONE).update(
        state=WorkItemState.RESOLVED, resolved_at=now, resolved_by=by, outcome=outcome[:200]
    )


def claim_item(*, item: WorkItem, by: Staff, now: datetime) -> WorkItem:
    """Take an item; raise `AlreadyTaken` when someone else was first. Taking one's own again changes nothing."""
    with transaction.atomic():
        taken = _take(item, by, now)
        item.refresh_from_db()
        if taken:
            _event(item, "work-item-claimed", by, now)
    if not taken and item.claimed_by_id != by.pk:
        raise AlreadyTaken(_who_has(item))
    return item


def _take(item: WorkItem, by: Staff, now: datetime) -> int:
    """One conditional UPDATE: of two who press at once it finds the row for one."""
    return WorkItem.objects.filter(pk=item.pk, state__in=TAKEABLE).update(
        state=WorkItemState.CLAIMED, claimed_by=by, claimed_at=now, snoozed_until=None, snooze_reason=""
    )


def release_item(*, item: WorkItem, by: Staff, now: datetime) -> WorkItem:
    """Give one's own item back to everyone."""
    _change(item, by, now, WorkItemState.OPEN, claimed_by=None, claimed_at=None)
    return item


def snooze_item(*, item: WorkItem, until: datetime, reason: str, by: Staff, now: datetime) -> WorkItem:
    """Put an item off, with a reason; raise `ValueError` without one or when `until` is past."""
    if not reason.strip():
        raise ValueError("Say why this can wait.")
    if until <= now:
        raise ValueError("Choose a time in the future.")
    _change(
        item, by, now, WorkItemState.SNOOZED, snoozed_until=until, snooze_reason=reason.strip()[:200],
        claimed_by=None, claimed_at=None,
    )  # fmt: skip
    return item


def resolve_item(*, item: WorkItem, outcome: str, by: Staff, now: datetime) -> WorkItem:
    """Finish an item with what came of it; raise `ValueError` without an outcome."""
    if not outcome.strip():
        raise ValueError("Say what came of it.")
    _change(item, by, now, WorkItemState.RESOLVED, resolved_by=by, resolved_at=now, outcome=outcome.strip()[:200])
    return item


def wake_snoozed(*, now: datetime) -> int:
    """Open every snoozed item whose time has come; the number opened."""
    return WorkItem.objects.filter(state=WorkItemState.SNOOZED, snoozed_until__lte=now).update(
        state=WorkItemState.OPEN, snoozed_until=None, snooze_reason=""
    )


@transaction.atomic
def _change(item: WorkItem, by: Staff, now: datetime, after: WorkItemState, **fields: object) -> None:
    """One conditional UPDATE from the state and owner that `item` shows, and its line of history."""
    item.refresh_from_db()
    if item.claimed_by_id not in (None, by.pk):
        raise AlreadyTaken(_who_has(item))
    try:
        check_transition(WorkItemState(item.state), after)
    except TransitionError as error:
        raise AlreadyTaken(_who_has(item)) from error
    changed = WorkItem.objects.filter(pk=item.pk, state=item.state, claimed_by=item.claimed_by_id).update(
        state=after, **fields
    )
    if not changed:
        item.refresh_from_db()
        raise AlreadyTaken(_who_has(item))
    _event(item, f"work-item-{after}", by, now, outcome=str(fields.get("outcome", "")))
    item.refresh_from_db()


def _event(item: WorkItem, kind: str, by: Staff, now: datetime, *, outcome: str = "") -> None:
    JourneyEvent.objects.create(
        journey_id=item.journey_id, at=now, by=by, kind=kind, why=item.why,
        detail={"item": item.pk, "kind": item.kind, "outcome": outcome},
    )  # fmt: skip


def _who_has(item: WorkItem) -> str:
    if item.state == WorkItemState.RESOLVED:
        return f"This is done already: {item.outcome}"
    return f"{item.claimed_by} has taken this." if item.claimed_by else "This has just changed."
