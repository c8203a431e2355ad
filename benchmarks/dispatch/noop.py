"""A provider that costs nothing: what is measured through it is ours alone."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

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


class NoopChannel(Channel):
    """Takes everything at once and keeps nothing. As a real provider does, it has a name and a moment for each message.

    The moment is by its own clock: what is measured through it need not believe ours.
    """

    honours_reference = True

    def send(self, envelope: Envelope) -> Receipt:
        """Take one message."""
        return Receipt(datetime.now(UTC), provider_reference=f"noop-{envelope.reference.hex}")

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """It remembers nothing."""
        return LookUp.UNSUPPORTED

    def send_many(self, envelopes: Sequence[Envelope], *, may_offer: Callable[[Envelope], bool]) -> list[Answer]:
        """Take them all, in this thread: there is nothing to wait for."""
        return [self.send(one) if may_offer(one) else NotOffered(TURN_CAME_TOO_LATE) for one in envelopes]
