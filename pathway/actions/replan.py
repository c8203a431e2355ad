"""replan: the one way in which a journey's steps and reminders come to say what its protocol and facts say."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from pathway.actions.check_in_rows import bring_check_ins_in_line
from pathway.actions.follow_up_tasks import tell_follow_ups
from pathway.actions.hold_tasks import tell_hold_tasks
from pathway.actions.plan_tasks import close_moot_calls, tell_calls, tell_misfits
from pathway.models import Journey, JourneyEvent, Origin, Reminder, Step
from pathway.planner import Changes, PlannedReminder, PlannedStep, Protocol, diff, plan
from pathway.queries.plan_facts import facts_of, reminder_rows
from pathway.queries.protocols import protocol_of
from pathway.states import JOURNEY_ENDED, JourneyState, ReminderState
from patients.models import Staff


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
        rows = [row for row in rows if row.origin == Origin.PLAN]  # the others are locked, and nobody plans them
        planned_rows = reminder_rows(rows)
        protocol = protocol_of(journey.protocol_version)
        # Of an ended journey nothing is planned but what takes back what was told of a time still to come.
        facts = facts_of(journey, rows, ended=JourneyState(journey.state) in JOURNEY_ENDED)
        wanted = plan(protocol, facts, now)
        changes = diff(planned_rows, wanted)
        steps_changed = _bring_steps_in_line(journey, wanted.steps)
        if changes or steps_changed:
            journey.plan_version += 1
            _apply(journey, protocol, changes, now, rows={row.pk: row for row in rows})
            close_moot_calls(journey=journey, protocol=protocol, plan=wanted, now=now)
            JourneyEvent.objects.create(
                journey=journey, at=now, by=by, kind="planned", plan_version=journey.plan_version,
                detail={
                    "created": len(changes.create), "moved": len(changes.move), "withdrawn": len(changes.withdraw),
                    "corrected": len(changes.correct),
                },
            )  # fmt: skip
        tell_misfits(journey=journey, protocol=protocol, facts=facts, plan=wanted, now=now)
        bring_check_ins_in_line(journey=journey, protocol=protocol, facts=facts, plan=wanted, now=now)
        tell_follow_ups(journey=journey, protocol=protocol, facts=facts, now=now)
        tell_hold_tasks(journey=journey, now=now)
        journey.planned_at = now
        journey.save(update_fields=["plan_version", "planned_at"])
        return changes


def _locked(journey: Journey) -> Journey:
    return (
        Journey.objects.select_for_update(of=("self",), no_key=True)
        .select_related("patient__clinic", "protocol_version", "clinic", "authorisation")
        .defer("protocol_version__source")  # parsed once and cached: no need to read the file with every journey
        .get(pk=journey.pk)
    )


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
    moves = [(rows[pk], _not_in_silence(rows[pk], reminder, now)) for pk, reminder in changes.move]
    _move(moves, now)
    created = Reminder.objects.bulk_create(
        Reminder(
            clinic_id=journey.clinic_id, journey=journey, key=key, base_key=reminder.key, step=reminder.step,
            plan_version=journey.plan_version, **_fields(reminder, now),
        )
        for key, reminder in changes.create
    )  # fmt: skip
    row_ids = {reminder.key: reminder.pk for reminder in created}
    for pk, key in changes.correct:
        Reminder.objects.filter(pk=pk, superseded_by=None).update(superseded_by=row_ids[key])
    if rows:  # also what is not planned (asked again, copied): nothing that waits may start under the plan before
        pending.update(plan_version=journey.plan_version)
    planned = [reminder for _, reminder in (*moves, *changes.create)]
    calls = [reminder for reminder in planned if _state(reminder, now) is ReminderState.MISSED]
    tell_calls(journey=journey, protocol=protocol, changes=changes, calls=calls, now=now)


def _not_in_silence(row: Reminder, reminder: PlannedReminder, now: datetime) -> PlannedReminder:
    """What was due and waited for a dispatcher in vain was missed, and a person is told, whatever its `if_late` says.

    That is for what was too late when it was planned.
    """
    if reminder.late == "skip" and row.send_at <= now:
        return replace(reminder, late="call", reason=f"it was due and nothing sent it; {reminder.reason}")
    return reminder


def _move(moves: list[tuple[Reminder, PlannedReminder]], now: datetime) -> None:
    """Bring waiting rows to their new values in one upsert: one UPDATE a row was a third of a move."""
    columns: set[str] = set()
    for row, reminder in moves:
        values = {**_fields(reminder, now), **UNCLAIMED}
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


def _state(reminder: PlannedReminder, now: datetime) -> ReminderState:
    """How a planned reminder stands as a row. A call whose moment is still to come waits for it like a message.

    At that moment the dispatcher finds the window closed and opens the task then, not weeks before.
    """
    if reminder.late == "call" and reminder.send_at <= now:
        return ReminderState.MISSED
    return ReminderState.WITHDRAWN if reminder.late == "skip" else ReminderState.PLANNED


def _fields(reminder: PlannedReminder, now: datetime) -> dict[str, object]:
    """A planned reminder as column values. What a person or nobody is to do ends at once, with its reason."""
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
        "state": _state(reminder, now),
    }
