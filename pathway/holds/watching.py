"""What a person has to do about the holds of one procedure, and what is still missing for it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.holds.proposing import LabValue
from pathway.holds.rows import RESTART_WHEN, InrGate
from pathway.planner.clock import DAY, HOUR, hold_anchors, iso_duration, shift
from pathway.planner.facts import Conflict, Hold
from pathway.states import HOLD_SIGNED, HoldState

SIGN_WITHIN = DAY
URGENT_BELOW = 2 * DAY
"""With less time than this before the last dose an unsigned draft is urgent (D)."""

INR_ASKED = 2 * DAY
"""So long before the procedure somebody is reminded that an INR will be needed (D)."""

INR_LATE = 12 * HOUR
"""With less time than this and no result it is urgent (D)."""

RESTART_LATE = DAY
"""So long after its day a restart that nobody confirmed is urgent: stopping too long can cause a clot (D)."""

TaskKind = Literal[
    "sign-hold", "hold-too-short", "stop-unconfirmed", "inr-needed", "set-restart", "restart-unconfirmed"
]


@dataclass(frozen=True, slots=True)
class WatchedHold:
    """A hold that is not declined, as its row stands. `plan` reckons its moments; unsigned it is no plan of anybody's.

    `continues` an earlier one that lost its signature, about which the prescriber has a task already. `stopped_at`
    (UTC): when somebody confirmed the stop, which the last dose came before.
    """

    id: int
    state: HoldState
    plan: Hold
    drafted_at: datetime
    restart_when: str = ""
    needs_inr: bool = False
    waits_for_cardiology: bool = False
    continues: bool = False
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """The procedure: when (UTC), on whose clock days are counted, and whether it has taken place."""

    at: datetime
    zone: ZoneInfo
    done: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps the procedure from going ahead as far as medicines are concerned, in words.

    `can_be_said`: whoever has asked the patient can say that it is so; else a fact has to change, or somebody decides.
    """

    words: str
    can_be_said: bool = False


@dataclass(frozen=True, slots=True)
class HoldTask:
    """One task; `hold` is its id. `conflict` says what does not fit, in place of words."""

    hold: int
    kind: TaskKind
    why: str
    due_at: datetime
    urgent: bool
    conflict: Conflict | None = None


def tasks(
    holds: Iterable[WatchedHold], visit: Visit | None, *, inr: LabValue | None, gate: InrGate, now: datetime
) -> list[HoldTask]:
    """What a person has to do now; `inr` is the newest result. Without a booked procedure only signatures are asked."""
    found: list[HoldTask] = []
    for hold in holds:
        if hold.state is HoldState.DRAFTED:
            found += _unsigned(hold, visit, now)
        elif visit is not None and hold.state is not HoldState.RESTARTED:
            found += _stopping(hold, visit, now)
            found += _inr(hold, visit, inr, gate, now)
            found += _restarting(hold, visit, now)
    return found


def missing(holds: Iterable[WatchedHold], visit: Visit, *, inr: LabValue | None, gate: InrGate) -> list[Missing]:
    """What is missing about held medicines before the procedure; empty: nothing."""
    found = []
    for hold in holds:
        drug = hold.plan.drug
        if hold.state is HoldState.DRAFTED:
            found.append(Missing(f"{drug}: the hold is not signed"))
        elif hold.state is HoldState.RESTARTED:
            found += [] if visit.done else [Missing(f"{drug}: it was taken again")]
        elif hold.state is not HoldState.STOPPED:
            found.append(Missing(f"{drug}: nobody has confirmed that it was stopped", can_be_said=True))
        elif hold.plan.last_dose_at and hold.plan.last_dose_at > _start(hold, visit):
            found.append(Missing(f"{drug}: the last dose was later than the plan says"))
        elif not hold.plan.last_dose_at and _stopped_late(hold, visit):
            found.append(Missing(f"{drug}: the stop was confirmed late: write down when the last dose was"))
        if hold.needs_inr and hold.state in HOLD_SIGNED and not is_normal(inr, visit, gate):
            found.append(Missing(f"{drug}: no normal INR"))
    return found


def _stopped_late(hold: WatchedHold, visit: Visit) -> bool:
    """Whether all that is known of the last dose is that it came before a moment after the hold should have begun."""
    known = [at for at in (hold.stopped_at, hold.plan.held_since) if at is not None]
    return bool(known) and min(known) > _start(hold, visit)


def is_normal(inr: LabValue | None, visit: Visit, gate: InrGate) -> bool:
    """Whether the newest INR is normal and was taken shortly enough before the procedure."""
    return inr is not None and inr.value <= gate.normal_up_to and _counts(inr, visit, gate)


