"""What happens to a journey: started, booked, moved, recorded, cancelled. Each ends in `replan`, in one transaction."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from pathway.actions.close_questions import close_moot_questions
from pathway.actions.day_tasks import close_overtaken
from pathway.actions.draft_holds import draft_holds
from pathway.actions.hold_course import forget_restarts
from pathway.actions.holds import suspend_holds
from pathway.actions.replan import replan
from pathway.coverage import lacking
from pathway.models import (
    FIRM,
    SETTLED,
    Cancellation,
    CancelledWhen,
    CancelReason,
    Journey,
    JourneyEvent,
    Milestone,
    MilestoneStatus,
    ProtocolVersion,
)
from pathway.planner import Protocol
from pathway.queries.coverage import coverage_of
from pathway.queries.protocols import protocol_of
from pathway.staff_words import for_staff
from pathway.states import JourneyState, check_transition
from patients.models import Patient, Staff

STATE_ONCE_BOOKED = {"consult": JourneyState.CONSULT, "procedure": JourneyState.SCHEDULED}
STATE_ONCE_DONE = {
    "consult": JourneyState.CONSULT,  # a candidate is made by a decision: see `pathway.actions.candidacy`
    "procedure": JourneyState.RECOVERING,
    "discharge": JourneyState.DISCHARGED,
    "follow-up": JourneyState.FOLLOWED_UP,
}
"""By the kind of the milestone; see `MILESTONE_KINDS`."""

ORDER = list(JourneyState)

EVENT_OF = {MilestoneStatus.DONE: "recorded", MilestoneStatus.MISSED: "missed", MilestoneStatus.CLOSED: "closed"}
"""The line of history by what is written down of a milestone; a booking is a first one or a move."""

BOOK_AHEAD = timedelta(days=731)
"""Nothing is booked further ahead than two years: such a date is a typing error, and its text would tell no year."""


class NotBookable(ValueError):
    """A milestone that this journey cannot have; `str()` says why."""


@transaction.atomic
def start_journey(
    *,
    patient: Patient,
    protocol_version: ProtocolVersion,
    milestones: Mapping[str, datetime],
    by: Staff | None,
    now: datetime,
    case_number: str = "",
    clinician: str = "",
    room: str = "",
    levels: str = "",
    escort: str = "",
    why: str = "",
) -> Journey:
    """Begin a journey with the milestones that are booked already (key to instant, UTC), and plan it.

    Raise `NotBookable` for a milestone that the protocol does not have.
    """
    journey = Journey.objects.create(
        clinic=patient.clinic, patient=patient, protocol_version=protocol_version, enrolled_at=now,
        case_number=case_number, clinician=clinician, room=room, levels=levels, escort=escort,
    )  # fmt: skip
    _event(journey, "started", by, now, why=why)
    for key, at in milestones.items():
        set_milestone(journey, key, at, MilestoneStatus.BOOKED, by, now, why)
    draft_holds(journey=journey, by=by, now=now)
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    return journey


@transaction.atomic
def book(
    *,
    journey: Journey,
    key: str,
    at: datetime,
    by: Staff | None,
    now: datetime,
    why: str = "",
    booked_elsewhere: bool = False,
) -> Journey:
    """Book a milestone, or move it when it is booked already (`at` UTC), and plan again.

    A clinic may ask for the insurer's approval before its procedures are booked. What is `booked_elsewhere` (the
    clinic's own schedule) is a fact and is not refused: a task says what is lacking, and the texts tell the true time.
    A medicine that is being held when the procedure moves later loses its signature: see `suspend_holds`.
    Raise `NotBookable` for a milestone the protocol does not have or that has happened already, for a procedure without
    that approval, and for a time that cannot be: past, years ahead, or out of order with what is booked.
    """
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    before = Milestone.objects.filter(journey=journey, key=key).first()
    if before is not None and before.status == MilestoneStatus.DONE:
        raise NotBookable(f"“{key}” has happened already and cannot be moved")
    _check_time(journey, key, at, now)
    if key == "procedure" and not booked_elsewhere:
        _check_covered(journey, at)
    if key == "procedure" and before is not None and at > before.at:
        suspend_holds(journey=journey, why="the procedure moved later", now=now, by=by, running_only=True)
    if key == "procedure" and before is not None and at != before.at:
        forget_restarts(journey_id=journey.pk)
        _send_home_if_another_day(journey, before.at, at)
    set_milestone(journey, key, at, MilestoneStatus.BOOKED, by, now, why)
    if key == "procedure":
        draft_holds(journey=journey, by=by, now=now)
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_overtaken(journey=journey, now=now)
    return journey


@transaction.atomic
def record(
    *,
    journey: Journey,
    key: str,
    at: datetime,
    by: Staff | None,
    now: datetime,
    state: JourneyState | None = None,
) -> Journey:
    """Record that a milestone has happened (`at` UTC), and plan again. What was asked about it is over.

    `state` is where it leaves the journey, when that is not what follows from the milestone by itself.
    """
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    set_milestone(journey, key, at, MilestoneStatus.DONE, by, now, "", state=state)
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_overtaken(journey=journey, now=now)
    close_moot_questions(journey=journey, now=now)
    return journey


@transaction.atomic
def cancel(
    *,
    journey: Journey,
    reason: str,
    by: Staff | None,
    now: datetime,
    because: CancelReason = CancelReason.OTHER,
) -> Journey:
    """Call the journey off: nothing that waits goes out, and what was told of a time to come is taken back.

    `because` is what is counted, `reason` is said in words; only something else needs them. A medicine that is being
    held is an urgent matter for its prescriber. Raise `TransitionError` when the journey's state does not allow it,
    `ValueError` without a reason.
    """
    reason = reason.strip()
    if not reason and because == CancelReason.OTHER:
        raise ValueError("Say why it is cancelled.")
    journey = Journey.objects.select_for_update(no_key=True).select_related("clinic").get(pk=journey.pk)
    check_transition(JourneyState(journey.state), JourneyState.CANCELLED)
    _count_cancellation(journey, because, reason, by, now)
    if because != CancelReason.OTHER:
        reason = f"{because.label}: {reason}" if reason else str(because.label)
    suspend_holds(journey=journey, why="the procedure was cancelled", now=now, by=by, running_only=False)
    Journey.objects.filter(pk=journey.pk).update(state=JourneyState.CANCELLED, ended_reason=reason[:200])
    _event(journey, "cancelled", by, now, why=reason)
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_moot_questions(journey=journey, now=now)
    close_overtaken(journey=journey, now=now)
    return journey


def _count_cancellation(journey: Journey, because: CancelReason, note: str, by: Staff | None, now: datetime) -> None:
    """Keep why it was called off and how late, as it is counted."""
    procedure = Milestone.objects.filter(journey=journey, key="procedure", status=MilestoneStatus.BOOKED).first()
    when = CancelledWhen.BEFORE
    if journey.state in (JourneyState.ARRIVED, JourneyState.ADMITTED):
        when = CancelledWhen.AFTER_ARRIVAL
    elif procedure is not None and _local_date(journey, now) >= _local_date(journey, procedure.at):
        when = CancelledWhen.ON_THE_DAY
    Cancellation.objects.create(
        journey=journey, reason=because, note=note[:200], when=when, at=now, by=by,
        procedure_at=procedure.at if procedure else None,
    )  # fmt: skip


def _send_home_if_another_day(journey: Journey, before: datetime, after: datetime) -> None:
    """A patient who has come already waits for the new time of that day; for another day they come again."""
    here = journey.state in (JourneyState.ARRIVED, JourneyState.ADMITTED)
    if here and _local_date(journey, before) != _local_date(journey, after):
        check_transition(JourneyState(journey.state), JourneyState.SCHEDULED)
        Journey.objects.filter(pk=journey.pk).update(state=JourneyState.SCHEDULED)
        journey.state = JourneyState.SCHEDULED


def _local_date(journey: Journey, at: datetime) -> date:
    return at.astimezone(journey.clinic.tz).date()


def _check_time(journey: Journey, key: str, at: datetime, now: datetime) -> None:
    """Raise `NotBookable` for a time that nobody means. What moves the procedure past a visit gets a task instead:
    the clinic's schedule leads, and its visits have to follow."""
    if at <= now:
        raise NotBookable("This time has passed: choose a time to come, or record that it happened.")
    if at > now + BOOK_AHEAD:
        raise NotBookable("This is more than two years ahead: check the year.")
    if key == "procedure":
        return
    specs = protocol_of(journey.protocol_version).milestones
    order, titles = [spec.key for spec in specs], {spec.key: for_staff(spec.title) for spec in specs}
    for other in Milestone.objects.filter(journey=journey).filter(status__in=FIRM):
        if other.key not in order or other.key == key or key not in order:
            continue
        comes_first = order.index(other.key) < order.index(key)
        if comes_first and at <= other.at:
            raise NotBookable(f"“{titles[key]}” cannot be before “{titles[other.key]}”.")
        if not comes_first and at >= other.at:
            raise NotBookable(f"“{titles[key]}” cannot be after “{titles[other.key]}”.")


