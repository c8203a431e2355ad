"""A journey's medicines and holds, as the staff's page shows them."""

from dataclasses import dataclass
from datetime import datetime

from pathway.holds.rows import RESTART_WHEN
from pathway.holds.shipped import hold_table
from pathway.models import Journey, MedicationHold
from pathway.planner.clock import hold_anchors, told_wall
from pathway.queries.holds import medicines_taken, missing_for_procedure, visible_holds, visit_of
from pathway.queries.plan_facts import reckoned
from pathway.staff_words import full_day, full_time, in_words, moment_words
from pathway.states import HOLD_SIGNED, HoldState
from patients.models import LabResult, Medication, Staff

STATE_WORDS = {
    HoldState.DRAFTED: ("Not signed", "warn"),
    HoldState.APPROVED: ("Signed, not told yet", "good"),
    HoldState.RELEASED: ("Told", "good"),
    HoldState.ACKNOWLEDGED: ("Read by the patient", "good"),
    HoldState.STOPPED: ("Stopped", "live"),
    HoldState.RESTARTED: ("Taken again", "good"),
    HoldState.DECLINED: ("Declined", ""),
}


LISTED = tuple(STATE_WORDS)
"""In this order: what waits for a signature first, what is over last."""


@dataclass(frozen=True, slots=True)
class HoldCard:
    """One hold in words; `facts` are label and value, in the order of time. `row` is the hold itself, for its forms."""

    row: MedicationHold
    title: str
    state: str
    tone: str
    facts: tuple[tuple[str, str], ...]

    @property
    def is_draft(self) -> bool:
        return self.row.state == HoldState.DRAFTED


@dataclass(frozen=True, slots=True)
class HoldPage:
    """All that the page shows beside its forms. `missing`: what keeps the procedure from going ahead; `unheld`: the
    medicines on the list that have no hold."""

    cards: tuple[HoldCard, ...]
    medicines: tuple[Medication, ...]
    unheld: tuple[Medication, ...]
    results: tuple[LabResult, ...]
    missing: tuple[str, ...]
    table: str


def hold_page(journey: Journey, *, staff: Staff, now: datetime) -> HoldPage:
    """The medicines and holds of one journey; its patient and clinic must be loaded."""
    table = hold_table()
    found = visible_holds(staff).filter(journey=journey).select_related("last_dose_by").order_by("drug", "pk")
    rows = sorted(found, key=lambda row: LISTED.index(HoldState(row.state)))
    medicines = tuple(medicines_taken(journey.patient_id))
    held = {row.medication_id for row in rows if row.state != HoldState.DECLINED}
    return HoldPage(
        cards=tuple(_card(row, journey) for row in rows),
        medicines=medicines,
        unheld=tuple(row for row in medicines if row.pk not in held),
        results=tuple(LabResult.objects.filter(patient=journey.patient_id).order_by("-taken_at", "-id")[:6]),
        missing=tuple(missing_for_procedure(journey, now=now)),
        table=f"Table of holds, version {table.version}: {table.review}.",
    )


def _card(row: MedicationHold, journey: Journey) -> HoldCard:
    state = HoldState(row.state)
    words, tone = STATE_WORDS[state]
    known = row.medication.name if row.medication is not None else row.drug
    title = row.drug if known.casefold() == row.drug.casefold() else f"{row.drug} ({known})"
    return HoldCard(row, title, words, tone, tuple(_facts(row, journey)))


def _facts(row: MedicationHold, journey: Journey) -> list[tuple[str, str]]:
    zone, visit = journey.clinic.tz, visit_of(journey)
    length = in_words(row.duration) + (f" (the table: {in_words(row.shortest)} or more)" if row.shortest else "")
    found = [("Hold", f"{length} before" if row.duration != "P0D" else "not on the day")]
    if visit is not None and row.state != HoldState.DECLINED:
        plan = reckoned(row, row.signed_at or row.drafted_at)
        moments = hold_anchors(plan, visit.at, visit.zone)
        last = told_wall(moments["last-dose"], visit.zone)
        latest = f"{full_time(last)} at the latest" if plan.is_to_the_hour else full_day(last.date())
        found.append(("Last dose", latest))
        found.append(("Restart", _restart(row, moments.get("restart"), journey)))
    if row.needs_inr:
        found.append(("Gate", "normal INR before the procedure"))
    if row.needs_cardiology:
        agreed = f"{row.cardiology_by}, {_when(row.cardiology_at, journey)}" if row.cardiology_at else "not recorded"
        found.append(("Cardiology", agreed))
    if row.held_since and HoldState(row.state) is HoldState.DRAFTED:
        found.append(("Held since", _when(row.held_since, journey)))
    if row.signed_at is not None:
        found.append(("Signed", f"{row.signed_by}, {moment_words(row.signed_at, zone)}"))
    for label, value in (
        ("Changed", row.changed_reason), ("Bridging", row.bridging), ("Declined", row.declined_reason),
        ("Read", _when(row.acknowledged_at, journey)), ("Stop confirmed", _when(row.stopped_at, journey)),
        ("Last dose taken", _when(row.last_dose_at, journey)), ("Taken again", _when(row.restarted_at, journey)),
    ):  # fmt: skip
        found += [(label, value)] if value else []
    return found


def _restart(row: MedicationHold, at: datetime | None, journey: Journey) -> str:
    if at is None:
        return f"{RESTART_WHEN.get(row.restart_when, row.restart_when)}; no day is set"
    return moment_words(at, journey.clinic.tz)


def _when(at: datetime | None, journey: Journey) -> str:
    return moment_words(at, journey.clinic.tz) if at is not None else ""


def is_signed(row: MedicationHold) -> bool:
    """Whether a prescriber stands behind it, and it is not over."""
    return HoldState(row.state) in HOLD_SIGNED
