"""replan: the one way in which a journey's steps and reminders come to say what its protocol and facts say."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from pathway.actions.calls import call_item
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, JourneyEvent, Priority, Reminder, Step
from pathway.planner import Changes, Conflict, Plan, PlannedReminder, PlannedStep, Protocol, diff, plan
from pathway.queries.plan_facts import facts_of, reminder_rows
from pathway.queries.protocols import protocol_of
from pathway.staff_words import conflict_in_words
from pathway.states import JOURNEY_ENDED, JourneyState, ReminderState
from patients.models import Staff

NEW_TIME_WANTED = timedelta(hours=1)
"""How soon somebody should look at a plan that does not fit."""


def replan(journey: Journey, *, by: Staff | None, now: datetime) -> Changes:
    """Plan the journey anew and bring its rows in line, in one transaction; what is right already stays untouched.

    Every cause ends here: a booking, a move, a cancellation, a signed hold, another zone. A row whose sending was
    started, or that was sent, never changes; what it said wrong gets one correction. When anything changed,
    `plan_version` rises by one on the journey and on every waiting row: a dispatcher that claimed a row under the plan
    before can no longer start it. `now` is UTC; the changes made are returned.
    """
    with transaction.atomic():
        journey = _locked(journey)
        rows = list(Reminder.objects.select_for_update().filter(journey=journey).order_by("pk"))
        planned_rows = reminder_rows(rows)
        protocol = protocol_of(journey.protocol_version)
        wanted = _plan(journey, protocol, rows, now)
        changes = diff(planned_rows, wanted)
        steps_changed = _bring_steps_in_line(journey, wanted.steps)
        if changes or steps_changed:
            journey.plan_version += 1
            _apply(journey, protocol, changes, now, rows={row.pk: row for row in rows})
            JourneyEvent.objects.create(
                journey=journey, at=now, by=by, kind="planned", plan_version=journey.plan_version,
                detail={
                    "created": len(changes.create), "moved": len(changes.move), "withdrawn": len(changes.withdraw),
                    "corrected": len(changes.correct),
                },
            )  # fmt: skip
        _tell_conflicts(journey, wanted.conflicts, by, now)
        journey.planned_at = now
        journey.save(update_fields=["plan_version", "planned_at"])
        return changes


def _locked(journey: Journey) -> Journey:
    return (
        Journey.objects.select_for_update(of=("self",), no_key=True)
        .select_related("patient__clinic", "protocol_version", "clinic")
        .defer("protocol_version__source")  # parsed once and cached: no need to read the file with every journey
        .get(pk=journey.pk)
    )


def _plan(journey: Journey, protocol: Protocol, rows: list[Reminder], now: datetime) -> Plan:
    """The plan of a journey; of an ended one nothing but what takes back what was told of a time still to come."""
    return plan(protocol, facts_of(journey, rows, ended=JourneyState(journey.state) in JOURNEY_ENDED), now)


def _bring_steps_in_line(journey: Journey, steps: Iterable[PlannedStep]) -> bool:
    """Write the steps as planned; whether anything was different."""
    wanted = {step.key: step for step in steps}
    current = {step.key: step for step in Step.objects.filter(journey=journey)}
    gone = [step.pk for key, step in current.items() if key not in wanted]
    different = [planned for key, planned in wanted.items() if not _is_step(current.get(key), planned)]
    if gone:
        Step.objects.filter(pk__in=gone).delete()
    if different:
        # One upsert: Django's bulk_update builds a CASE for every column, which cost a third of a whole replan.
        Step.objects.bulk_create(
            [
                Step(journey=journey, key=step.key, kind=step.kind, starts_at=step.starts_at, ends_at=step.ends_at)
                for step in different
            ],
            update_conflicts=True,
            unique_fields=["journey", "key"],
            update_fields=["kind", "starts_at", "ends_at"],
        )
    return bool(gone or different)


def _is_step(current: Step | None, planned: PlannedStep) -> bool:
    """Whether a step's row says what is planned."""
    return current is not None and (current.kind, current.starts_at, current.ends_at) == (
        planned.kind,
        planned.starts_at,
        planned.ends_at,
    )


