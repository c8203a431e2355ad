"""What the Today page asks: what needs a person now. `pathway.queries.procedures` answers the rest of the page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from pathway.models import WorkItem
from pathway.queries.visible import visible_work_items
from pathway.states import WorkItemState
from patients.models import ContactKind, ContactPoint, Patient, Staff

FIRST_ROWS = 25
"""How many tasks Today shows at first: the most pressing, with tomorrow's procedures still in reach below them."""

LONGEST_LIST = 200
"""More rows than this are counted, never shown: nobody works down a longer list."""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One task as a nurse reads it. `left` is negative when it is overdue; `phone` is E.164 or empty."""

    id: int
    journey_id: int
    patient: str
    record_number: str
    age: int
    title: str
    why: str
    say: str
    priority: int
    priority_word: str
    due_at: datetime
    left: timedelta
    zone: ZoneInfo
    clinic: str
    phone: str
    claimed_by: str
    mine: bool

    @property
    def overdue(self) -> bool:
        return self.left < timedelta(0)


@dataclass(frozen=True, slots=True)
class WorkList:
    """The most pressing tasks, and how many there are in all, of this person, and put off until later."""

    rows: tuple[WorkRow, ...]
    total: int
    mine: int
    snoozed: int

    @property
    def hidden(self) -> int:
        return max(self.total - len(self.rows), 0)


def work_list(staff: Staff, *, now: datetime, only_mine: bool = False, limit: int = FIRST_ROWS) -> WorkList:
    """Undone tasks by priority, then by time left. A task that was put off comes back at its moment."""
    undone = visible_work_items(staff).exclude(state=WorkItemState.RESOLVED.value)
    asleep = Q(state=WorkItemState.SNOOZED.value, snoozed_until__gt=now)
    awake = undone.exclude(asleep)
    mine = awake.filter(claimed_by=staff)
    shown = mine if only_mine else awake
    rows = _with_phones(shown).order_by("priority", "due_at", "id")[: min(limit, LONGEST_LIST)]
    counted = {"total": awake.count(), "mine": mine.count(), "snoozed": undone.filter(asleep).count()}
    if only_mine:
        counted["total"] = counted["mine"]
    return WorkList(tuple(work_row(item, staff, now) for item in rows), **counted)


def _with_phones(items: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    reachable = ContactPoint.objects.exclude(kind=ContactKind.EMAIL).order_by("rank", "id")
    return items.prefetch_related(Prefetch("journey__patient__contacts", reachable, to_attr="phones"))


def work_row(item: WorkItem, staff: Staff, now: datetime) -> WorkRow:
    """One task as a row; its patient's phones must be loaded as `phones`."""
    patient = item.journey.patient
    phones: list[ContactPoint] = patient.phones  # type: ignore[attr-defined]
    return WorkRow(
        id=item.pk,
        journey_id=item.journey_id,
        patient=patient.name,
        record_number=patient.record_number,
        age=age_on(patient, now.astimezone(item.clinic.tz).date()),
        title=kind_words(item.kind),
        why=item.why,
        say=item.say,
        priority=item.priority,
        priority_word=item.get_priority_display(),
        due_at=item.due_at,
        left=item.due_at - now,
        zone=item.clinic.tz,
        clinic=item.clinic.name,
        phone=phones[0].phone.as_e164 if phones else "",
        claimed_by=str(item.claimed_by or ""),
        mine=item.claimed_by_id == staff.pk,
    )


def age_on(patient: Patient, day: date) -> int:
    """The patient's age in whole years on a day."""
    born = patient.birth_date
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


KIND_TITLES = {
    "call": "Call the patient",
    "to-do": "To do",
    "ask-clinician": "Ask the clinician",
    "paperwork": "Papers and insurance",
    "promised-call": "Call as promised",
    "missed-message": "Text not sent in time",
    "failed-message": "Text could not be delivered",
    "unproven-message": "Not known whether a text arrived",
    "on-a-machine": "Left on an answering machine",
    "no-answer": "No answer",
    "change-visit": "Another time is asked for",
    "no-ride": "No ride home",
    "ask-again": "To be confirmed again",
    "patient-question": "Patient has a question",
    "feels-worse": "Patient feels worse",
    "red-flag": "Emergency sign",
    "warning-sign": "Warning sign",
    "check-in-answer": "Answer to look at",
    "check-in-silent": "Check-in not answered",
    "book-visit": "Visit not booked",
    "book-again": "Visit missed: book it again",
    "record-visit": "Did the patient come?",
    "lost-to-follow-up": "Not seen again",
    "visit-out-of-window": "Visit too early or too late",
    "record-procedure": "Did the procedure take place?",
    "not-arrived": "Did not come?",
    "not-gone-home": "Gone home?",
    "ask-last-meal": "Last meal not known",
    "long-fast": "Fasting for too long",
    "in-hospital": "Stays in hospital",
    "sign-again": "Hold needs a new signature",
    "sign-hold": "Hold waits for a signature",
    "stop-unconfirmed": "Stop not confirmed",
    "inr-needed": "Normal INR needed",
    "set-restart": "Restart day to be set",
    "restart-unconfirmed": "Restart not confirmed",
    "restarted-early": "Medicine restarted early",
    "restarted-late": "Medicine restarted late",
    "stopped-unsigned": "Medicine stopped without a plan",
    "stopped-early": "Medicine stopped early",
    "medicine-unknown": "Medicine not in the table",
    "medicine-unclear": "Medicine to be cleared up",
    "hold-decision": "Prescriber decides on a medicine",
    "clearance-needed": "Creatinine clearance needed",
    "ask-stent": "Ask about a stent",
    "medicine-flag": "Medicine goes on, with a risk",
    "hold-too-short": "Hold does not fit",
    "fast-too-short": "Fast does not fit",
    "held-without-date": "Medicine held, no date",
    "decide-candidacy": "Candidate or not?",
    "not-a-candidate-call": "Tell: not a candidate",
    "candidate-after-all": "Tell: a candidate after all",
    "authorisation-denied": "Insurer said no",
    "authorisation-more-info": "Insurer asks for more",
    "authorisation-expires": "Approval ends too early",
    "authorisation-missing": "No insurer's approval",
    "link-locked": "Patient's page locked",
    "danger-words": "Words of danger",
    "reply": "Message to read",
    "shared-number": "Message from a shared number",
    "call-instead": "Wants no more texts",
    "arrived-after-all": "A text that was taken back arrived",
}


def kind_words(kind: str) -> str:
    """The kind of a task in words; one that has none yet reads as it is written."""
    return KIND_TITLES.get(kind, kind.replace("-", " ").capitalize())
