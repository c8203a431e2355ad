"""The procedure's day: arrived, admitted, in procedure, recovering; and what people say of the readiness checks."""

from datetime import datetime

from django.db import transaction

from pathway.actions.day_tasks import close_overtaken
from pathway.actions.journeys import record
from pathway.models import Journey, JourneyEvent, Milestone, MilestoneStatus, ProcedureDay, ReadinessMark
from pathway.queries.protocols import protocol_of
from pathway.queries.readiness import readiness_of
from pathway.staff_words import full_time, moment_words
from pathway.states import JourneyState, check_transition
from patients.models import Membership, Role, Staff


class NotNow(ValueError):
    """Something of the day that cannot be recorded like this; `str()` says why and how to mend it."""


class NotReady(NotNow):
    """What has to be there is not; `missing` names it."""

    def __init__(self, what: str, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"{what} Still missing: {', '.join(missing)}.")


class NotAClinician(NotNow):
    """Only a prescriber of the patient's clinic overrides what is missing."""


@transaction.atomic
def mark_check(
    *, journey: Journey, key: str, verdict: ReadinessMark.Verdict, by: Staff, now: datetime, note: str = ""
) -> ReadinessMark:
    """Write down what a person says of one readiness check, for the procedure as it is booked.

    Raise `NotNow` for a check that the protocol does not have, without a booked procedure, and for the arrival, which
    has a time of its own.
    """
    journey = lock_journey(journey)
    checks = {check.key: check for check in protocol_of(journey.protocol_version).day.readiness}
    if key not in checks:
        raise NotNow(f"This protocol has no check “{key}”; it has {', '.join(checks) or 'none'}.")
    if checks[key].satisfied_by == "arrival":
        raise NotNow("Record the arrival with its time instead.")
    mark = ReadinessMark.objects.create(
        journey=journey, check_key=key, verdict=verdict, note=note.strip()[:150],
        said_for=_procedure(journey).at, at=now, by=by,
    )  # fmt: skip
    why = f"{checks[key].title}: {mark.get_verdict_display().lower()}"
    write_event(journey, "readiness", by, now, f"{why}, {mark.note}" if mark.note else why)
    return mark


@transaction.atomic
def arrive(*, journey: Journey, at: datetime, by: Staff, now: datetime) -> Journey:
    """Record that the patient came, at `at` (UTC), on the local day for which the procedure is booked."""
    journey = lock_journey(journey)
    procedure, zone = _procedure(journey), journey.clinic.tz
    if at.astimezone(zone).date() != procedure.at.astimezone(zone).date():
        raise NotNow(f"The procedure is booked for {full_time(procedure.at.astimezone(zone))}: move it first.")
    _check_past(at, now)
    enter(journey, JourneyState.ARRIVED)
    date = at.astimezone(zone).date()
    ProcedureDay.objects.update_or_create(
        journey=journey,
        date=date,
        defaults={"arrived_at": at, "admitted_at": None, "started_at": None, "ended_at": None},
    )
    return _done(journey, JourneyState.ARRIVED, at, by, now)


@transaction.atomic
def admit(*, journey: Journey, at: datetime, by: Staff, now: datetime, override: str = "") -> Journey:
    """Admit a patient who has arrived (`at` UTC). Raise `NotReady` with what the readiness checks lack.

    A prescriber of the clinic may admit all the same: `override` is the reason, and stays in the history by name.
    """
    journey = lock_journey(journey)
    _check_order(journey, at, now)
    enter(journey, JourneyState.ADMITTED)
    missing = readiness_of(journey, now=now).missing
    if missing:
        if not override.strip():
            raise NotReady("The patient cannot be admitted yet.", missing)
        override_missing(journey, "admission-overridden", missing, override, by, now)
    _latest_day(journey, admitted_at=at)
    return _done(journey, JourneyState.ADMITTED, at, by, now)


