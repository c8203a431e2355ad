"""What an email provider tells of an email that it took, as Anymail reads it: a receipt, or a STOP."""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction

from notifications.actions.refusals import heed_refusal
from notifications.channels.base import Refusal
from notifications.channels.email import OUR_ID
from notifications.models import Message
from notifications.replies.receipts import apply_receipt
from patients.models import ContactKind

STOPS = (EventType.COMPLAINED, EventType.UNSUBSCRIBED)
"""Whoever reports an email as spam, or unsubscribes from one, wants no more messages, on any channel."""

WHY: Mapping[str, Refusal] = {
    EventType.BOUNCED: Refusal.NO_SUCH_ADDRESS,
    RejectReason.INVALID: Refusal.NO_SUCH_ADDRESS,
    RejectReason.BOUNCED: Refusal.NO_SUCH_ADDRESS,
    RejectReason.TIMED_OUT: Refusal.UNREACHABLE,
    RejectReason.BLOCKED: Refusal.FILTERED,
    RejectReason.SPAM: Refusal.OPTED_OUT,
    RejectReason.UNSUBSCRIBED: Refusal.OPTED_OUT,
}
"""Why an email did not arrive, by the event or the reason of a rejection; what is not here is `OTHER`.

An email that is delayed (also by a full mailbox, where the provider says so) is `deferred`, and no bounce.
"""

UUID_PATTERN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def take_event(event: AnymailTrackingEvent, *, clinic_id: int | None, now: datetime) -> bool:
    """Act on one event of the account of a clinic (None: the one they share); whether it changed anything.

    An event about a message that is no email, not that clinic's, or not ours at all changes nothing.
    """
    message = message_of(event)
    if message is None or (clinic_id is not None and message.journey.clinic_id != clinic_id):
        return False
    if event.event_type in STOPS:
        with transaction.atomic():
            heed_refusal(message=message, what=Refusal.OPTED_OUT, now=now, said_at=event.timestamp)
        return True
    reason = event.reject_reason if event.event_type == EventType.REJECTED else event.event_type
    return apply_receipt(
        message_id=message.pk,
        status=event.event_type,
        code="" if reason == event.event_type else str(reason or ""),
        reference=str(event.message_id or ""),
        what=WHY.get(str(reason), Refusal.OTHER),
        now=now,
    )


def message_of(event: AnymailTrackingEvent) -> Message | None:
    """The email that an event is about: by our id, which the provider carries back, or else by its Message-ID."""
    named = str((event.metadata or {}).get(OUR_ID) or event.message_id or "")
    found = UUID_PATTERN.search(named.lower())
    if found is None:
        return None
    emails = Message.objects.filter(incoming=False, channel=ContactKind.EMAIL, reminder__isnull=False)
    return emails.select_related("journey__patient__clinic").filter(pk=UUID(found.group())).first()
