"""What refusals and proofs say of an address: it is dead, it works, or the person wants no more messages."""

from collections.abc import Collection
from datetime import datetime

from notifications.channels.base import REFUSALS, Refusal
from notifications.models import Message, Recipient
from pathway.actions.opt_out import stop_caregiver_copies, stop_texts
from pathway.models import JourneyEvent
from patients.models import Caregiver, ContactKind, ContactPoint

AT_THE_PROVIDER = "opted out at the phone company"
BY_EMAIL = "unsubscribed from an email, or reported it as spam"

RESUMED = {Recipient.PATIENT: "messages-resumed", Recipient.CAREGIVER: "copies-resumed"}
"""The line of history that says that messages, or copies, are wanted again."""


def heed_refusal(*, message: Message, what: Refusal, now: datetime, said_at: datetime | None = None) -> None:
    """Remember what a provider's refusal of `message` means for later ones. Belongs in the caller's transaction.

    A dead address is not tried again. Somebody who opted out at the provider has stopped all messages, as if they had
    texted STOP; nothing is confirmed, since nothing would arrive. What the person did since counts more than a report
    that comes late: a stop of before their last START is none, and an address that they wrote from is not dead.
    `said_at` is when they said stop (UTC), or else when the message was offered. `message.journey.patient` should be
    loaded.
    """
    consequence = REFUSALS[what]
    at = said_at or message.offered_at or message.created_at
    if consequence.is_stop and not has_started_since(message, at):
        stop(message, now=now)
    elif consequence.address_is_dead and message.recipient == Recipient.PATIENT and not wrote_since(message, at):
        field = "email" if message.channel == ContactKind.EMAIL else "phone"
        ContactPoint.objects.filter(
            patient=message.journey.patient, kind=message.channel, undeliverable_at=None, **{field: message.address}
        ).update(undeliverable_at=now, undeliverable_reason=what.value)


def stop(message: Message, *, now: datetime) -> None:
    """Stop all messages to the patient whom a message was for, or the copies to the caregiver whose address it is."""
    patient = message.journey.patient
    how = BY_EMAIL if message.channel == ContactKind.EMAIL else AT_THE_PROVIDER
    if message.recipient == Recipient.PATIENT:
        stop_texts(patient=patient, how=how, by=None, now=now)
        return
    for caregiver in Caregiver.objects.filter(patient=patient, phone=message.address):
        stop_caregiver_copies(caregiver=caregiver, how=how, now=now)


def has_started_since(message: Message, at: datetime) -> bool:
    """Whether whoever a message was for has wanted messages again after `at` (UTC): they texted START, or told a nurse.

    A START counts also where nothing was stopped here: the stop that it lifts may be known to the provider alone.
    """
    patient, recipient = message.journey.patient, message.recipient
    wrote = Message.objects.filter(journey__patient=patient, incoming=True, recipient=recipient, meaning="start")
    told = JourneyEvent.objects.filter(journey__patient=patient, kind=RESUMED[Recipient(recipient)], at__gt=at)
    return wrote.filter(created_at__gt=at).exists() or told.exists()


def wrote_since(message: Message, at: datetime) -> bool:
    """Whether anything has come from a message's address, by the same channel, after `at` (UTC)."""
    wrote = Message.objects.filter(journey__patient=message.journey.patient, incoming=True, channel=message.channel)
    return wrote.filter(address=message.address, created_at__gt=at).exists()


def trust_again(*, patients: Collection[int], kind: str, address: str) -> None:
    """Use an address of these patients (ids) again that was given up: something has arrived there, or came from it."""
    field = "email" if kind == ContactKind.EMAIL else "phone"
    given_up = ContactPoint.objects.filter(patient__in=patients, kind=kind, undeliverable_at__isnull=False)
    given_up.filter(**{field: address}).update(undeliverable_at=None, undeliverable_reason="")