def _check_covered(journey: Journey, at: datetime) -> None:
    """Raise `NotBookable` where the clinic asks for the insurer's approval and none is valid on that local day."""
    if not journey.clinic.needs_authorisation:
        return
    lacks = lacking(coverage_of(journey), at.astimezone(journey.clinic.tz).date())
    if lacks:
        raise NotBookable(f"Not without the insurer's approval for that day: {lacks}. Record the approval, then book.")


def set_milestone(
    journey: Journey,
    key: str,
    at: datetime,
    status: MilestoneStatus,
    by: Staff | None,
    now: datetime,
    why: str,
    state: JourneyState | None = None,
) -> None:
    """Write one milestone, the journey's state that follows from it, and the line of history."""
    protocol = protocol_of(journey.protocol_version)
    known = [spec.key for spec in protocol.milestones]
    if key not in known:
        raise NotBookable(f"this protocol has no milestone “{key}”; it has {', '.join(known)}")
    before = Milestone.objects.filter(journey=journey, key=key).first()
    # Not `update_or_create`: whoever calls holds the journey's row, so nobody else writes this milestone meanwhile.
    if before is None:
        Milestone.objects.create(journey=journey, key=key, at=at, status=status)
    else:
        Milestone.objects.filter(pk=before.pk).update(at=at, status=status)
    after = state or _state_once(protocol, key, status, journey)
    if after is not None and _is_onward(JourneyState(journey.state), after):
        check_transition(JourneyState(journey.state), after)
        Journey.objects.filter(pk=journey.pk).update(state=after, ended_reason="")
        journey.state = after
    kind = EVENT_OF.get(status) or ("booked" if before is None else "moved")
    detail = {"milestone": key, "at": at.isoformat()} | ({"before": before.at.isoformat()} if before else {})
    _event(journey, kind, by, now, why=why, detail=detail)


