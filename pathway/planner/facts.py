"""What is known of one journey, and what follows: the planner's second argument and its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.planner.fasting import FastingRules, Intake
from pathway.planner.spec import Duration

Says = Mapping[str, str]
"""What a text tells, as local wall values: `day` 2027-03-14, `time` 07:30, `arrival`, `fast_from`, and so on."""

Promise = tuple[datetime, datetime, Says]
"""What a reminder promises: when it was meant to go out, until when it is of use, and what it tells."""

Late = Literal["now", "call", "skip"]
Moved = Literal["earlier", "later"]


@dataclass(frozen=True, slots=True)
class Milestone:
    """When (UTC) and whether it is a promise. Not `booked`: our own expectation, never told to a patient.

    `done`: it has happened, so nothing that leads up to it is of use any more. `missed`: its time is over as well, but
    the patient did not come.
    """

    at: datetime
    booked: bool = True
    done: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that a prescriber signed; an unsigned one never reaches the planner.

    `restart_after` is None when the restart is no length of time; it then has no date until a person sets `restart_at`
    (UTC), which overrules a length as well. `held_since`: the drug has been held since then (UTC), under a plan that
    this one continues. `last_dose_at` (UTC): when the last dose was taken, as somebody attested. `is_over`: the drug
    was taken again.
    """

    drug: str
    duration: Duration
    restart_after: Duration | None
    signed_at: datetime
    held_since: datetime | None = None
    last_dose_at: datetime | None = None
    restart_at: datetime | None = None
    is_over: bool = False

    @property
    def is_to_the_hour(self) -> bool:
        """Whether it is counted in hours: then its last dose is a moment, else a day."""
        return bool(self.duration.elapsed)

    @property
    def restarts_to_the_hour(self) -> bool:
        """Whether its restart is a moment: counted in hours, or set by a person."""
        return self.restart_at is not None or bool(self.restart_after and self.restart_after.elapsed)


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's rules: sending window (wall times in the patient's zone), arrival and fasting (elapsed, >= 6 h).

    `fasting` is for a light meal; `fasting_heavy` for fried or fatty food and meat, `clear_liquids` for those.
    """

    window_opens: time = time(8)
    window_closes: time = time(20)
    arrival_lead: timedelta = timedelta(hours=1)
    fasting: timedelta = timedelta(hours=6)
    fasting_heavy: timedelta = timedelta(hours=8)
    clear_liquids: timedelta = timedelta(hours=2)

    @property
    def fasting_rules(self) -> FastingRules:
        return FastingRules(self.fasting, self.fasting_heavy, self.clear_liquids)


@dataclass(frozen=True, slots=True)
class Told:
    """The last thing a patient was, or may have been, told under one base key: when (UTC), what, and in which text.

    `by_phone`: a person was asked to say it. `fasts_from` is the start of the fast that the patient surely knows of, as
    a local wall value: a person who was asked to tell a later one may have decided that the fast goes on.
    """

    at: datetime
    says: Says
    by_phone: bool = False
    text: str = ""
    fasts_from: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a plan depends on. Instants are UTC; `zone` and `language` are the patient's.

    By base key: `told` is what was last told, `over` what ended without being told (a person has it), `pending` what
    has a row that waits to be sent. `routine_sent` are the instants that the caps count. Where the clinic's clock
    differs from the patient's at the moment told, the texts name the zone of their times. Of an `ended` journey nothing
    is planned but what takes back what was told. `closed` are milestones that nobody expects any more. `intake` is what
    was last said of food and drink, `fast` the last fast that the patient was told of, or that somebody was asked to
    tell by phone. While the patient stays `in_hospital` nobody knows when they go home, and nothing is counted from an
    expected discharge.
    """

    milestones: Mapping[str, Milestone]
    zone: ZoneInfo
    language: str
    enrolled_at: datetime
    policy: Policy = Policy()
    holds: tuple[Hold, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    over: Mapping[str, Promise] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    routine_sent: tuple[datetime, ...] = ()
    clinic_zone: ZoneInfo | None = None
    ended: bool = False
    closed: frozenset[str] = frozenset()
    intake: Intake | None = None
    fast: Told | None = None
    in_hospital: bool = False


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
    `reason` says why. `says` are the local wall values the text tells. `covers` holds what the message says on behalf
    of others, by their keys: reminders merged into it, and told ones that it corrects (`corrects`). `told`: the
    patient knows just this already, by this message or by a correction, or a person has taken it over.
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
    says: Says
    safety: bool
    waits_for_window: bool
    needs_booked: str
    resend_unproven: bool
    covers: Mapping[str, Says]
    corrects: tuple[str, ...] = ()
    told: bool = False

    @property
    def promise(self) -> Promise:
        return self.intended_at, self.useful_until, self.says

    @property
    def goes_out(self) -> bool:
        """Whether a message is to be sent, rather than a person told or nothing done."""
        return self.late is None or self.late == "now"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that does not fit in the time left, as a value. Durations are ISO 8601.

    `attested_at` (UTC): the last dose from which it is reckoned, when somebody attested one.
    """

    kind: Literal["hold-too-short", "fast-too-short"]
    drug: str | None
    needed: str
    available: str
    earliest_procedure_at: datetime
    attested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What should happen, each list ordered by time. `milestones` include the expected ones."""

    milestones: Mapping[str, Milestone]
    steps: tuple[PlannedStep, ...]
    reminders: tuple[PlannedReminder, ...]
    conflicts: tuple[Conflict, ...]
