"""What every channel promises the dispatcher. A new channel is one small class in a file of its own.

A channel hands one envelope to one provider, and says plainly what became of it:

    it returns a Receipt        the provider took it
    it raises ChannelError      the provider refused it, for good (`permanent`) or for now
    it raises NoAnswer          nobody knows: a timeout, a broken connection, an answer nobody can read

It is called without a database transaction, gives up by itself within ten seconds, and never reads the clock. It logs
neither address nor words.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from time import monotonic
from uuid import UUID

from notifications.metrics.counters import observe_answer_time


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message for one address. `reference` is our id, the same for every try; instants are UTC.

    `useful_until` is for providers that take a validity period: what is left of the message's usefulness. `language` is
    the words', for channels that speak them. `answers` names the set of answers that they ask for, if any.
    `unsubscribe` is the address where one click stops the messages, for channels that can carry one.
    """

    reference: UUID
    channel: str
    address: str
    subject: str
    body: str
    offered_at: datetime
    useful_until: datetime
    language: str = "en"
    answers: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's word that it took the message, when (UTC), and its own name for it if it gave one."""

    accepted_at: datetime
    provider_reference: str = ""


class Refusal(Enum):
    """Why a provider would not take a message, or could not deliver it. `REFUSALS` says what follows from each."""

    OTHER = "refused"
    OPTED_OUT = "opted out at the provider"
    NOT_FOR_TEXTS = "a number that takes no texts"
    NO_SUCH_ADDRESS = "no such number or address"
    UNREACHABLE = "cannot be reached at the moment"
    BLOCKED = "blocked by the person or their carrier"
    FILTERED = "filtered by the carrier for its words"
    RATE_LIMITED = "too many at once"
    ACCOUNT = "our account may not send"
    DOWN = "the provider is down"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a refusal: whether the same message may be taken later, and what it says of the address.

    `address_is_dead`: no message of this kind will ever arrive there. `is_stop`: the person wants no more messages.
    """

    permanent: bool
    address_is_dead: bool = False
    is_stop: bool = False


REFUSALS: dict[Refusal, Consequence] = {
    Refusal.OTHER: Consequence(permanent=True),
    Refusal.OPTED_OUT: Consequence(permanent=True, is_stop=True),
    Refusal.NOT_FOR_TEXTS: Consequence(permanent=True, address_is_dead=True),
    Refusal.NO_SUCH_ADDRESS: Consequence(permanent=True, address_is_dead=True),
    Refusal.UNREACHABLE: Consequence(permanent=True),  # a phone that is off: the next way now, this one next time
    Refusal.BLOCKED: Consequence(permanent=True, address_is_dead=True),
    Refusal.FILTERED: Consequence(permanent=True),  # the words are at fault, not the address
    Refusal.RATE_LIMITED: Consequence(permanent=False),
    Refusal.ACCOUNT: Consequence(permanent=False),  # mended by the clinic, and no reason to give up a patient's number
    Refusal.DOWN: Consequence(permanent=False),
}


class ChannelError(Exception):
    """The provider refused. `permanent`: the same message to this address will not be taken.

    `what` decides about `permanent` where that is not given. `retry_after`: the provider's own word on when to come
    back. `code` is the provider's; neither address nor words belong into `message`.
    """

    def __init__(
        self,
        *,
        code: str,
        message: str,
        permanent: bool | None = None,
        what: Refusal = Refusal.OTHER,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.permanent = REFUSALS[what].permanent if permanent is None else permanent
        self.code = code
        self.what = what
        self.retry_after = retry_after


class NoAnswer(Exception):
    """Whether the provider took the message is not known; only evidence can settle it."""


class NotOffered(Exception):
    """Certain not to have reached the provider: the time to hand it over ran out first."""


TURN_CAME_TOO_LATE = "the time to send this message was over before its turn came"


@dataclass(frozen=True, slots=True)
class Sought:
    """A message that was offered without an answer: what a provider may know it by.

    `offered_since` (UTC) is when it was first offered; `reference` is what the provider was given as our name for it.
    """

    reference: UUID
    address: str
    body: str
    offered_since: datetime


class LookUp(Enum):
    """What a look-up may answer besides a receipt or `None` ("never taken")."""

    UNSUPPORTED = "this provider cannot be asked"


Answer = Receipt | ChannelError | NoAnswer | NotOffered
"""How one offer ended, as a value."""


class Channel(ABC):
    """One way to a patient. `honours_reference`: offering a reference twice can never make two messages."""

    honours_reference: bool = False
    concurrency: int = 1
    """How many messages may be on their way to the provider at once; 1 is one after the other."""

    longest_offer: timedelta = timedelta(0)
    """How long an offer may take before the provider has it: none begins later than this before it is of no use."""

    account: str = ""
    """Whose limits count: channels of one account share one rate. Never a secret; it is logged and stored."""

    per_second: float | None = None
    """How many messages a second the account may be handed, over all processes; None: as many as there are."""

    @abstractmethod
    def send(self, envelope: Envelope) -> Receipt:
        """Hand one message over. Raises `ChannelError` or `NoAnswer`."""

    @abstractmethod
    def look_up(self, sought: Sought) -> Receipt | None | LookUp:
        """What the provider knows of a message: its receipt, `None` (never taken), or that it cannot be asked.

        Raises `NoAnswer` when the provider cannot be reached.
        """

    def send_many(self, envelopes: Sequence[Envelope], *, may_offer: Callable[[Envelope], bool]) -> list[Answer]:
        """Offer each envelope through `send`, in order, `concurrency` at a time; one answer for each.

        `may_offer` is asked about each envelope just before its offer; one that it says no to comes back as
        `NotOffered`. A subclass with a faster way to hand over many overrides this and keeps `send` for one.
        """

        def offer(envelope: Envelope) -> Answer:
            if not may_offer(envelope):
                return NotOffered(TURN_CAME_TOO_LATE)
            return answer_of(self, envelope)

        if self.concurrency <= 1 or len(envelopes) <= 1:
            return [offer(envelope) for envelope in envelopes]
        with ThreadPoolExecutor(max_workers=self.concurrency, thread_name_prefix="channel") as pool:
            return list(pool.map(offer, envelopes))


def answer_of(channel: Channel, envelope: Envelope) -> Answer:
    """Offer one envelope, with every way it may end as a value.

    An exception nobody foresaw counts as no answer: the provider may have taken the message before it was raised.
    Only the exception's kind is kept, since its words could hold the patient's.
    """
    asked_at = monotonic()
    try:
        return channel.send(envelope)
    except (ChannelError, NoAnswer, NotOffered) as answer:
        return answer
    except Exception as unforeseen:
        return NoAnswer(f"unforeseen {type(unforeseen).__name__}")
    finally:
        observe_answer_time(envelope.channel, monotonic() - asked_at)
