"""Whose messages the link in an email stops."""

from dataclasses import dataclass

from notifications.models import Message, Recipient
from notifications.queries.senders import Writer, current_journeys
from notifications.stop_links import message_id_in
from patients.models import Caregiver


@dataclass(frozen=True, slots=True)
class StopPage:
    """The email that a link stands in, and who its reader is now; None when that person helps nobody any more."""

    email: Message
    reader: Writer | None

    @property
    def is_for_caregiver(self) -> bool:
        return self.email.recipient == Recipient.CAREGIVER

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is sent to the reader any more."""
        if self.reader is None:
            return True
        return (self.reader.caregiver or self.reader.patient).stopped_at is not None


def stop_page(token: str) -> StopPage | None:
    """The page behind a link; None for a token that is not ours, or whose message is gone.

    A stop is for the one person whom the email was about, as it says: others who read the same mailbox have links of
    their own. A caregiver who was agreed to after the email went out is not the one whom it was for.
    """
    message_id = message_id_in(token)
    sent = Message.objects.filter(pk=message_id, incoming=False) if message_id else Message.objects.none()
    email = sent.select_related("journey__clinic").first()
    if email is None:
        return None
    journey = current_journeys([email.journey.patient_id])[email.journey.patient_id]
    if email.recipient == Recipient.PATIENT:
        return StopPage(email, Writer(journey))
    caregiver = Caregiver.objects.filter(patient=journey.patient, consented_at__lte=email.created_at).first()
    return StopPage(email, Writer(journey, caregiver) if caregiver else None)
