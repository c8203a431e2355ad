"""Today's and tomorrow's procedures with what is known of their readiness, and the follow-ups that come due."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from pathway.models import SETTLED, Journey, MedicationHold, Milestone, MilestoneStatus, Reminder, Step, WorkItem
from pathway.queries.protocols import protocol_of
from pathway.queries.readiness import Readiness, readiness_by_journey
from pathway.queries.visible import visible_journeys
from pathway.staff_words import call_cause, step_title
from pathway.states import HOLD_SIGNED, JOURNEY_ENDED, HoldState, ReminderState
from patients.models import Clinic, Staff

Shape = Literal["done", "part", "open", "alert", "none"]
WEEK = timedelta(days=7)
TOLD = frozenset({ReminderState.SENT.value, ReminderState.DELIVERED.value})
NOT_TOLD = frozenset({ReminderState.FAILED.value, ReminderState.MISSED.value, ReminderState.UNKNOWN.value})

SPOKE = "Spoke with"
"""How the outcome of a task begins when somebody was talked to."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of one thing: a shape, never a colour alone, and the word for it."""

    shape: Shape
    word: str


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """One procedure and what is known of its readiness."""

    journey_id: int
    at: datetime
    zone: ZoneInfo
    patient: str
    record_number: str
    state: Mark
    levels: str
    clinician: str
    room: str
    medicines: Mark
    fasting: Mark
    ride: Mark
    ready: Mark


@dataclass(frozen=True, slots=True)
class ProcedureDay:
    """The procedures of the next local day; when it has none, `next_date` is the next day that has some."""

    rows: tuple[ProcedureRow, ...]
    next_date: date | None


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A follow-up visit that is due within a week. Not `booked`: its time is only our own expectation."""

    journey_id: int
    patient: str
    record_number: str
    at: datetime
    zone: ZoneInfo
    title: str
    booked: bool


def procedures_today(staff: Staff, *, clinics: list[Clinic], now: datetime) -> tuple[ProcedureRow, ...]:
    """Procedures of today, each clinic's own calendar day, by time, over or not."""
    firm = Milestone.objects.filter(journey__in=visible_journeys(staff), key="procedure")
    under_way = firm.filter(status=MilestoneStatus.BOOKED, journey__in=_under_way(staff))
    return _procedures_on(under_way | firm.filter(status=MilestoneStatus.DONE), clinics, now, days=0)


def procedures_tomorrow(staff: Staff, *, clinics: list[Clinic], now: datetime) -> ProcedureDay:
    """Booked procedures of tomorrow, each clinic's own calendar day, by time."""
    booked = _open_milestones(staff).filter(key="procedure", status=MilestoneStatus.BOOKED)
    rows = _procedures_on(booked, clinics, now, days=1)
    if rows:
        return ProcedureDay(rows, None)
    start, _ = local_day(now, clinics[0].tz, days=1)
    later = booked.filter(at__gte=start).select_related("journey__clinic").order_by("at").first()
    return ProcedureDay((), later.at.astimezone(later.journey.clinic.tz).date() if later else None)


def _procedures_on(
    procedures: QuerySet[Milestone], clinics: list[Clinic], now: datetime, *, days: int
) -> tuple[ProcedureRow, ...]:
    rows: list[ProcedureRow] = []
    for clinic in clinics:
        start, end = local_day(now, clinic.tz, days=days)
        day = procedures.filter(journey__clinic=clinic, at__gte=start, at__lt=end)
        found = list(_with_readiness(day))
        ready = readiness_by_journey([milestone.journey for milestone in found], now=now) if found else {}
        rows.extend(_procedure_row(milestone, ready[milestone.journey_id], now) for milestone in found)
    return tuple(sorted(rows, key=lambda row: (row.at, row.patient)))


def follow_ups_due(staff: Staff, *, now: datetime) -> tuple[FollowUpRow, ...]:
    """Follow-up visits (appointments about a milestone of that kind) that are due in seven days, by time."""
    due = (
        Step.objects.filter(
            journey__in=_under_way(staff), kind="appointment", starts_at__gte=now, starts_at__lt=now + WEEK
        )
        .select_related("journey__patient", "journey__clinic", "journey__protocol_version")
        .prefetch_related("journey__milestones")
        .order_by("starts_at", "id")
    )
    rows = [
        (step, {row.key: row for row in step.journey.milestones.all()}.get(about))
        for step in due
        if (about := _follow_up_of(step))
    ]
    return tuple(
        FollowUpRow(
            step.journey_id,
            step.journey.patient.name,
            step.journey.patient.record_number,
            step.starts_at,
            step.journey.clinic.tz,
            _title(step),
            milestone is not None and milestone.status == MilestoneStatus.BOOKED,
        )
        for step, milestone in rows
        if milestone is None or milestone.status not in SETTLED
    )


def _follow_up_of(step: Step) -> str:
    """The follow-up that a step is about; empty for any other step."""
    protocol = protocol_of(step.journey.protocol_version)
    about = next((spec.about for spec in protocol.steps if spec.key == step.key), "")
    return about if protocol.kind_of(about) == "follow-up" else ""


