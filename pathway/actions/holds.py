"""Medicine holds: drafted by a table or by hand, signed by a prescriber, and never changed in silence."""

from datetime import datetime, timedelta

from django.db import transaction

from pathway.actions.replan import replan
from pathway.actions.work_items import open_item
from pathway.models import Journey, JourneyEvent, MedicationHold, Milestone, Priority
from pathway.planner import Hold, TimeError, parse_duration
from pathway.planner.clock import DAY, hold_anchors
from pathway.states import HOLD_SIGNED, HoldState, check_transition
from patients.models import Membership, Role, Staff

ANSWER_WITHIN = timedelta(hours=1)


class NotAPrescriber(Exception):
    """Only a prescriber of the patient's clinic signs a hold."""


@transaction.atomic
def draft_hold(
    *,
    journey: Journey,
    drug: str,
    duration: str,
    now: datetime,
    restart_after: str = "P1D",
    held_since: datetime | None = None,
    by: Staff | None = None,
) -> MedicationHold:
    """Propose a hold. Until it is signed no word of it reaches the patient; raise `ValueError` for a bad duration.

    `held_since` (UTC): the drug is being held already, under an earlier signature.
    """
    for text in (duration, restart_after):
        parsed = parse_duration(text)
        if parsed.days < 0 or parsed.elapsed < timedelta(0):
            raise TimeError(f"a hold cannot last “{text}”: give a duration without a sign")
    hold = MedicationHold.objects.create(
        journey=journey,
        drug=drug,
        duration=duration,
        restart_after=restart_after,
        drafted_at=now,
        held_since=held_since,
    )
    _event(hold, "hold-drafted", by, now)
    return hold


@transaction.atomic
def sign_hold(*, hold: MedicationHold, by: Staff, now: datetime) -> MedicationHold:
    """Sign a drafted hold as a prescriber of its clinic, and plan again: from here the patient may be told."""
    if not Membership.objects.filter(staff=by, clinic_id=hold.journey.clinic_id, role=Role.PRESCRIBER).exists():
        raise NotAPrescriber(f"{by} is not a prescriber of this clinic.")
    _change(hold, HoldState.APPROVED, signed_by=by, signed_at=now)
    _event(hold, "hold-signed", by, now)
    replan(hold.journey, by=by, now=now)
    return hold


@transaction.atomic
def decline_hold(*, hold: MedicationHold, reason: str, by: Staff | None, now: datetime) -> MedicationHold:
    """Take a hold back, with the reason, and plan again: nothing more of it goes out.

    When the patient may know of it somebody has to call them: urgently while the medicine is being held.
    """
    if not reason.strip():
        raise ValueError("Say why the hold is declined.")
    hold.refresh_from_db()
    was_signed, since = HoldState(hold.state) in HOLD_SIGNED, running_since(hold, now=now)
    _change(hold, HoldState.DECLINED, declined_reason=reason.strip()[:200])
    _event(hold, "hold-declined", by, now, why=reason)
    if was_signed:
        state = "is being held" if since else "was to be held"
        _ask_to_decide(hold, f"{hold.drug} {state} and its plan was taken back: {reason.strip()}", since, now)
    replan(hold.journey, by=by, now=now)
    return hold


def suspend_holds(*, journey: Journey, why: str, now: datetime, by: Staff | None, running_only: bool) -> None:
    """End signed holds because the procedure is off or later (`why`); call before its new time is planned.

    Their timers stop and a new draft waits for a new signature: a hold is never silently lengthened (clinical facts,
    section 3). For a medicine that is being held right now the prescriber is told urgently. With `running_only` holds
    that have not begun keep their signature and move with the procedure.
    """
    for hold in MedicationHold.objects.filter(journey=journey, state__in=HOLD_SIGNED).order_by("pk"):
        since = running_since(hold, now=now)
        if since is None and running_only:
            continue
        _change(hold, HoldState.DECLINED, declined_reason=f"{why}: sign again")
        _event(hold, "hold-suspended", by, now, why=why)
        draft_hold(
            journey=journey,
            drug=hold.drug,
            duration=hold.duration,
            restart_after=hold.restart_after,
            held_since=since,
            now=now,
        )
        state = "is being held" if since else "was to be held"
        _ask_to_decide(hold, f"{hold.drug} {state} and {why}", since, now)


def running_since(hold: MedicationHold, *, now: datetime) -> datetime | None:
    """Since when (UTC) the drug is being held for the procedure as booked; None when the last dose is still to come."""
    procedure = Milestone.objects.filter(journey_id=hold.journey_id, key="procedure").first()
    if hold.held_since is not None:
        return hold.held_since
    if procedure is None or hold.signed_at is None:
        return None
    planned = Hold(hold.drug, parse_duration(hold.duration), parse_duration(hold.restart_after), hold.signed_at)
    last_dose = hold_anchors(planned, procedure.at, hold.journey.patient.tz)["last-dose"]
    return max(last_dose + DAY, hold.signed_at) if now >= last_dose else None


def _ask_to_decide(hold: MedicationHold, what: str, since: datetime | None, now: datetime) -> None:
    """The task for a prescriber: urgent while the drug is being held."""
    open_item(
        journey=hold.journey,
        kind="held-without-date" if since else "sign-again",
        cause=f"hold:{hold.pk}:suspended",
        why=f"{what}. "
        + ("Decide whether to restart it, and sign a new plan." if since else "Sign a new plan, or none."),
        due_at=now + (ANSWER_WITHIN if since else DAY),
        now=now,
        priority=Priority.URGENT if since else Priority.SOON,
    )


def _change(hold: MedicationHold, after: HoldState, **fields: object) -> None:
    """One conditional UPDATE from the state that the row shows now."""
    hold.refresh_from_db()
    before = HoldState(hold.state)
    check_transition(before, after)
    changed = MedicationHold.objects.filter(pk=hold.pk, state=before).update(state=after, **fields)
    if not changed:
        hold.refresh_from_db()
        check_transition(HoldState(hold.state), after)
    hold.refresh_from_db()


def _event(hold: MedicationHold, kind: str, by: Staff | None, now: datetime, why: str = "") -> None:
    JourneyEvent.objects.create(
        journey_id=hold.journey_id, at=now, by=by, kind=kind, why=why[:300],
        detail={"hold": hold.pk, "drug": hold.drug, "duration": hold.duration},
    )  # fmt: skip
