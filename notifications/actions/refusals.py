"""What a refusal says of an address: that it is dead, or that the person wants no more messages."""

from datetime import datetime

from notifications.channels.base import REFUSALS, Refusal
from notifications.models import Message, Recipient
from pathway.actions.opt_out import stop_caregiver_copies, stop_texts
from patients.models import Caregiver, ContactKind, ContactPoint

AT_THE_PROVIDER = "opted out at the phone company"
BY_EMAIL = "unsubscribed from an email, or reported it as spam"


def heed_refusal(*, message: Message, what: Refusal, now: datetime) -> None:
    """Remember what a provider's refusal of `message` means for later ones. Belongs in the caller's transaction.

    A dead address is not tried again. Somebody who opted out at the provider has stopped all messages, as if they had
    texted STOP; nothing is confirmed, since nothing would arrive. `message.journey.patient` should be loaded.
    """
    consequence = REFUSALS[what]
    patient = message.journey.patient
    how = BY_EMAIL if message.channel == ContactKind.EMAIL else AT_THE_PROVIDER
    if consequence.is_stop and message.recipient == Recipient.CAREGIVER:
        for caregiver in Caregiver.objects.filter(patient=patient, phone=message.address):
            stop_caregiver_copies(caregiver=caregiver, how=how, now=now)
    elif consequence.is_stop:
        stop_texts(patient=patient, how=how, by=None, now=now)
    elif consequence.address_is_dead and message.recipient == Recipient.PATIENT:
        field = "email" if message.channel == ContactKind.EMAIL else "phone"
        ContactPoint.objects.filter(
            patient=patient, kind=message.channel, undeliverable_at=None, **{field: message.address}
        ).update(undeliverable_at=now, undeliverable_reason=what.value)
