"""Everything the outbox channel caught, by patient, as it would stand on their phone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from notifications.models import Message, OutboxEntry
from notifications.queries.messages import MessageRow, message_row
from pathway.queries.visible import visible_journeys
from patients.models import ContactKind, Patient, Staff

PAGE_SIZE = 30
LONGEST_TALK = 100

BY_TIME = ("created_at", "reminder_id", "id")
"""Texts of the same instant stand in the order in which they were planned; what a patient wrote stands after them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One patient's conversation in the list: its newest message."""

    patient_id: int
    patient: str
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
    """One patient's phone: the newest messages, oldest first. `journey_id` is of the newest."""

    patient: Patient
    zone: ZoneInfo
    journey_id: int
    bubbles: tuple[Bubble, ...]


def caught_messages(staff: Staff) -> QuerySet[Message]:
    """Messages of this person's clinics that the outbox took, and what patients wrote."""
    caught = OutboxEntry.objects.filter(reference=OuterRef("pk"))
    return Message.objects.filter(Q(Exists(caught)) | Q(incoming=True), journey__in=visible_journeys(staff))


def talks(staff: Staff, *, page: str | int) -> "Page[Talk]":
    """One page of conversations, the newest first, in a fixed number of reads."""
    newest = caught_messages(staff).values("journey__patient").annotate(at=Max("created_at"))
    page_of = Paginator(newest.order_by("-at", "journey__patient"), PAGE_SIZE).get_page(page)
    keys = [row["journey__patient"] for row in page_of.object_list]
    last: dict[int, Message] = {}
    instants = [row["at"] for row in page_of.object_list]
    rows = caught_messages(staff).filter(journey__patient__in=keys, created_at__in=instants)
    for message in rows.select_related("journey__patient__clinic").order_by(*BY_TIME):
        last[message.journey.patient_id] = message
    shown = [_talk(last[key]) for key in keys if key in last]
    return cast("Page[Talk]", Page(cast(Any, shown), page_of.number, page_of.paginator))


def _talk(message: Message) -> Talk:
    patient = message.journey.patient
    return Talk(patient.pk, patient.name, message.created_at, patient.tz, message.body)


def phone_of(staff: Staff, patient: Patient) -> Phone | None:
    """One patient's phone, or None when nothing was caught for them."""
    rows = caught_messages(staff).filter(journey__patient=patient).order_by(*BY_TIME).reverse()
    newest = list(rows[:LONGEST_TALK])
    if not newest:
        return None
    zone, before, bubbles = patient.tz, None, []
    for message in reversed(newest):
        day = message.created_at.astimezone(zone).date()
        bubbles.append(Bubble(message_row(message), message.incoming, day != before))
        before = day
    return Phone(patient, zone, newest[0].journey_id, tuple(bubbles))


def number_on(patient: Patient) -> str:
    """The number (E.164) from which this patient writes: that of their first contact for texts; empty without one."""
    contact = patient.contacts.filter(kind=ContactKind.SMS).order_by("rank", "pk").first()
    return contact.address if contact else ""
