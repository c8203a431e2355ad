"""A provider that costs nothing: what is measured through it is ours alone."""

from collections.abc import Callable, Sequence

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
    """Takes everything at once and keeps nothing. As a real provider does, it names each message differently."""

    honours_reference = True

    def send(self, envelope: Envelope) -> Receipt:
        """Take one message."""
        return Receipt(envelope.offered_at, provider_reference=f"noop-{envelope.reference.hex}")

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """It remembers nothing."""
        return LookUp.UNSUPPORTED

    def send_many(self, envelopes: Sequence[Envelope], *, may_offer: Callable[[Envelope], bool]) -> list[Answer]:
        """Take them all, in this thread: there is nothing to wait for."""
        return [self.send(one) if may_offer(one) else NotOffered(TURN_CAME_TOO_LATE) for one in envelopes]
