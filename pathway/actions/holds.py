"""Medicine holds: drafted by a table or by hand, signed by a prescriber, and never changed in silence."""

from datetime import datetime, timedelta

from django.db import transaction

from pathway.actions.hold_changes import change_hold, require_clinician, require_prescriber, write_hold_event
from pathway.actions.replan import replan
from pathway.actions.work_items import close_items, open_item
from pathway.holds.proposing import DraftHold
from pathway.holds.rows import Dangers
from pathway.holds.shipped import hold_table
from pathway.models import Journey, MedicationHold, Milestone, Priority
from pathway.planner import TimeError, parse_duration
from pathway.planner.clock import DAY, hold_anchors
from pathway.queries.plan_facts import reckoned
from pathway.states import HOLD_SIGNED, HoldState
from patients.models import Medication, Staff

ANSWER_WITHIN = timedelta(hours=1)
DRUG_LONGEST = 40
LONGEST = timedelta(days=30)
"""No hold is longer (D): a longer one is a slip of the pen."""


class NotSignable(ValueError):
    """What stands in the way of a signature; `field` is the form's field that can mend it, `str()` says how."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@transaction.atomic
def draft_hold(
    *,
    journey: Journey,
    drug: str,
    duration: str,
    now: datetime,
    restart_after: str = "P1D",
    held_since: datetime | None = None,
    medication: Medication | None = None,
    needs_inr: bool = False,
    note: str = "",
    by: Staff | None = None,
) -> MedicationHold:
    """Propose a hold by hand. Until it is signed no word of it reaches the patient; `ValueError` for a bad duration.

    `held_since` (UTC): the drug is being held already. `medication` is its row on the patient's list, `note` what the
    signer reads. `ValueError` also where that drug has a hold already.
    """
    drug = drug.strip()[:DRUG_LONGEST]
    if "/" in drug or not drug:
        raise ValueError("Name one medicine, without a slash.")
    for text in (duration, restart_after):
        check_length(text)
    if MedicationHold.objects.filter(journey=journey, drug=drug).exclude(state=HoldState.DECLINED).exists():
        raise ValueError(f"There is a hold of {drug} already: change or decline that one.")
    hold = MedicationHold.objects.create(
        journey=journey, medication=medication, drug=drug, duration=duration, drafted_duration=duration,
        restart_after=restart_after, drafted_at=now, held_since=held_since, needs_inr=needs_inr, note=note.strip(),
    )  # fmt: skip
    write_hold_event(hold, "hold-drafted", by=by, now=now, why=note)
    return hold


def draft_from_table(
    *, journey: Journey, medication: Medication, draft: DraftHold, by: Staff | None, now: datetime
) -> MedicationHold:
    """Write the draft that the table proposes for a medicine on the list; a draft that waits takes its new values.

    Belongs in a transaction. A hold that is signed is never touched.
    """
    values = {
        "medication": medication, "duration": draft.duration, "drafted_duration": draft.duration,
        "shortest": draft.shortest, "restart_after": draft.restart_after, "restart_from": draft.restart_from,
        "restart_when": draft.restart_when, "table_version": hold_table().version, "row": draft.row,
        "note": draft.note, "needs_inr": draft.needs_inr, "needs_cardiology": draft.needs_cardiology,
    }  # fmt: skip
    waiting = MedicationHold.objects.filter(journey=journey, drug=draft.drug, state=HoldState.DRAFTED)
    if waiting.update(**values):
        hold = MedicationHold.objects.get(journey=journey, drug=draft.drug, state=HoldState.DRAFTED)
        write_hold_event(hold, "hold-draft-changed", by=by, now=now)
        return hold
    hold = MedicationHold.objects.create(journey=journey, drug=draft.drug, drafted_at=now, **values)
    write_hold_event(hold, "hold-drafted", by=by, now=now, why=f"table {hold.table_version}, row {hold.row}")
    return hold


def check_length(text: str) -> None:
    """Raise `TimeError` for a duration that no hold has: unreadable, with a sign, or longer than 30 days."""
    parsed = parse_duration(text)
    if parsed.days < 0 or parsed.elapsed < timedelta(0):
        raise TimeError(f"a hold cannot last “{text}”: give a duration without a sign")
    if timedelta(days=parsed.days) + parsed.elapsed > LONGEST:
        raise TimeError(f"a hold cannot last “{text}”: more than {LONGEST.days} days is a slip of the pen")


def dangers() -> Dangers:
    """Both dangers that a signer is shown: a clot on early stopping, bleeding into the spine on late."""
    return hold_table().dangers


@transaction.atomic
def record_cardiology_agreement(
    *, hold: MedicationHold, agreed_by: str, agreed_at: datetime, by: Staff, now: datetime
) -> MedicationHold:
    """Write down that cardiology agrees to the hold: who (`agreed_by`), and when (UTC). Only while it is a draft."""
    require_clinician(hold, by)
    if not agreed_by.strip():
        raise NotSignable("agreed_by", "Say who agreed.")
    if agreed_at > now:
        raise NotSignable("day", "This moment is still to come.")
    drafted = MedicationHold.objects.filter(pk=hold.pk, state=HoldState.DRAFTED)
    if not drafted.update(cardiology_by=agreed_by.strip()[:120], cardiology_at=agreed_at, cardiology_recorded_by=by):
        raise NotSignable("agreed_by", "This hold is not a draft any more.")
    hold.refresh_from_db()
    write_hold_event(hold, "cardiology-agreed", by=by, now=now, why=agreed_by, at=agreed_at)
    replan(hold.journey, by=by, now=now)
    return hold


@transaction.atomic
def sign_hold(
    *,
    hold: MedicationHold,
    by: Staff,
    now: datetime,
    dangers_shown: str,
    duration: str = "",
    restart_after: str = "",
    reason: str = "",
    bridging: str = "",
) -> MedicationHold:
    """Sign a drafted hold as a prescriber of its clinic, and plan again: from here the patient may be told.

    `dangers_shown` is the version of the text of both dangers that this person was shown and says they read. Another
    `duration` or `restart_after` than the draft's needs a reason, unless the table's own range holds it. `bridging` is
    their own free text. Raises `NotAPrescriber`, and `NotSignable` for what stands in the way.
    """
    require_prescriber(hold, by)
    hold.refresh_from_db()
    if dangers_shown != dangers().version:
        raise NotSignable("understood", "Read both dangers first: the text has changed, or was not shown.")
    if hold.needs_cardiology and hold.cardiology_at is None:
        raise NotSignable("understood", "Cardiology's agreement comes first: record who agreed, and when.")
    changed = {
        **_changed_length(hold, "duration", duration, hold.shortest, reason),
        **_changed_length(hold, "restart_after", restart_after, hold.restart_from, reason),
    }
    change_hold(
        hold, HoldState.APPROVED, signed_by=by, signed_at=now, dangers_version=dangers_shown,
        changed_reason=reason.strip()[:200], bridging=bridging.strip(), **changed,
    )  # fmt: skip
    write_hold_event(hold, "hold-signed", by=by, now=now, why=reason)
    if hold.continues_id:
        close_items(
            journey=hold.journey, causes=[suspended_cause(hold.continues_id)], outcome="Signed again.", now=now, by=by
        )
    replan(hold.journey, by=by, now=now)
    return hold


def _changed_length(hold: MedicationHold, field: str, value: str, shortest: str, reason: str) -> dict[str, str]:
    """The field's new value, if it is new and may be so."""
    before = getattr(hold, field)
    value = value.strip()
    if not value or value == before:
        return {}
    if field == "restart_after" and hold.restart_when:
        raise NotSignable(field, "This restart has no length: its day is set after the procedure.")
    try:
        check_length(value)
    except TimeError as error:
        raise NotSignable(field, f"{error}.") from error
    if not reason.strip() and not (shortest and _length(shortest) <= _length(value) <= _length(before)):
        raise NotSignable("reason", "Say why it differs from the draft. It stays in the history.")
    return {field: value}


