"""The channel that catches everything: it stands in for a provider until one is configured."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from notifications.channels.base import (
    TURN_CAME_TOO_LATE,
    Answer,
    Channel,
    Envelope,
    LookUp,
    NotOffered,
    Receipt,
    Sought,
)
from notifications.models import OutboxEntry


class OutboxChannel(Channel):
    """Keeps each message as an `OutboxEntry`, once per reference, in a transaction of its own.

    Its commit is separate from the dispatcher's, as a real provider's would be (`durable` refuses anything else): a
    worker that dies between sending and recording leaves the entry behind, and the look-up finds it.
    """

    honours_reference = True

    def send(self, envelope: Envelope) -> Receipt:
        """Keep the message, or count one more offer of the same reference."""
        return self._keep([envelope])[envelope.reference]

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """The receipt of a kept message, or `None`."""
        entry = OutboxEntry.objects.filter(reference=sought.reference).only("accepted_at").first()
        return Receipt(entry.accepted_at) if entry else None

    def send_many(self, envelopes: Sequence[Envelope], *, may_offer: Callable[[Envelope], bool]) -> list[Answer]:
        """Keep them all in one transaction: a disk flush per message would be the slowest part of a large group."""
        offered = [envelope for envelope in envelopes if may_offer(envelope)]
        receipts = self._keep(offered) if offered else {}
        return [receipts.get(envelope.reference) or NotOffered(TURN_CAME_TOO_LATE) for envelope in envelopes]

    def _keep(self, envelopes: Sequence[Envelope]) -> dict[UUID, Receipt]:
        references = [envelope.reference for envelope in envelopes]
        with transaction.atomic(durable=True):
            kept = OutboxEntry.objects.filter(reference__in=references)
            receipts = {entry.reference: Receipt(entry.accepted_at) for entry in kept}
            if receipts:
                kept.update(times_offered=F("times_offered") + 1)
            OutboxEntry.objects.bulk_create(
                [
                    OutboxEntry(
                        reference=envelope.reference,
                        address=envelope.address,
                        channel=envelope.channel,
                        subject=envelope.subject,
                        body=envelope.body,
                        accepted_at=envelope.offered_at,
                    )
                    for envelope in envelopes
                    if envelope.reference not in receipts
                ],
                ignore_conflicts=True,
            )
        return {envelope.reference: Receipt(envelope.offered_at) for envelope in envelopes} | receipts
