"""What one round of the dispatcher has in its hands, between the start marker and the record."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from notifications.dispatcher.due import Due, Way
from notifications.models import MessageState
from notifications.rendering import Words

LEASE = timedelta(seconds=60)
"""How long a claim holds: long enough for a group to be sent; what a dead worker was sending waits no longer."""

UNSENT_STATES = frozenset({MessageState.SENDING, MessageState.UNKNOWN})
"""A message in one of these is offered again under its old reference, so that a provider can recognise it."""


@dataclass(slots=True)
class Outgoing:
    """One message that is about to be offered. `is_new` is false where an unsent one is offered again.

    `message_id` is our reference at the provider. The offer must begin before `until` (UTC). `other_ways` are those
    that may still be tried after this one; `recipient` says whose phone it is.
    """

    due: Due
    way: Way
    message_id: UUID
    words: Words
    body: str
    is_new: bool
    until: datetime
    other_ways: tuple[Way, ...]
    recipient: str


@dataclass(slots=True)
class Started:
    """What one round took: messages whose sending has begun, and how the other rows ended.

    `overtaken` are rows that wait with the plan before: they were not touched, and their journeys need planning anew.
    `ids` are all rows that were locked, in the order in which they were found; `oldest` is the earliest promise among
    them (UTC).
    The lease of `outgoing` holds until `leased_until` (UTC), under `token`.
    """

    token: UUID
    started_at: datetime
    outgoing: list[Outgoing] = field(default_factory=list)
    overtaken: list[Due] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    oldest: datetime | None = None
    sent: int = 0
    waiting: int = 0
    withdrawn: int = 0
    missed: int = 0

    @property
    def taken(self) -> int:
        return len(self.ids)

    @property
    def leased_until(self) -> datetime:
        return self.started_at + LEASE