def _state_once(protocol: Protocol, key: str, status: MilestoneStatus, journey: Journey) -> JourneyState | None:
    """The state that a milestone in this status brings the journey to; None when it brings it no further.

    A journey is complete once each of its follow-ups was kept or closed.
    """
    kind = protocol.kind_of(key)
    if kind == "follow-up" and status in SETTLED and follow_ups_settled(journey, protocol):
        return JourneyState.COMPLETED
    if status == MilestoneStatus.DONE:
        return STATE_ONCE_DONE.get(kind)
    return STATE_ONCE_BOOKED.get(kind) if status == MilestoneStatus.BOOKED else None


def follow_ups_settled(journey: Journey, protocol: Protocol) -> bool:
    """Whether each follow-up was kept, or closed with a reason."""
    keys = {spec.key for spec in protocol.follow_ups}
    settled = Milestone.objects.filter(journey=journey, key__in=keys, status__in=SETTLED).count()
    return settled == len(keys)


def _is_onward(before: JourneyState, after: JourneyState) -> bool:
    """Whether the milestone brings the journey further; a later visit moved never brings it back."""
    if before is JourneyState.CANCELLED:
        return after is JourneyState.SCHEDULED
    return ORDER.index(after) > ORDER.index(before)


def _event(
    journey: Journey, kind: str, by: Staff | None, now: datetime, why: str = "", detail: dict[str, str] | None = None
) -> None:
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind=kind, why=why[:300], detail=detail or {},
        plan_version=journey.plan_version,
    )  # fmt: skip
