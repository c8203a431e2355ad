"""What stands beside a journey: the person, how to reach them, their medicines' holds, their open tasks."""

from dataclasses import dataclass
from datetime import datetime

from pathway.models import Journey, MedicationHold
from pathway.planner.clock import TimeError, parse_duration
from pathway.queries.board import WorkRow, age_on, work_row
from pathway.queries.visible import visible_work_items
from pathway.states import HOLD_SIGNED, HoldState, WorkItemState
from patients.models import Caregiver, ContactPoint, Staff


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold in words."""

    drug: str
    length: str
    state: str
    tone: str
    signed: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One way to reach the patient; `trouble` says why it is not used."""

    kind: str
    address: str
    href: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who the patient is, for the right-hand column."""

    age: int
    contacts: tuple[ContactRow, ...]
    caregiver: Caregiver | None
    holds: tuple[HoldRow, ...]
    tasks: tuple[WorkRow, ...]


def person_of(journey: Journey, *, staff: Staff, now: datetime) -> Person:
    """The column of one journey; the tasks are those this person may see."""
    patient = journey.patient
    contacts = list(patient.contacts.order_by("rank", "id"))
    tasks = visible_work_items(staff).filter(journey=journey).exclude(state=WorkItemState.RESOLVED.value)
    rows = list(tasks.order_by("priority", "due_at", "id"))
    for row in rows:
        row.journey.patient.phones = [one for one in contacts if one.phone]  # type: ignore[attr-defined]
    return Person(
        age=age_on(patient, now.astimezone(journey.clinic.tz).date()),
        contacts=tuple(_contact(contact) for contact in contacts),
        caregiver=Caregiver.objects.filter(patient=patient).select_related("consent_by").first(),
        holds=tuple(_hold(hold) for hold in journey.holds.select_related("signed_by").order_by("drug", "id")),
        tasks=tuple(work_row(row, staff, now) for row in rows),
    )


def _contact(contact: ContactPoint) -> ContactRow:
    trouble = ""
    if contact.opted_out_at:
        trouble = "opted out"
    elif contact.undeliverable_at:
        trouble = contact.undeliverable_reason or "could not be delivered"
    if contact.email:
        return ContactRow(contact.get_kind_display(), contact.email, f"mailto:{contact.email}", trouble)
    return ContactRow(contact.get_kind_display(), contact.phone.as_national, f"tel:{contact.phone.as_e164}", trouble)


def _hold(hold: MedicationHold) -> HoldRow:
    state = HoldState(hold.state)
    tone = "good" if state in HOLD_SIGNED or state is HoldState.RESTARTED else "warn"
    if state is HoldState.DECLINED:
        tone = ""
    words = "not signed" if state is HoldState.DRAFTED else state.value
    if hold.declined_reason:
        words += f": {hold.declined_reason}"
    signed = f"{hold.signed_by}" if hold.signed_by else ""
    return HoldRow(hold.drug, duration_words(hold.duration), words, tone, signed)


def duration_words(text: str) -> str:
    """`P3D` as “3 days”, `PT12H` as “12 hours”; what cannot be read is shown as it is."""
    try:
        duration = parse_duration(text)
    except TimeError:
        return text
    hours = int(duration.elapsed.total_seconds()) // 3600
    parts = [(abs(duration.days), "day"), (abs(hours), "hour")]
    return " ".join(f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count) or text
