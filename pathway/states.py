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


class Verdict(StrEnum):
    """What a checklist makes of an answer, or of all answers. `noted` is kept and not judged."""

    MEETS = "meets"
    DOES_NOT_MEET = "does-not-meet"
    MISSING = "missing"
    NOTED = "noted"


class AuthorisationState(StrEnum):
    """How the insurer stands to the procedure. What it did before anybody wrote it down here may be skipped."""

    DRAFT = "draft"
    NOT_NEEDED = "not-needed"
    SENT = "sent"
    MORE_INFO = "more-info"
    APPROVED = "approved"
    DENIED = "denied"
    APPEAL = "appeal"


J, R, H, W, A = JourneyState, ReminderState, HoldState, WorkItemState, AuthorisationState

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
    J.NOT_A_CANDIDATE: frozenset({J.CANDIDATE, J.WITHDRAWN}),  # decided anew, for instance after a new scan
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
    # Restarted: nobody confirmed the stop, and the patient says that they take it again.
    H.RELEASED: frozenset({H.ACKNOWLEDGED, H.STOPPED, H.RESTARTED, H.DECLINED}),
    H.ACKNOWLEDGED: frozenset({H.STOPPED, H.RESTARTED, H.DECLINED}),
    H.STOPPED: frozenset({H.RESTARTED, H.DECLINED}),  # declined: the plan is taken back while the drug is held
    H.RESTARTED: frozenset(),
    H.DECLINED: frozenset(),
}

WORK_ITEM: dict[WorkItemState, frozenset[WorkItemState]] = {
    W.OPEN: frozenset({W.CLAIMED, W.SNOOZED, W.RESOLVED}),
    W.CLAIMED: frozenset({W.OPEN, W.SNOOZED, W.RESOLVED}),
    W.SNOOZED: frozenset({W.OPEN, W.CLAIMED, W.RESOLVED}),
    W.RESOLVED: frozenset(),
}

AUTHORISATION: dict[AuthorisationState, frozenset[AuthorisationState]] = {
    A.DRAFT: frozenset({A.NOT_NEEDED, A.SENT, A.MORE_INFO, A.APPROVED, A.DENIED}),
    A.NOT_NEEDED: frozenset({A.DRAFT, A.SENT}),
    A.SENT: frozenset({A.MORE_INFO, A.APPROVED, A.DENIED, A.DRAFT, A.NOT_NEEDED}),
    A.MORE_INFO: frozenset({A.SENT, A.APPROVED, A.DENIED}),
    A.APPROVED: frozenset({A.DENIED, A.DRAFT, A.SENT}),  # a longer one, or a number put right, is no change of state
    A.DENIED: frozenset({A.APPEAL, A.DRAFT, A.SENT, A.APPROVED}),
    A.APPEAL: frozenset({A.APPROVED, A.DENIED, A.MORE_INFO}),
}

TRANSITIONS: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    JourneyState: JOURNEY,  # type: ignore[dict-item]
    ReminderState: REMINDER,  # type: ignore[dict-item]
    HoldState: HOLD,  # type: ignore[dict-item]
    WorkItemState: WORK_ITEM,  # type: ignore[dict-item]
    AuthorisationState: AUTHORISATION,  # type: ignore[dict-item]
}

JOURNEY_ENDED = frozenset({J.NOT_A_CANDIDATE, J.COMPLETED, J.WITHDRAWN, J.CANCELLED})
"""A journey in one of these has nothing left to plan."""

CANDIDACY_OPEN = frozenset({J.REFERRED, J.CONSULT, J.CANDIDATE, J.SCHEDULED, J.NOT_A_CANDIDATE})
"""Until the patient is admitted a clinician may decide on candidacy, and decide anew."""
JOURNEY_IN_HOSPITAL = frozenset({J.STAYING, J.TRANSFERRED})
"""A patient in one of these has not gone home as planned: what is said for home waits for the real discharge."""

REMINDER_PENDING = frozenset({R.PLANNED, R.CLAIMED})
"""A reminder in one of these may still be moved or withdrawn, as long as its sending was not started."""

REMINDER_TOLD = frozenset({R.SENT, R.DELIVERED, R.UNKNOWN})
"""The patient has, or may have, read a reminder in one of these: if it becomes wrong it needs a correction."""

HOLD_SIGNED = frozenset({H.APPROVED, H.RELEASED, H.ACKNOWLEDGED, H.STOPPED})
"""A prescriber stands behind a hold in one of these, and it is not over."""

HOLD_STANDS = HOLD_SIGNED | {H.RESTARTED}
"""A hold in one of these is part of the plan: what was told of it stays right, also once the drug is taken again."""

HOLD_UNDER_WAY = HOLD_SIGNED | {H.DRAFTED}
"""A hold in one of these still needs something of somebody."""

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