def _counts(inr: LabValue, visit: Visit, gate: InrGate) -> bool:
    return shift(visit.at, gate.within, visit.zone, back=True) <= inr.taken_at <= visit.at


def _start(hold: WatchedHold, visit: Visit) -> datetime:
    return hold_anchors(hold.plan, visit.at, visit.zone)["hold-start"]


def _unsigned(hold: WatchedHold, visit: Visit | None, now: datetime) -> list[HoldTask]:
    """A draft: to be signed or declined, at once where the time no longer suffices."""
    drug = hold.plan.drug
    first = " Cardiology's agreement comes first: record who agreed, and when." if hold.waits_for_cardiology else ""
    why = f"{drug}: read the draft, and sign or decline it. Until then the patient is told nothing.{first}"
    if visit is None or visit.done or visit.at <= now:
        due = hold.drafted_at + SIGN_WITHIN
        return [] if hold.continues else [HoldTask(hold.id, "sign-hold", why, due, urgent=False)]
    moments = hold_anchors(hold.plan, visit.at, visit.zone)
    if now > moments["hold-start"] and not _held_in_time(hold, moments["hold-start"]):
        since = hold.plan.held_since or now
        needed, left = iso_duration(hold.plan.duration), iso_duration(visit.at - since)
        earliest = shift(since, hold.plan.duration, visit.zone)
        conflict = Conflict("hold-too-short", drug, needed, left, earliest)
        return [HoldTask(hold.id, "hold-too-short", first, now + HOUR, urgent=True, conflict=conflict)]
    urgent = moments["last-dose"] - now < URGENT_BELOW
    if hold.continues and not urgent:
        return []
    due = min(hold.drafted_at + SIGN_WITHIN, max(moments["last-dose"], now + HOUR))
    return [HoldTask(hold.id, "sign-hold", why, due, urgent)]


def _held_in_time(hold: WatchedHold, start: datetime) -> bool:
    return hold.plan.held_since is not None and hold.plan.held_since <= start


def _stopping(hold: WatchedHold, visit: Visit, now: datetime) -> list[HoldTask]:
    """A hold that has begun and that nobody confirmed."""
    start = _start(hold, visit)
    if hold.state is HoldState.STOPPED or visit.done or not start <= now < visit.at:
        return []
    why = f"{hold.plan.drug}: nobody has confirmed that it was stopped. Ask for the day and hour of the last dose."
    return [HoldTask(hold.id, "stop-unconfirmed", why, min(start + 4 * HOUR, visit.at), urgent=True)]


def _inr(hold: WatchedHold, visit: Visit, inr: LabValue | None, gate: InrGate, now: datetime) -> list[HoldTask]:
    """The INR that a vitamin K antagonist needs: asked for in time, and loud when it is high."""
    if not hold.needs_inr or visit.done or is_normal(inr, visit, gate) or not visit.at - INR_ASKED <= now < visit.at:
        return []
    drug, bound = hold.plan.drug, gate.normal_up_to
    if inr is not None and _counts(inr, visit, gate):
        why = f"INR {inr.value} is not normal (up to {bound}): {drug} still works. Without a normal INR no procedure."
        return [HoldTask(hold.id, "inr-needed", why, now + HOUR, urgent=True)]
    opens = shift(visit.at, gate.within, visit.zone, back=True)
    why = (
        f"{drug}: a normal INR (up to {bound}) is needed, taken {_ago(visit.at - opens)} before the procedure or later."
    )
    return [HoldTask(hold.id, "inr-needed", why, visit.at - INR_LATE, urgent=visit.at - now < INR_LATE)]


def _ago(length: timedelta) -> str:
    hours = int(length / HOUR)
    return f"{hours} hours" if hours != 1 else "1 hour"


def _restarting(hold: WatchedHold, visit: Visit, now: datetime) -> list[HoldTask]:
    """What comes after the procedure: a day for the restart, and that it took place."""
    drug = hold.plan.drug
    if now < visit.at:
        return []
    restart = hold_anchors(hold.plan, visit.at, visit.zone).get("restart")
    if restart is None:
        words = RESTART_WHEN.get(hold.restart_when, "when a clinician says so")
        why = f"{drug} is taken again {words}: find out, and set the day. The patient is told no day before."
        return [HoldTask(hold.id, "set-restart", why, visit.at + DAY, urgent=now >= visit.at + DAY)]
    if now < restart + RESTART_LATE:
        return []
    why = f"{drug} was to be taken again, and nobody has confirmed it. Call: a late restart can cause a clot."
    return [HoldTask(hold.id, "restart-unconfirmed", why, restart + RESTART_LATE + 4 * HOUR, urgent=True)]
