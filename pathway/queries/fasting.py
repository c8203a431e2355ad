"""How a patient stands with food and drink before the procedure, from what was said of the last meal."""

from dataclasses import dataclass
from datetime import datetime

from pathway.models import Journey, LastIntake, Milestone, MilestoneStatus, Origin, Reminder
from pathway.planner import fast_of as fast_told
from pathway.planner import fasting_since
from pathway.planner.readiness import Verdict
from pathway.queries.plan_facts import policy_of, reminder_rows
from pathway.staff_words import moment_words


@dataclass(frozen=True, slots=True)
class Fast:
    """What was last said (`said_at`, UTC), the earliest safe start that follows, and whether the booked time fits.

    Times are None while they are unknown. `words` say it as a nurse reads it.
    """

    verdict: Verdict
    said_at: datetime | None
    safe_from: datetime | None
    words: str


def fasts_since(journey: Journey, *, now: datetime) -> datetime | None:
    """Since when (UTC) the patient fasts at `now`, by what we told them or asked a person to tell; None when they do
    not. Only a nurse or doctor ends such a fast, never a text or a page (clinical facts, section 4)."""
    rows = reminder_rows(Reminder.objects.filter(journey=journey, origin=Origin.PLAN).order_by("pk"))
    return fasting_since(fast_told(rows), journey.patient.tz, now)


def fast_of(journey: Journey) -> Fast:
    """The fast of a journey, whose `clinic` should be loaded, by what was said last."""
    row = LastIntake.objects.filter(journey=journey).order_by("-said_at", "-id").first()
    firm = Milestone.objects.filter(journey=journey, key="procedure").exclude(status=MilestoneStatus.EXPECTED)
    procedure = firm.first()
    return fast_from(journey, row, procedure_at=procedure.at if procedure else None)


def fast_from(journey: Journey, row: LastIntake | None, *, procedure_at: datetime | None) -> Fast:
    """The same from the rows: the intake said last, and the booked time of the procedure (UTC)."""
    if row is None:
        return Fast("unknown", None, None, "Nobody has written down when the patient last ate.")
    zone, rules, intake = journey.clinic.tz, policy_of(journey.clinic).fasting_rules, row.as_planned
    ate = moment_words(row.ate_at, zone) if row.ate_at else "not known"
    drank = moment_words(row.drank_at, zone) if row.drank_at else "not known"
    safe_from = intake.safe_from(rules)
    words = f"No food since {ate}, no drink since {drank}."
    last = intake.last_limit(rules)
    if last is not None and procedure_at is not None and last.safe_from > procedure_at:
        told = f"{words} Safe from {moment_words(last.safe_from, zone)} at the earliest."
        return Fast("no", row.said_at, safe_from, told)
    if safe_from is None:
        return Fast("unknown", row.said_at, None, f"{words} Ask again.")
    words = f"{words} Safe from {moment_words(safe_from, zone)}."
    if procedure_at is None:
        return Fast("unknown", row.said_at, safe_from, words)
    if not intake.settles(rules, procedure_at):
        return Fast("unknown", row.said_at, safe_from, f"{words} Said before the fast began: ask again.")
    return Fast("yes", row.said_at, safe_from, words)
