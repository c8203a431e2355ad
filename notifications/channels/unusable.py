"""The channel of an account that is set in part: nothing goes out, and nothing is pretended."""

from notifications.channels.accounts import Gap
from notifications.channels.base import Channel, ChannelError, Envelope, LookUp, NoAnswer, Receipt, Refusal, Sought


class UnusableChannel(Channel):
    """Refuses everything for now, so that it goes out once the account is mended, or is missed before a person's eyes.

    The outbox in its place would look like sending.
    """

    def __init__(self, gap: Gap) -> None:
        self.gap = gap

    def send(self, envelope: Envelope) -> Receipt:
        raise ChannelError(code="not-configured", message=Refusal.ACCOUNT.value, what=Refusal.ACCOUNT)

    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        raise NoAnswer("no account to ask with")
