"""Which channel carries a clinic's messages of one kind: by its accounts, or else the outbox.

A channel is found per clinic, since credentials and sender are a clinic's own; clinics without an account of their own
share one.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.channels.accounts import KINDS, Account, Gap, accounts_and_gaps, kinds_of, not_importable
from notifications.channels.base import Channel

logger = logging.getLogger(__name__)

OUTBOX = "notifications.channels.outbox.OutboxChannel"
UNUSABLE = "notifications.channels.unusable.UnusableChannel"

# By name, since the classes read the database's models, and the system checks import this package before there are any.
CLASSES = {
    "sms": "notifications.channels.sms.SmsChannel",
    "voice": "notifications.channels.voice.VoiceChannel",
    "email": "notifications.channels.email.EmailChannel",
}


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


class Kept:
    """The channels of this process, each as long as its account is unchanged: they hold open connections."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.channels: dict[str | Account | Gap, Channel] = {}

    def routes(self, found: list[Account | Gap]) -> Routes:
        """The routes that these accounts and the settings make."""
        with self.lock:
            before, self.channels = self.channels, {}
            named = {kind: self.channel(path, before) for kind, path in settings.CHANNELS.items()}
            shared: dict[str, Channel] = {}
            own: dict[int, dict[str, Channel]] = {}
            for one in found:
                for kind in set(kinds_of(one)) - set(named):
                    theirs = shared if one.clinic_id is None else own.setdefault(one.clinic_id, {})
                    if kind not in theirs or isinstance(one, Gap):
                        theirs[kind] = self.channel(one, before)
            if not found:
                shared = {kind: self.channel(OUTBOX, before) for kind in KINDS}
        return Routes({**shared, **named}, own)

    def channel(self, what: str | Account | Gap, before: Mapping[str | Account | Gap, Channel]) -> Channel:
        """The channel for a Python path, an account or a gap: the one there was, or a new one."""
        if what not in self.channels:
            self.channels[what] = before.get(what) or make_channel(what)
        return self.channels[what]


def make_channel(what: str | Account | Gap) -> Channel:
    """A new channel. An account whose email backend does not exist makes an unusable one."""
    channel: Channel
    if isinstance(what, str):
        channel = import_string(what)()
        return channel
    if isinstance(what, Account):
        try:
            channel = import_string(CLASSES[what.kind])(what)
        except ImportError:
            where = f"{what.account} (MILEPOST_EMAIL_BACKEND, or the clinic's account in the back office)"
            return make_channel(not_importable(what, where=where))
        return channel
    logger.error("nothing goes out by %s: %s %s. %s", ", ".join(what.kinds), what.where, what.fault, what.mend)
    channel = import_string(UNUSABLE)(what)
    return channel


KEPT = Kept()


def configured_routes() -> Routes:
    """The routes as they are configured at this moment; one query, and channels made earlier are used again.

    With nothing configured the outbox carries everything. Once there is any account, a kind of contact without one has
    no channel: what the outbox catches would pass for sent. A class that the settings name wins over every account.
    """
    return KEPT.routes(accounts_and_gaps())
