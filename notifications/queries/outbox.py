"""Everything the outbox channel caught, by the phone it was for: a patient's, or that of who helps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from notifications.models import Message, OutboxEntry, Recipient
from notifications.queries.messages import MessageRow, message_row
from pathway.queries.visible import visible_journeys
from patients.models import Caregiver, ContactKind, Language, Patient, Staff

PAGE_SIZE = 30
LONGEST_TALK = 100

BY_TIME = ("created_at", "reminder_id", "id")
"""Texts of the same instant stand in the order in which they were planned; what a patient wrote stands after them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One phone's conversation in the list: its newest message. `helps` names the patient where it is a caregiver's."""

    patient_id: int
    recipient: Recipient
    owner: str
    helps: str
    at: datetime
    zone: ZoneInfo
    newest: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on the phone. `new_day`: the first one of its local day."""

    message: MessageRow
    incoming: bool
    new_day: bool


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone: the newest messages, oldest first, at the patient's clock times. `journey_id` is of the newest.

    `helps` names the patient where it is a caregiver's, `number` (E.164) is whom it writes from, empty without one.
    """

    owner: str
    helps: str
    language: str
    number: str
    zone: ZoneInfo
    journey_id: int
    bubbles: tuple[Bubble, ...]


def caught_messages(staff: Staff) -> QuerySet[Message]:
    """Messages of this person's clinics that the outbox took, and what patients wrote."""
    caught = OutboxEntry.objects.filter(reference=OuterRef("pk"))
    return Message.objects.filter(Q(Exists(caught)) | Q(incoming=True), journey__in=visible_journeys(staff))


def talks(staff: Staff, *, page: str | int) -> "Page[Talk]":
    """One page of conversations, the newest first, in a fixed number of reads."""
    newest = caught_messages(staff).values("journey__patient", "recipient").annotate(at=Max("created_at"))
    page_of = Paginator(newest.order_by("-at", "journey__patient", "-recipient"), PAGE_SIZE).get_page(page)
    keys = [(row["journey__patient"], row["recipient"]) for row in page_of.object_list]
    instants = [row["at"] for row in page_of.object_list]
    rows = caught_messages(staff).filter(journey__patient__in=[pk for pk, _ in keys], created_at__in=instants)
    rows = rows.select_related("journey__patient__clinic", "journey__patient__caregiver")
    last = {(message.journey.patient_id, message.recipient): message for message in rows.order_by(*BY_TIME)}
    shown = [_talk(last[key]) for key in keys if key in last]
    return cast("Page[Talk]", Page(cast(Any, shown), page_of.number, page_of.paginator))


def _talk(message: Message) -> Talk:
    patient, recipient = message.journey.patient, Recipient(message.recipient)
    owner, helps = whose(patient, recipient)
    return Talk(patient.pk, recipient, owner, helps, message.created_at, patient.tz, message.body)


def phone_of(staff: Staff, patient: Patient, recipient: Recipient) -> Phone | None:
    """The patient's phone, or that of who helps them; None when nothing was caught for it."""
    rows = caught_messages(staff).filter(journey__patient=patient, recipient=recipient)
    newest = list(rows.order_by(*BY_TIME).reverse()[:LONGEST_TALK])
    if not newest:
        return None
    zone, before, bubbles = patient.tz, None, []
    for message in reversed(newest):
        day = message.created_at.astimezone(zone).date()
        bubbles.append(Bubble(message_row(message), message.incoming, day != before))
        before = day
    owner, helps = whose(patient, recipient)
    language = Language(newest[0].language).label
    number = number_of(patient, recipient)
    return Phone(owner, helps, language, number, zone, newest[0].journey_id, tuple(bubbles))


def whose(patient: Patient, recipient: Recipient) -> tuple[str, str]:
    """Whose phone it is, and which patient that person helps, if they do. Who helped before has no name any more."""
    if recipient is Recipient.PATIENT:
        return patient.name, ""
    helper = caregiver_of(patient)
    return (str(helper) if helper else "Caregiver"), patient.name


def caregiver_of(patient: Patient) -> Caregiver | None:
    """Who helps this patient."""
    return getattr(patient, "caregiver", None)


def number_of(patient: Patient, recipient: Recipient) -> str:
    """The number (E.164) from which this person writes: the patient's is their first for texts; empty without one."""
    if recipient is Recipient.CAREGIVER:
        helper = caregiver_of(patient)
        return helper.phone.as_e164 if helper and helper.phone else ""
    contact = patient.contacts.filter(kind=ContactKind.SMS).order_by("rank", "pk").first()
    return contact.address if contact else ""
