"""What can follow what: one table per thing that changes state.

Read a table as "from this state it may go to these". A state with an empty set is final. Everything that changes a
state goes through `check_transition`; nothing else in the code base knows which changes are allowed.
"""

from enum import StrEnum


class JourneyState(StrEnum):
    """Where one patient stands on the way from referral to the six-week visit."""

    REFERRED = "referred"
    CONSULT = "consult"
    CANDIDATE = "candidate"
    NOT_A_CANDIDATE = "not-a-candidate"
    SCHEDULED = "scheduled"
    ARRIVED = "arrived"
    ADMITTED = "admitted"
    IN_PROCEDURE = "in-procedure"
    RECOVERING = "recovering"
    STAYING = "staying"
    TRANSFERRED = "transferred"
    DISCHARGED = "discharged"
    FOLLOWED_UP = "followed-up"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class ReminderState(StrEnum):
    """What became of one message that should go out. `sent` is the provider's word, `delivered` the phone's."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    MISSED = "missed"


class HoldState(StrEnum):
    """A medicine held around the procedure. Nothing of it reaches the patient before `approved`."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    RELEASED = "released"
    ACKNOWLEDGED = "acknowledged"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    DECLINED = "declined"


class WorkItemState(StrEnum):
    """Something that a person must do."""

    OPEN = "open"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


J, R, H, W = JourneyState, ReminderState, HoldState, WorkItemState

JOURNEY: dict[JourneyState, frozenset[JourneyState]] = {
    J.REFERRED: frozenset({J.CONSULT, J.CANDIDATE, J.SCHEDULED, J.NOT_A_CANDIDATE, J.CANCELLED, J.WITHDRAWN}),
    J.CONSULT: frozenset({J.CANDIDATE, J.SCHEDULED, J.NOT_A_CANDIDATE, J.CANCELLED, J.WITHDRAWN}),
    J.CANDIDATE: frozenset({J.SCHEDULED, J.NOT_A_CANDIDATE, J.CANCELLED, J.WITHDRAWN}),
    J.SCHEDULED: frozenset(
        {J.ARRIVED, J.RECOVERING, J.DISCHARGED, J.NOT_A_CANDIDATE, J.CANCELLED, J.WITHDRAWN}
    ),  # recovering, discharged: of a clinic that writes down only what is over
    J.ARRIVED: frozenset({J.ADMITTED, J.RECOVERING, J.DISCHARGED, J.SCHEDULED, J.CANCELLED, J.WITHDRAWN}),
    J.ADMITTED: frozenset({J.IN_PROCEDURE, J.RECOVERING, J.DISCHARGED, J.SCHEDULED, J.CANCELLED, J.WITHDRAWN}),
    J.IN_PROCEDURE: frozenset({J.RECOVERING, J.DISCHARGED, J.STAYING, J.TRANSFERRED}),
    J.RECOVERING: frozenset({J.DISCHARGED, J.STAYING, J.TRANSFERRED}),
    J.STAYING: frozenset({J.DISCHARGED, J.TRANSFERRED}),
    J.TRANSFERRED: frozenset({J.DISCHARGED, J.STAYING}),
    J.DISCHARGED: frozenset({J.FOLLOWED_UP, J.COMPLETED, J.WITHDRAWN}),
    J.FOLLOWED_UP: frozenset({J.COMPLETED, J.WITHDRAWN}),
    J.CANCELLED: frozenset({J.SCHEDULED, J.WITHDRAWN}),  # a cancelled case may be booked again
    J.NOT_A_CANDIDATE: frozenset(),
    J.COMPLETED: frozenset(),
    J.WITHDRAWN: frozenset(),
}

REMINDER: dict[ReminderState, frozenset[ReminderState]] = {
    R.PLANNED: frozenset({R.CLAIMED, R.WITHDRAWN, R.MISSED, R.SENT, R.DELIVERED}),  # late proof: it had gone out before
    R.CLAIMED: frozenset({R.PLANNED, R.SENT, R.FAILED, R.UNKNOWN, R.WITHDRAWN, R.MISSED}),
    R.UNKNOWN: frozenset({R.PLANNED, R.SENT, R.DELIVERED, R.FAILED, R.MISSED}),
    R.SENT: frozenset({R.DELIVERED, R.FAILED, R.PLANNED, R.MISSED}),  # planned: it did not arrive, another way is tried
    R.DELIVERED: frozenset(),
    R.FAILED: frozenset({R.DELIVERED}),  # a late report, as above
    R.WITHDRAWN: frozenset(),
    R.MISSED: frozenset({R.DELIVERED}),
}

HOLD: dict[HoldState, frozenset[HoldState]] = {
    H.DRAFTED: frozenset({H.APPROVED, H.DECLINED}),
    H.APPROVED: frozenset({H.RELEASED, H.DECLINED}),
    H.RELEASED: frozenset({H.ACKNOWLEDGED, H.STOPPED, H.DECLINED}),
    H.ACKNOWLEDGED: frozenset({H.STOPPED, H.DECLINED}),
    H.STOPPED: frozenset({H.RESTARTED}),
    H.RESTARTED: frozenset(),
    H.DECLINED: frozenset(),
}

WORK_ITEM: dict[WorkItemState, frozenset[WorkItemState]] = {
    W.OPEN: frozenset({W.CLAIMED, W.SNOOZED, W.RESOLVED}),
    W.CLAIMED: frozenset({W.OPEN, W.SNOOZED, W.RESOLVED}),
    W.SNOOZED: frozenset({W.OPEN, W.CLAIMED, W.RESOLVED}),
    W.RESOLVED: frozenset(),
}

TRANSITIONS: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    JourneyState: JOURNEY,  # type: ignore[dict-item]
    ReminderState: REMINDER,  # type: ignore[dict-item]
    HoldState: HOLD,  # type: ignore[dict-item]
    WorkItemState: WORK_ITEM,  # type: ignore[dict-item]
}

JOURNEY_ENDED = frozenset({J.NOT_A_CANDIDATE, J.COMPLETED, J.WITHDRAWN, J.CANCELLED})
"""A journey in one of these has nothing left to plan."""

JOURNEY_IN_HOSPITAL = frozenset({J.STAYING, J.TRANSFERRED})
"""A patient in one of these has not gone home as planned: what is said for home waits for the real discharge."""

REMINDER_PENDING = frozenset({R.PLANNED, R.CLAIMED})
"""A reminder in one of these may still be moved or withdrawn, as long as its sending was not started."""

REMINDER_TOLD = frozenset({R.SENT, R.DELIVERED, R.UNKNOWN})
"""The patient has, or may have, read a reminder in one of these: if it becomes wrong it needs a correction."""

HOLD_SIGNED = frozenset({H.APPROVED, H.RELEASED, H.ACKNOWLEDGED, H.STOPPED})
"""A prescriber stands behind a hold in one of these, and it is not over."""

WORK_ITEM_UNDONE = frozenset({W.OPEN, W.CLAIMED, W.SNOOZED})


class TransitionError(Exception):
    """A change of state that the tables above do not allow; `str()` of it can be shown to staff."""


def check_transition(before: StrEnum, after: StrEnum) -> None:
    """Raise `TransitionError` unless the table of their kind lets `before` become `after`."""
    kind = type(before)
    if type(after) is not kind or kind not in TRANSITIONS:
        raise TransitionError(f"{before!r} and {after!r} are not states of one kind")
    allowed = TRANSITIONS[kind][before]
    if after not in allowed:
        names = ", ".join(sorted(allowed)) or "nothing: it is final"
        raise TransitionError(f"{before} cannot become {after}; from {before} it may become {names}")
