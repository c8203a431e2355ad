"""Medicine holds: drafted by a table or by hand, signed by a prescriber, and never changed in silence."""

from datetime import datetime, timedelta

from django.db import transaction

from pathway.actions.replan import replan
from pathway.actions.work_items import open_item
from pathway.models import Journey, JourneyEvent, MedicationHold, Priority
from pathway.planner import Hold, TimeError, parse_duration
from pathway.planner.clock import hold_anchors
from pathway.states import HOLD_SIGNED, HoldState, check_transition
from patients.models import Membership, Role, Staff

ANSWER_WITHIN = timedelta(hours=1)


class NotAPrescriber(Exception):
    """Only a prescriber of the patient's clinic signs a hold."""


@transaction.atomic
def draft_hold(
    *, journey: Journey, drug: str, duration: str, now: datetime, restart_after: str = "P1D", by: Staff | None = None
) -> MedicationHold:
    """Propose a hold. Until it is signed no word of it reaches the patient; raise `ValueError` for a bad duration."""
    for text in (duration, restart_after):
        parsed = parse_duration(text)
        if parsed.days < 0 or parsed.elapsed < timedelta(0):
            raise TimeError(f"a hold cannot last “{text}”: give a duration without a sign")
    hold = MedicationHold.objects.create(
        journey=journey, drug=drug, duration=duration, restart_after=restart_after, drafted_at=now
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
    """Take a hold back, with the reason, and plan again: nothing more of it goes out."""
    if not reason.strip():
        raise ValueError("Say why the hold is declined.")
    _change(hold, HoldState.DECLINED, declined_reason=reason.strip()[:200])
    _event(hold, "hold-declined", by, now, why=reason)
    replan(hold.journey, by=by, now=now)
    return hold


def suspend_running_holds(*, journey: Journey, procedure_at: datetime, why: str, now: datetime) -> None:
    """End every signed hold that is running for a procedure at `procedure_at` which is now off or later.

    Its timers stop, a new draft waits for a new signature, and the prescriber is told urgently: a hold is never
    silently lengthened (clinical facts, section 3). Call before the procedure's new time is planned.
    """
    for hold in MedicationHold.objects.filter(journey=journey, state__in=HOLD_SIGNED).select_related("signed_by"):
        assert hold.signed_at is not None  # noqa: S101 - a constraint of the table
        planned = Hold(hold.drug, parse_duration(hold.duration), parse_duration(hold.restart_after), hold.signed_at)
        if now < hold_anchors(planned, procedure_at, journey.patient.tz)["last-dose"]:
            continue
        _change(hold, HoldState.DECLINED, declined_reason=f"{why} while the medicine was held: sign again")
        _event(hold, "hold-suspended", None, now, why=why)
        draft_hold(journey=journey, drug=hold.drug, duration=hold.duration, restart_after=hold.restart_after, now=now)
        open_item(
            journey=journey,
            kind="held-without-date",
            cause=f"hold:{hold.pk}:suspended",
            why=f"{hold.drug} is being held and {why}. Decide whether to restart it, and sign a new plan.",
            due_at=now + ANSWER_WITHIN,
            now=now,
            priority=Priority.URGENT,
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