@transaction.atomic
def start_procedure(*, journey: Journey, at: datetime, by: Staff, now: datetime) -> Journey:
    """Record that the procedure began (`at` UTC): from here on it has happened, and what follows is counted from it."""
    journey = lock_journey(journey)
    _check_order(journey, at, now)
    check_transition(JourneyState(journey.state), JourneyState.IN_PROCEDURE)
    _latest_day(journey, started_at=at)
    return record(journey=journey, key="procedure", at=at, by=by, now=now, state=JourneyState.IN_PROCEDURE)


@transaction.atomic
def end_procedure(*, journey: Journey, at: datetime, by: Staff, now: datetime) -> Journey:
    """Record that the procedure ended (`at` UTC) and the patient is in the recovery room."""
    journey = lock_journey(journey)
    _check_order(journey, at, now)
    enter(journey, JourneyState.RECOVERING)
    _latest_day(journey, ended_at=at)
    return _done(journey, JourneyState.RECOVERING, at, by, now)


def override_missing(
    journey: Journey, kind: str, missing: tuple[str, ...], reason: str, by: Staff, now: datetime
) -> None:
    """Let a prescriber of the clinic go on without what is `missing`, in the history by name and with the reason."""
    if not Membership.objects.filter(staff=by, clinic_id=journey.clinic_id, role=Role.PRESCRIBER).exists():
        raise NotAClinician(f"{by} is not a prescriber of this clinic: ask one to decide.")
    write_event(journey, kind, by, now, f"{reason.strip()} (without: {', '.join(missing)})", {"missing": list(missing)})


def lock_journey(journey: Journey) -> Journey:
    return (
        Journey.objects.select_for_update(of=("self",), no_key=True)
        .select_related("clinic", "patient__clinic", "protocol_version")
        .defer("protocol_version__source")
        .get(pk=journey.pk)
    )


def _procedure(journey: Journey) -> Milestone:
    found = Milestone.objects.filter(journey=journey, key="procedure", status=MilestoneStatus.BOOKED).first()
    if found is None:
        raise NotNow("No procedure is booked for this patient, or it has happened already.")
    return found


def _check_past(at: datetime, now: datetime) -> None:
    if at > now:
        raise NotNow("This moment is still to come. Enter when it happened.")


def _check_order(journey: Journey, at: datetime, now: datetime) -> None:
    """Raise `NotNow` for a moment to come, or before the step of that day that comes first."""
    _check_past(at, now)
    day = ProcedureDay.objects.filter(journey=journey).order_by("-date").first()
    if day is None:
        raise NotNow("Record first that the patient has arrived.")
    before = max(one for one in (day.arrived_at, day.admitted_at, day.started_at, day.ended_at) if one is not None)
    if at < before:
        raise NotNow(f"This is before the last step, {moment_words(before, journey.clinic.tz)}. Check the time.")


def _latest_day(journey: Journey, **times: datetime) -> None:
    day = ProcedureDay.objects.filter(journey=journey).order_by("-date").first()
    assert day is not None  # noqa: S101 - `_check_order` looked
    ProcedureDay.objects.filter(pk=day.pk).update(**times)


def enter(journey: Journey, after: JourneyState) -> None:
    """One conditional UPDATE of the state; raise `TransitionError` where the table does not allow it."""
    before = JourneyState(journey.state)
    check_transition(before, after)
    Journey.objects.filter(pk=journey.pk, state=before).update(state=after)


def _done(journey: Journey, state: JourneyState, at: datetime, by: Staff, now: datetime) -> Journey:
    write_event(journey, state.value, by, now, moment_words(at, journey.clinic.tz))
    journey.refresh_from_db()
    close_overtaken(journey=journey, now=now)
    return journey


def write_event(
    journey: Journey, kind: str, by: Staff, now: datetime, why: str, detail: dict[str, object] | None = None
) -> None:
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind=kind, why=why[:300], detail=detail or {},
        plan_version=journey.plan_version,
    )  # fmt: skip
