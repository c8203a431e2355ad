"""What refusals and proofs say of an address: it is dead, it works, or the person wants no more messages."""

from datetime import datetime

from notifications.channels.base import REFUSALS, Refusal
from notifications.models import Message, Recipient
from pathway.actions.opt_out import stop_caregiver_copies, stop_texts
from pathway.models import JourneyEvent
from patients.models import Caregiver, ContactKind, ContactPoint, Patient

AT_THE_PROVIDER = "opted out at the phone company"
BY_EMAIL = "unsubscribed from an email, or reported it as spam"


def heed_refusal(*, message: Message, what: Refusal, now: datetime, said_at: datetime | None = None) -> None:
    """Remember what a provider's refusal of `message` means for later ones. Belongs in the caller's transaction.

    A dead address is not tried again. Somebody who opted out at the provider has stopped all messages, as if they had
    texted STOP; nothing is confirmed, since nothing would arrive. A stop of before their last START is none: `said_at`
    is when they said so (UTC), or else when the message was offered. `message.journey.patient` should be loaded.
    """
    consequence = REFUSALS[what]
    patient = message.journey.patient
    how = BY_EMAIL if message.channel == ContactKind.EMAIL else AT_THE_PROVIDER
    if consequence.is_stop and message.recipient == Recipient.CAREGIVER:
        for caregiver in Caregiver.objects.filter(patient=patient, phone=message.address):
            stop_caregiver_copies(caregiver=caregiver, how=how, now=now)
    elif consequence.is_stop and has_started_since(patient, said_at or message.offered_at or message.created_at):
        return
    elif consequence.is_stop:
        stop_texts(patient=patient, how=how, by=None, now=now)
    elif consequence.address_is_dead and message.recipient == Recipient.PATIENT:
        field = "email" if message.channel == ContactKind.EMAIL else "phone"
        ContactPoint.objects.filter(
            patient=patient, kind=message.channel, undeliverable_at=None, **{field: message.address}
        ).update(undeliverable_at=now, undeliverable_reason=what.value)


def has_started_since(patient: Patient, at: datetime) -> bool:
    """Whether the patient has asked for messages again after `at` (UTC)."""
    return JourneyEvent.objects.filter(journey__patient=patient, kind="messages-resumed", at__gt=at).exists()


def trust_again(*, patient: Patient, kind: str, address: str) -> None:
    """Use an address again that was given up: something has arrived there, or came from it."""
    field = "email" if kind == ContactKind.EMAIL else "phone"
    given_up = ContactPoint.objects.filter(patient=patient, kind=kind, undeliverable_at__isnull=False)
    given_up.filter(**{field: address}).update(undeliverable_at=None, undeliverable_reason="")