def _length(text: str) -> timedelta:
    parsed = parse_duration(text)
    return timedelta(days=parsed.days) + parsed.elapsed


@transaction.atomic
def decline_hold(*, hold: MedicationHold, reason: str, by: Staff | None, now: datetime) -> MedicationHold:
    """Take a hold back, with the reason, and plan again: nothing more of it goes out.

    A person who declines must be a prescriber of the clinic; `by` is None when the medicine left the list. When the
    patient may know of it somebody has to call them: urgently while the medicine is being held.
    """
    if not reason.strip():
        raise ValueError("Say why the hold is declined.")
    if by is not None:
        require_prescriber(hold, by)
    hold.refresh_from_db()
    was_signed, since = HoldState(hold.state) in HOLD_SIGNED, running_since(hold, now=now)
    change_hold(hold, HoldState.DECLINED, declined_reason=reason.strip()[:200])
    write_hold_event(hold, "hold-declined", by=by, now=now, why=reason)
    if was_signed or since:
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
        change_hold(hold, HoldState.DECLINED, declined_reason=f"{why}: sign again")
        write_hold_event(hold, "hold-suspended", by=by, now=now, why=why)
        again = MedicationHold.objects.create(
            journey=journey, medication=hold.medication, continues=hold, drug=hold.drug, duration=hold.duration,
            drafted_duration=hold.drafted_duration, shortest=hold.shortest, restart_after=hold.restart_after,
            restart_from=hold.restart_from, restart_when=hold.restart_when, table_version=hold.table_version,
            row=hold.row, note=hold.note, needs_inr=hold.needs_inr, needs_cardiology=hold.needs_cardiology,
            held_since=since, drafted_at=now,
        )  # fmt: skip
        write_hold_event(again, "hold-drafted", by=None, now=now, why=why)
        state = "is being held" if since else "was to be held"
        _ask_to_decide(hold, f"{hold.drug} {state} and {why}", since, now)


def running_since(hold: MedicationHold, *, now: datetime) -> datetime | None:
    """Since when (UTC) the drug is being held for the procedure as booked; None when the last dose is still to come."""
    if hold.last_dose_at is not None:
        return hold.last_dose_at
    if hold.held_since is not None:
        return hold.held_since
    if hold.state == HoldState.STOPPED:  # also before its hour: the patient has said that they take no more
        return hold.stopped_at
    procedure = Milestone.objects.filter(journey_id=hold.journey_id, key="procedure").first()
    if procedure is None or hold.signed_at is None:
        return None
    plan = reckoned(hold, hold.signed_at)
    last_dose = hold_anchors(plan, procedure.at, hold.journey.patient.tz)["last-dose"]
    if now < last_dose:
        return None
    return max(last_dose if plan.is_to_the_hour else last_dose + DAY, hold.signed_at)


def suspended_cause(hold_id: int) -> str:
    """The cause of the task about a hold that lost its signature."""
    return f"hold:{hold_id}:suspended"


def _ask_to_decide(hold: MedicationHold, what: str, since: datetime | None, now: datetime) -> None:
    """The task for a prescriber: urgent while the drug is being held."""
    open_item(
        journey=hold.journey,
        kind="held-without-date" if since else "sign-again",
        cause=suspended_cause(hold.pk),
        why=f"{what}. "
        + ("Decide whether to restart it, and sign a new plan." if since else "Sign a new plan, or none."),
        due_at=now + (ANSWER_WITHIN if since else DAY),
        now=now,
        priority=Priority.URGENT if since else Priority.SOON,
    )
