"""What is known of one journey, and what follows: the planner's second argument and its result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.planner.spec import Duration

Late = Literal["now", "call", "skip"]
Moved = Literal["earlier", "later"]


@dataclass(frozen=True, slots=True)
class Milestone:
    """When (UTC) and whether it is a promise. Not `booked`: our own expectation, never told to a patient."""

    at: datetime
    booked: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that a prescriber signed. An unsigned one never becomes a `Hold`."""

    drug: str
    duration: Duration
    restart_after: Duration
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's rules: sending window (wall times in the patient's zone), arrival, fasting (elapsed, at least 6 h)."""

    window_opens: time = time(8)
    window_closes: time = time(20)
    arrival_lead: timedelta = timedelta(hours=1)
    fasting: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Told:
    """A message that went out, or may have: which, when (UTC), what it said, and whether caps count it."""

    base_key: str
    at: datetime
    says: Mapping[str, str]
    routine: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a plan depends on. Instants are UTC; `zone` and `language` are the patient's."""

    milestones: Mapping[str, Milestone]
    zone: ZoneInfo
    language: str
    enrolled_at: datetime
    policy: Policy = Policy()
    holds: tuple[Hold, ...] = ()
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its window (UTC)."""

    key: str
    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """One message as planned (UTC).

    `intended_at` is what the protocol asked for, moved into the sending window (`moved`); `send_at` is the same unless
    that moment had gone by (`late`): `now` is sent at `send_at`, `call` is for a person, `skip` for nobody, and
    `reason` says why. `says` holds the local wall values the text tells. `covers` are the keys merged into this one.
    """

    key: str
    step: str
    text: str
    send_at: datetime
    intended_at: datetime
    useful_until: datetime
    moved: Moved | None
    late: Late | None
    reason: str
    says: Mapping[str, str]
    safety: bool
    waits_for_window: bool
    needs_booked: str
    resend_unproven: bool
    covers: tuple[str, ...] = ()

    @property
    def goes_out(self) -> bool:
        """Whether a message is to be sent, rather than a person told or nothing done."""
        return self.late in (None, "now")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that does not fit in the time left, as a value. Durations are ISO 8601."""

    kind: Literal["hold-too-short", "fast-too-short"]
    drug: str | None
    needed: str
    available: str
    earliest_procedure_at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What should happen, each list ordered by time. `milestones` include the expected ones."""

    milestones: Mapping[str, Milestone]
    steps: tuple[PlannedStep, ...]
    reminders: tuple[PlannedReminder, ...]
    conflicts: tuple[Conflict, ...]
