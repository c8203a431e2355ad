"""The course of a signed hold: told, read, stopped, and taken again. What the patient answers and what staff attest."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from pathway.actions.hold_changes import change_hold, require_clinician, require_prescriber, write_hold_event
from pathway.actions.replan import replan
from pathway.actions.work_items import open_item
from pathway.models import MedicationHold, Milestone, MilestoneStatus, Priority
from pathway.planner import Protocol
from pathway.planner.clock import DAY, HOUR, hold_anchors, shift
from pathway.queries.plan_facts import reckoned
from pathway.staff_words import full_time, moment_words
from pathway.states import HOLD_SIGNED, HoldState, TransitionError
from patients.models import Staff

TOO_EARLY = 2 * DAY
"""A last dose so much earlier than the plan says is a danger of its own: a clot (D)."""

LATE = DAY
LONGEST_AGO = timedelta(days=90)


class NotAttestable(ValueError):
    """A moment that cannot be meant; `str()` says why."""


def release_holds(told: Mapping[int, datetime], *, now: datetime) -> None:
    """Note that patients were sent their plan: journey id to when (UTC). What they had read by then was signed.

    Belongs in the transaction that makes the message sent. One text leads to the page of all signed holds.
    """
    for journey, sent_at in told.items():
        for hold in MedicationHold.objects.filter(
            journey=journey, state=HoldState.APPROVED, signed_at__lte=sent_at
        ).order_by("pk"):
            _onward(hold, HoldState.RELEASED, "hold-released", None, now, released_at=sent_at)


def acknowledge_holds(*, journey_id: int, asked_at: datetime, by: Staff | None, now: datetime) -> None:
    """Note that the patient has read the plan that a text asked about at `asked_at` (UTC)."""
    for hold in MedicationHold.objects.filter(
        journey=journey_id, state__in=[HoldState.APPROVED, HoldState.RELEASED], signed_at__lte=asked_at
    ).order_by("pk"):
        _release_first(hold, by, now)
        _onward(hold, HoldState.ACKNOWLEDGED, "hold-acknowledged", by, now, acknowledged_at=now)


def follow_answer(
    *, journey_id: int, protocol: Protocol, keys: Iterable[str], asked_at: datetime, by: Staff | None, now: datetime
) -> None:
    """What a patient's “read it” or “done” means for the holds that the text behind `keys` was about.

    A text timed from the last dose asks whether it was the last, one timed from the restart whether it is taken again,
    any other whether the plan was read.
    """
    for key in keys:
        spec = protocol.reminder(key)
        if spec is None or not spec.for_each_hold:
            continue
        if spec.send.anchor not in ("last-dose", "restart"):
            acknowledge_holds(journey_id=journey_id, asked_at=asked_at, by=by, now=now)
            continue
        drug = key.removeprefix(f"{spec.key}/").split("/")[0]
        hold = MedicationHold.objects.filter(
            journey=journey_id, drug=drug, state__in=HOLD_SIGNED, signed_at__lte=asked_at
        ).first()
        if hold is None:
            continue
        _release_first(hold, by, now)
        if spec.send.anchor == "last-dose" and hold.state != HoldState.STOPPED:
            _onward(hold, HoldState.STOPPED, "hold-stopped", by, now, stopped_at=now)
        elif spec.send.anchor == "restart":
            _onward(hold, HoldState.RESTARTED, "hold-restarted", by, now, restarted_at=now)


def _release_first(hold: MedicationHold, by: Staff | None, now: datetime) -> None:
    if hold.state == HoldState.APPROVED:
        _onward(hold, HoldState.RELEASED, "hold-released", by, now, released_at=now)


def _onward(
    hold: MedicationHold, after: HoldState, kind: str, by: Staff | None, now: datetime, **fields: object
) -> None:
    """One step further; a hold that somebody else brought elsewhere meanwhile stays there."""
    try:
        change_hold(hold, after, **fields)
    except TransitionError:
        return
    write_hold_event(hold, kind, by=by, now=now)


@transaction.atomic
def tell_plan(*, hold: MedicationHold, how: str, has_read: bool, by: Staff, now: datetime) -> MedicationHold:
    """A nurse told the patient the signed plan (`how`), and whether they say that they understood it."""
    require_clinician(hold, by)
    if not how.strip():
        raise NotAttestable("Say how the patient was told.")
    hold.refresh_from_db()
    if hold.state == HoldState.APPROVED:
        change_hold(hold, HoldState.RELEASED, released_at=now)
        write_hold_event(hold, "hold-released", by=by, now=now, why=how)
    if has_read:
        change_hold(hold, HoldState.ACKNOWLEDGED, acknowledged_at=now)
        write_hold_event(hold, "hold-acknowledged", by=by, now=now, why=how)
    return hold


@transaction.atomic
def attest_last_dose(*, hold: MedicationHold, at: datetime, by: Staff, now: datetime) -> MedicationHold:
    """A nurse writes down when (UTC) the last dose was taken, and the journey is planned again.

    Too late for the procedure is an urgent task that names the earliest safe date (a conflict of the plan). Much too
    early is one too, and so is a drug that was stopped without a signed plan: both are a danger of a clot.
    """
    require_clinician(hold, by)
    if at > now:
        raise NotAttestable("This moment is still to come. Enter when the last dose was taken.")
    if at < now - LONGEST_AGO:
        raise NotAttestable("This is more than 90 days ago: check the date.")
    hold.refresh_from_db()
    fields = {"last_dose_at": at, "last_dose_by": by}
    if hold.state == HoldState.DRAFTED:
        MedicationHold.objects.filter(pk=hold.pk, state=HoldState.DRAFTED).update(held_since=at, **fields)
        _urgent(
            hold,
            "stopped-unsigned",
            f"{hold.drug} was stopped without a signed plan. Decide and sign, or restart it",
            at,
            now,
        )
    elif hold.state == HoldState.STOPPED:
        MedicationHold.objects.filter(pk=hold.pk, state=HoldState.STOPPED).update(**fields)
    else:
        if hold.state == HoldState.APPROVED:
            change_hold(hold, HoldState.RELEASED, released_at=now)
            write_hold_event(hold, "hold-released", by=by, now=now, why="told with the last dose")
        change_hold(hold, HoldState.STOPPED, stopped_at=now, **fields)
    hold.refresh_from_db()
    write_hold_event(hold, "last-dose", by=by, now=now, at=at)
    procedure = _procedure(hold)
    if procedure is not None and hold.signed_at is not None and procedure.status == MilestoneStatus.BOOKED:
        planned = hold_anchors(reckoned(hold, hold.signed_at), procedure.at, hold.journey.patient.tz)["last-dose"]
        if at < planned - TOO_EARLY:
            _urgent(
                hold, "stopped-early", f"{hold.drug} was stopped well before its day: danger of a clot. Decide", at, now
            )
    replan(hold.journey, by=by, now=now)
    return hold


@transaction.atomic
def set_restart(*, hold: MedicationHold, at: datetime, by: Staff, now: datetime) -> MedicationHold:
    """Set when (UTC) a held drug is taken again, and plan again: now the patient is told the day.

    Where the table waits for eating, a nurse may set it; where it waits for the clinician, or a length was signed, a
    prescriber. Raises `NotAttestable` for a moment before the procedure.
    """
    hold.refresh_from_db()
    if hold.restart_when in ("eating-normally", "eating-again"):
        require_clinician(hold, by)
    else:
        require_prescriber(hold, by)
    procedure = _procedure(hold)
    if procedure is None or at <= procedure.at:
        raise NotAttestable("A held medicine is taken again after the procedure: enter a later moment.")
    if at > procedure.at + LONGEST_AGO:
        raise NotAttestable("This is more than 90 days after the procedure: check the date.")
    signed = MedicationHold.objects.filter(pk=hold.pk, state__in=HOLD_SIGNED)
    if not signed.update(restart_at=at, restart_set_by=by):
        raise NotAttestable("This hold is not signed, or it is over: there is no restart to set.")
    hold.refresh_from_db()
    write_hold_event(hold, "restart-set", by=by, now=now, at=at)
    replan(hold.journey, by=by, now=now)
    return hold


def forget_restarts(*, journey_id: int) -> None:
    """Take back restart dates that were set for a procedure which has another time now. Belongs before a `replan`."""
    MedicationHold.objects.filter(journey=journey_id, state__in=HOLD_SIGNED, restart_at__isnull=False).update(
        restart_at=None, restart_set_by=None
    )


@transaction.atomic
def attest_restart(*, hold: MedicationHold, at: datetime, by: Staff, now: datetime) -> MedicationHold:
    """A nurse writes down when (UTC) the drug was taken again, and the journey is planned again.

    Before the procedure, or before its day, that is an urgent task (bleeding); late, one for the prescriber (clot).
    """
    require_clinician(hold, by)
    hold.refresh_from_db()
    if at > now:
        raise NotAttestable("This moment is still to come. Enter when it was taken again.")
    if hold.last_dose_at is not None and at <= hold.last_dose_at:
        raise NotAttestable("This is before the last dose that was written down: check both.")
    if hold.state == HoldState.APPROVED:
        change_hold(hold, HoldState.RELEASED, released_at=now)
    change_hold(hold, HoldState.RESTARTED, restarted_at=at)
    write_hold_event(hold, "hold-restarted", by=by, now=now, at=at)
    _tell_odd_restart(hold, at, now)
    replan(hold.journey, by=by, now=now)
    return hold


def _tell_odd_restart(hold: MedicationHold, at: datetime, now: datetime) -> None:
    procedure, zone = _procedure(hold), hold.journey.patient.tz
    assert hold.signed_at is not None  # noqa: S101 - the database refuses a restarted hold without its signature
    plan = reckoned(hold, hold.signed_at)
    if procedure is None or (procedure.status == MilestoneStatus.BOOKED and at < procedure.at):
        earliest = full_time(shift(at, plan.duration, zone).astimezone(hold.journey.clinic.tz))
        why = f"{hold.drug} was taken again before the procedure. Earliest safe procedure: {earliest}. Decide"
        _urgent(hold, "restarted-early", why, at, now)
        return
    planned = hold_anchors(plan, procedure.at, zone).get("restart")
    if planned is None or at < planned:
        _urgent(hold, "restarted-early", f"{hold.drug} was taken again before its day: watch for bleeding", at, now)
    elif at > planned + LATE:
        open_item(
            journey=hold.journey,
            kind="restarted-late",
            cause=f"hold:{hold.pk}:restarted-late",
            why=f"{hold.drug} was taken again later than planned, {moment_words(at, hold.journey.clinic.tz)}: tell the "
            "prescriber, and ask for signs of a clot.",
            due_at=now + 4 * HOUR,
            now=now,
        )


def _urgent(hold: MedicationHold, kind: str, what: str, at: datetime, now: datetime) -> None:
    open_item(
        journey=hold.journey, kind=kind, cause=f"hold:{hold.pk}:{kind}",
        why=f"{what}. It was {moment_words(at, hold.journey.clinic.tz)}.", due_at=now + HOUR, now=now,
        priority=Priority.URGENT,
    )  # fmt: skip


def _procedure(hold: MedicationHold) -> Milestone | None:
    return (
        Milestone.objects.filter(journey_id=hold.journey_id, key="procedure")
        .exclude(status=MilestoneStatus.EXPECTED)
        .first()
    )