def local_day(now: datetime, zone: ZoneInfo, *, days: int) -> tuple[datetime, datetime]:
    """The instants at which the local day `days` from today begins and ends; 23 to 25 hours apart."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return tuple(  # type: ignore[return-value]
        datetime.combine(day + timedelta(days=extra), time(0), tzinfo=zone) for extra in (0, 1)
    )


def _open_milestones(staff: Staff) -> QuerySet[Milestone]:
    return Milestone.objects.filter(journey__in=_under_way(staff))


def _under_way(staff: Staff) -> QuerySet[Journey]:
    return visible_journeys(staff).exclude(state__in=[state.value for state in JOURNEY_ENDED])


def _with_readiness(milestones: QuerySet[Milestone]) -> QuerySet[Milestone]:
    loaded = milestones.select_related("journey__patient__clinic", "journey__clinic", "journey__protocol_version")
    return loaded.defer("journey__protocol_version__source").prefetch_related(
        "journey__holds",
        "journey__steps",
        Prefetch("journey__work_items", WorkItem.objects.filter(outcome__startswith=SPOKE)),
        Prefetch("journey__reminders", Reminder.objects.filter(superseded_by=None).order_by("send_at")),
    )


def _procedure_row(milestone: Milestone, readiness: Readiness, now: datetime) -> ProcedureRow:
    journey = milestone.journey
    return ProcedureRow(
        journey_id=journey.pk,
        at=milestone.at,
        zone=journey.clinic.tz,
        patient=journey.patient.name,
        record_number=journey.patient.record_number,
        state=state_mark(milestone, now),
        levels=journey.levels,
        clinician=journey.clinician,
        room=journey.room,
        medicines=medicines_mark(list(journey.holds.all())),
        fasting=told_mark(_reminders_of(journey, "fasting"), _spoken(journey)),
        ride=ride_mark(journey),
        ready=ready_mark(readiness),
    )


def state_mark(milestone: Milestone, now: datetime) -> Mark:
    """Whether the procedure is to come, over, or over by its time with nobody having said so."""
    if milestone.status == MilestoneStatus.DONE:
        return Mark("done", "done")
    return Mark("open", "to come") if milestone.at > now else Mark("part", "not recorded yet")


def ready_mark(readiness: Readiness) -> Mark:
    """How many of the protocol's checks are there, and which are not."""
    total, missing = len(readiness.checks), len(readiness.missing)
    return Mark(readiness.shape, f"{total - missing} of {total}" if total else "no checks")


def medicines_mark(holds: list[MedicationHold]) -> Mark:
    """Whether every hold that was drafted is signed. No hold drafted says nothing about the medicines themselves."""
    current = [hold for hold in holds if hold.state != HoldState.DECLINED.value]
    if not current:
        return Mark("none", "no holds")
    unsigned = sum(hold.state == HoldState.DRAFTED.value for hold in current)
    if unsigned:
        return Mark("alert", f"{unsigned} of {len(current)} not signed")
    if any(hold.state in {state.value for state in HOLD_SIGNED} for hold in current):
        return Mark("done", "signed")
    return Mark("done", "over")


def told_mark(reminders: list[Reminder], spoken: frozenset[str] = frozenset()) -> Mark:
    """Whether the patient was told. `sent` is not yet the patient's phone.

    `spoken` are the causes of tasks that ended in a talk: a nurse who said it by phone told the patient as well.
    """
    states = [reminder.state for reminder in reminders if reminder.state != ReminderState.WITHDRAWN.value]
    if ReminderState.DELIVERED.value in states:
        return Mark("done", "delivered")
    if ReminderState.SENT.value in states:
        return Mark("done", "sent")
    if any(call_cause(reminder.step, reminder.text) in spoken for reminder in reminders):
        return Mark("done", "told by phone")
    if any(state not in NOT_TOLD for state in states):
        return Mark("open", "not yet sent")
    return Mark("alert", "not told") if states else Mark("none", "no text")


def ride_mark(journey: Journey) -> Mark:
    """Whether somebody is named who takes the patient home; else whether the patient was asked."""
    if journey.escort:
        return Mark("done", journey.escort)
    mark = told_mark(_reminders_of(journey, "ride"), _spoken(journey))
    if mark.shape == "done":
        return Mark("part", "asked, nobody named")
    return Mark("alert" if mark.shape == "alert" else "open", "nobody named")


def _spoken(journey: Journey) -> frozenset[str]:
    return frozenset(item.cause for item in journey.work_items.all())


def _title(step: Step) -> str:
    """What the protocol calls a step's visit, in English."""
    title = step_title(protocol_of(step.journey.protocol_version), step.key)
    return title.removeprefix("Your ").capitalize()


def _reminders_of(journey: Journey, kind: str) -> list[Reminder]:
    keys = {step.key for step in journey.steps.all() if step.kind == kind}
    return [reminder for reminder in journey.reminders.all() if reminder.step in keys]
