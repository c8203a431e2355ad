"""What the planner has to know of a journey, read from its rows."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from pathway.models import FIRM, OVER, Journey, LastIntake, MedicationHold, Milestone, MilestoneStatus, Reminder
from pathway.planner import Facts, Hold, Intake, PlannedReminder, Policy, Row, fast_of, over_of, parse_duration, told_of
from pathway.planner import Milestone as PlannedMilestone
from pathway.states import HOLD_STANDS, JOURNEY_IN_HOSPITAL, REMINDER_TOLD, HoldState, JourneyState, ReminderState
from patients.models import Clinic


def facts_of(journey: Journey, reminders: Iterable[Reminder], *, ended: bool = False) -> Facts:
    """The facts of one journey, whose `patient__clinic` should be loaded. An ended one has no milestones any more."""
    rows = reminder_rows(reminders)
    patient, clinic = journey.patient, journey.patient.clinic
    visits = list(journey.milestones.all())
    milestones = {} if ended else milestones_of(visits)
    return Facts(
        milestones=milestones,
        zone=patient.tz,
        language=patient.language,
        enrolled_at=journey.enrolled_at,
        policy=policy_of(clinic),
        holds=() if ended else signed_holds(journey),
        ended=ended,
        closed=frozenset(one.key for one in visits if one.status == MilestoneStatus.CLOSED),
        intake=last_intake(journey),
        in_hospital=JourneyState(journey.state) in JOURNEY_IN_HOSPITAL,
        told=told_of(rows),
        over=over_of(rows),
        fast=fast_of(rows),
        pending=frozenset(row.base_key for row in rows if row.is_pending),
        routine_sent=tuple(row.told_at for row in rows if row.is_told and row.told_at and not row.planned.safety),
        clinic_zone=ZoneInfo(clinic.zone),
    )


def policy_of(clinic: Clinic) -> Policy:
    """The clinic's rules as the planner takes them."""
    return Policy(
        clinic.window_opens, clinic.window_closes, clinic.arrival_lead, clinic.fasting, clinic.fasting_heavy,
        clinic.clear_liquids,
    )  # fmt: skip


def last_intake(journey: Journey) -> Intake | None:
    """What was last said of the patient's food and drink; None when nobody wrote anything down."""
    row = LastIntake.objects.filter(journey=journey).order_by("-said_at", "-id").first()
    return row.as_planned if row is not None else None


def milestones_of(visits: Iterable[Milestone]) -> dict[str, PlannedMilestone]:
    """What is booked, has happened or was missed, by key; one that is only expected is the protocol's own business."""
    return {
        one.key: PlannedMilestone(one.at, done=one.status in OVER, missed=one.status == MilestoneStatus.MISSED)
        for one in visits
        if one.status in (*FIRM, *OVER)
    }


def signed_holds(journey: Journey) -> tuple[Hold, ...]:
    """The holds that a prescriber stands behind, as the planner needs them; drafts and declined ones are not there."""
    rows = MedicationHold.objects.filter(journey=journey, state__in=HOLD_STANDS, signed_at__isnull=False)
    return tuple(reckoned(row, row.signed_at) for row in rows.order_by("drug") if row.signed_at is not None)


def reckoned(row: MedicationHold, signed_at: datetime) -> Hold:
    """A hold's row as its moments are reckoned from; `signed_at` is when it was, or would be, signed."""
    return Hold(
        drug=row.drug,
        duration=parse_duration(row.duration),
        restart_after=parse_duration(row.restart_after) if row.restart_after else None,
        signed_at=signed_at,
        held_since=row.held_since,
        last_dose_at=row.last_dose_at,
        restart_at=row.restart_at,
        is_over=row.state == HoldState.RESTARTED,
    )


def reminder_rows(reminders: Iterable[Reminder]) -> list[Row]:
    """Reminder rows as the pure `diff` compares them."""
    return [
        Row(
            id=reminder.pk,
            key=reminder.key,
            planned=PlannedReminder(
                key=reminder.base_key,
                step=reminder.step,
                text=reminder.text,
                send_at=reminder.send_at,
                intended_at=reminder.intended_at,
                useful_until=reminder.useful_until,
                moved=reminder.moved or None,  # type: ignore[arg-type]
                late=reminder.late or None,  # type: ignore[arg-type]
                reason=reminder.reason,
                says=reminder.says,
                safety=reminder.safety,
                waits_for_window=reminder.waits_for_window,
                needs_booked=reminder.needs_booked,
                resend_unproven=reminder.resend_unproven,
                covers=reminder.covers,
            ),
            state=ReminderState(reminder.state),
            started=reminder.started_at is not None,
            told_at=_told_at(reminder),
            superseded=reminder.superseded_by_id is not None,
        )
        for reminder in reminders
    ]


def _told_at(reminder: Reminder) -> datetime | None:
    """When the patient read it, or may have; None for what never left."""
    if reminder.state in REMINDER_TOLD or reminder.started_at is not None:
        return reminder.sent_at or reminder.started_at
    return None
