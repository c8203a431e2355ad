"""Which channel carries a clinic's messages of one kind. `settings.CHANNELS` names the class where a clinic has no own.

A channel is found per clinic, since credentials and sender are a clinic's own; clinics without an account of their own
share one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.channels.accounts import KINDS
from notifications.channels.base import Channel

OUTBOX = "notifications.channels.outbox.OutboxChannel"


@dataclass(frozen=True)
class Routes:
    """`shared`: kind of contact ("sms", "voice", "email") to channel; `own`: clinic id to the same, where it differs.

    Looking a channel up costs nothing; who builds the routes has read all accounts.
    """

    shared: Mapping[str, Channel]
    own: Mapping[int, Mapping[str, Channel]] = field(default_factory=dict)

    def channel(self, kind: str, clinic_id: int) -> Channel | None:
        """What carries this clinic's messages of one kind; None when nothing does."""
        return self.own.get(clinic_id, {}).get(kind) or self.shared.get(kind)

    def kinds(self, clinic_id: int) -> frozenset[str]:
        """The kinds of contact that a channel of this clinic exists for."""
        return frozenset(self.shared) | frozenset(self.own.get(clinic_id, {}))

    def __iter__(self) -> Iterator[Channel]:
        """Every channel once."""
        seen: set[int] = set()
        for channel in (*self.shared.values(), *(one for own in self.own.values() for one in own.values())):
            if id(channel) not in seen:
                seen.add(id(channel))
                yield channel


def configured_routes() -> Routes:
    """The routes that the settings name, one channel for each class; the outbox for every other kind."""
    made: dict[str, Channel] = {}
    paths = {kind: settings.CHANNELS.get(kind, OUTBOX) for kind in KINDS}
    for path in paths.values():
        if path not in made:
            made[path] = import_string(path)()
    return Routes({kind: made[path] for kind, path in paths.items()})