def _apply(journey: Journey, protocol: Protocol, changes: Changes, now: datetime, *, rows: dict[int, Reminder]) -> None:
    """Write the changes and tell a person what cannot be told by a message. `rows` are locked until the commit."""
    pending = Reminder.objects.filter(
        Q(state=ReminderState.PLANNED) | Q(state=ReminderState.CLAIMED, started_at=None), journey=journey
    )
    for reason in {reason for _, reason in changes.withdraw}:
        ids = [pk for pk, why in changes.withdraw if why == reason]
        pending.filter(pk__in=ids).update(state=ReminderState.WITHDRAWN, reason=reason, **UNCLAIMED)
    _move([(rows[pk], reminder) for pk, reminder in changes.move])
    created = Reminder.objects.bulk_create(
        Reminder(
            journey=journey, key=key, base_key=reminder.key, step=reminder.step, plan_version=journey.plan_version,
            **_fields(reminder),
        )
        for key, reminder in changes.create
    )  # fmt: skip
    calls = [reminder for _, reminder in (*changes.move, *changes.create) if reminder.late == "call"]
    row_ids = {reminder.key: reminder.pk for reminder in created}
    for pk, key in changes.correct:
        Reminder.objects.filter(pk=pk, superseded_by=None).update(superseded_by=row_ids[key])
    if rows:
        pending.update(plan_version=journey.plan_version)
    open_items(
        [
            call_item(
                journey=journey, protocol=protocol, base_key=reminder.key, step=reminder.step, text=reminder.text,
                safety=reminder.safety, reason=reminder.reason, now=now,
            )
            for reminder in calls
        ],
        now=now,
    )  # fmt: skip


def _move(moves: list[tuple[Reminder, PlannedReminder]]) -> None:
    """Bring waiting rows to their new values in one upsert: one UPDATE a row was a third of a move."""
    columns: set[str] = set()
    for row, reminder in moves:
        values = {**_fields(reminder), **UNCLAIMED}
        columns.update(values)
        for name, value in values.items():
            setattr(row, name, value)
    if moves:
        Reminder.objects.bulk_create(
            [row for row, _ in moves],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted(columns),
        )


UNCLAIMED: dict[str, None] = {"claim_token": None, "claimed_until": None}


def _fields(reminder: PlannedReminder) -> dict[str, object]:
    """A planned reminder as column values. What a person or nobody is to do ends at once, with its reason."""
    state = ReminderState.PLANNED
    if reminder.late == "call":
        state = ReminderState.MISSED
    elif reminder.late == "skip":
        state = ReminderState.WITHDRAWN
    return {
        "text": reminder.text,
        "says": dict(reminder.says),
        "covers": {key: dict(says) for key, says in reminder.covers.items()},
        "send_at": reminder.send_at,
        "run_at": reminder.send_at,
        "intended_at": reminder.intended_at,
        "useful_until": reminder.useful_until,
        "moved": reminder.moved or "",
        "late": reminder.late or "",
        "reason": reminder.reason[:200],
        "safety": reminder.safety,
        "waits_for_window": reminder.waits_for_window,
        "needs_booked": reminder.needs_booked,
        "resend_unproven": reminder.resend_unproven,
        "state": state,
    }


def _tell_conflicts(journey: Journey, conflicts: Iterable[Conflict], by: Staff | None, now: datetime) -> None:
    """One urgent work item for each conflict; items of conflicts that are gone are closed."""
    found = {f"conflict:{conflict.kind}:{conflict.drug or ''}": conflict for conflict in conflicts}
    undone = journey.work_items.filter(cause__startswith="conflict:").exclude(state="resolved")
    gone = [cause for cause in undone.values_list("cause", flat=True) if cause not in found]
    if gone:
        close_items(journey=journey, causes=gone, outcome="The plan fits again.", now=now, by=by)
    open_items(
        [
            NewItem(
                journey, conflict.kind, cause, conflict_in_words(conflict, journey.clinic.tz),
                now + NEW_TIME_WANTED, priority=Priority.URGENT,
            )
            for cause, conflict in found.items()
        ],
        now=now,
    )  # fmt: skip
