"""Is it still right to send this, now? Everything is asked again when a reminder is due, since a plan can be days old.

`verdict` decides from facts that `due` read and queries nothing. The order of the questions is the order in which a
nurse would ask them; the first "no" is the reason that staff read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from notifications.channels import Routes
from notifications.dispatcher.due import Due, Way, read_json
from notifications.models import Message, MessageState
from notifications.rendering import recipient_of
from pathway.models import Origin
from pathway.planner.clock import Window, sending_hours, to_utc
from pathway.planner.spec import Protocol, ReminderSpec
from pathway.queries.protocols import published_protocol
from pathway.states import JOURNEY_ENDED, JOURNEY_IN_HOSPITAL, JourneyState
from patients.models import ContactKind

ENDED = frozenset(state.value for state in JOURNEY_ENDED)
IN_HOSPITAL = frozenset(state.value for state in JOURNEY_IN_HOSPITAL)
CAREGIVER = 0
"""The `contact_id` of a caregiver's phone, which is no contact point of the patient."""


@dataclass(frozen=True, slots=True)
class Go:
    """Send it this way; the sending must start before `until` (UTC). `others` are the ways after this one."""

    way: Way
    until: datetime
    others: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Not at this hour: try again at `run_at` (UTC)."""

    run_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """One of its messages is proven to have been taken at `sent_at` (UTC)."""

    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """It has become wrong. `tell` says whether a person must know."""

    reason: str
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """The patient should have heard this and cannot by message: a person takes over, under this kind of work item."""

    reason: str
    kind: str = "missed-message"


Verdict = Go | Wait | AlreadySent | Withdraw | Miss

TOO_LATE = "It was no longer of use by the time it could be sent."


@dataclass(slots=True)
class Recheck:
    """What the re-check of one group goes by. `told`: reminder id to its outgoing messages, newest first.

    `signed`: journey id to the drugs whose hold a prescriber stands behind, asked for only where words speak of one.
    `asked`: reminder id to the addresses at which its original was sent. `wrote`: reminder id to what it answers.
    """

    now: datetime
    routes: Routes
    told: Mapping[int, Sequence[Message]]
    signed: Callable[[int], Sequence[str]]
    asked: Mapping[int, frozenset[tuple[str, str]]]
    wrote: Mapping[int, Message]
    hours: dict[tuple[str, str, time, time], "Hours"] = field(default_factory=dict)

    def verdict(self, due: Due) -> Verdict:
        """What to do with a due reminder."""
        told = self.told.get(due.pk, ())
        proven = [m.sent_at for m in told if m.sent_at and m.state != MessageState.FAILED]
        if proven:
            return AlreadySent(min(proven))
        if due.useful_until <= self.now:
            return Miss(TOO_LATE)
        obstacle = self.what_has_changed(due) or who_may_not_be_written_to(due)
        if obstacle is not None:
            return obstacle
        ways = self.ways(due, told)
        if not ways:
            return Miss("No phone number or address is left to which it could be sent.")
        if due.origin == Origin.ANSWER:  # the patient wrote a moment ago: whoever asks is answered at any hour
            return Go(ways[0], due.useful_until)
        channel = self.routes.channel(ways[0].kind, due.clinic_id)
        last_start = due.useful_until - (channel.longest_offer if channel else timedelta(0))
        if last_start <= self.now:
            return Miss(TOO_LATE)
        return self.at_this_hour(due, last_start, *ways)

    def what_has_changed(self, due: Due) -> Withdraw | Miss | None:
        """Whether the journey, its milestone, the signed hold or the reminder behind the words is gone."""
        if due.origin == Origin.ANSWER:
            return None
        if due.follows_superseded:
            return Withdraw("What it repeats has been corrected since.")
        if due.origin == Origin.AGAIN and due.is_answered:
            return Withdraw("What it asks has been answered since.")
        if due.journey_state in ENDED and not tells_a_cancellation(due):
            words = JourneyState(due.journey_state).value.replace("-", " ")
            return Withdraw(f"The journey has ended ({words}).")
        if due.journey_state in IN_HOSPITAL and speaks_of_a_hold(due) and not tells_a_cancellation(due):
            return Miss("The patient is still in hospital: ask the ward, and the prescriber, about the medicines.")
        if due.needs_booked and not due.is_booked:
            return Miss("Nobody has booked a time for it.", kind="book-visit")
        if speaks_of_a_hold(due) and not tells_a_cancellation(due) and not self.has_signed_hold(due):
            return Withdraw("No signed medicine plan stands behind it.", tell=True)
        return None

    def has_signed_hold(self, due: Due) -> bool:
        """Whether a hold that a prescriber signed and nobody declined stands behind it.

        Its key, or one that was merged into it, must be that of such a hold's drug: `medication-plan/ready/apixaban`.
        """
        signed = self.signed(due.journey_id)
        spec = spec_behind(due)
        if spec is None or not spec.for_each_hold:
            return bool(signed)
        own = [f"{spec.key}/{drug}" for drug in signed]
        keys = [due.base_key, *read_json(due.covers)]
        return any(key == mine or key.startswith(f"{mine}/") for key in keys for mine in own)

    def language_of(self, due: Due) -> str:
        """The language of whoever reads it."""
        if due.pk in self.wrote:
            return self.wrote[due.pk].language
        return due.caregiver.language if due.origin == Origin.COPY and due.caregiver else due.language

    def recipient_of(self, due: Due) -> str:
        """Whose phone it goes to."""
        return self.wrote[due.pk].recipient if due.pk in self.wrote else recipient_of(due.origin).value

    def ways(self, due: Due, told: Sequence[Message]) -> list[Way]:
        """The ways that may still be tried, best first: those a channel exists for, and not refused for good before.

        What is asked again goes another way than the first time.
        """
        kinds = self.routes.kinds(due.clinic_id)
        if due.origin == Origin.COPY:
            ways = [Way(CAREGIVER, ContactKind.SMS.value, due.caregiver.phone)] if due.caregiver else []
        elif due.origin == Origin.ANSWER:
            wrote = self.wrote.get(due.pk)
            ways = [Way(0, wrote.channel, wrote.address)] if wrote else []
        else:
            ways = list(due.ways)
        taken = {(m.channel, m.address) for m in told if m.state == MessageState.FAILED}
        if due.origin == Origin.AGAIN:
            taken |= self.asked.get(due.pk, frozenset())
        return [way for way in ways if way.kind in kinds and way.address and (way.kind, way.address) not in taken]

    def at_this_hour(self, due: Due, last_start: datetime, way: Way, *others: Way) -> Go | Wait | Miss:
        """Send inside the window, and by `last_start`. Outside it wait for the next window where the reminder may.

        Else a person takes over. The window is the narrower of the protocol's and the clinic's, on the patient's clock.
        """
        key = (due.protocol_digest, due.zone, due.window_opens, due.window_closes)
        hours = self.hours.get(key)
        if hours is None:
            hours = self.hours[key] = hours_at(self.now, due)
        if hours.closing is not None:
            return Go(way, min(last_start, hours.closing), others)
        if due.waits_for_window and hours.opening < due.useful_until:
            return Wait(hours.opening, "It waits for the sending hours.")
        return Miss("It was due outside the sending hours and could not wait for the next.")


@dataclass(frozen=True, slots=True)
class Hours:
    """The sending hours of one zone, clinic and protocol at one moment (UTC): until when, or from when again."""

    closing: datetime | None
    opening: datetime


def hours_at(now: datetime, due: Due) -> Hours:
    """When messages like this one may go out: `closing` is None while they may not."""
    tz = ZoneInfo(due.zone)
    opens, closes = sending_hours(protocol_behind(due), due.window_opens, due.window_closes)
    window = Window(opens, closes, timedelta(0), tz)
    if not window.is_open(now):
        return Hours(None, window.next_opening(now))
    return Hours(to_utc(datetime.combine(now.astimezone(tz).date(), closes), tz), now)


def who_may_not_be_written_to(due: Due) -> Withdraw | Miss | None:
    """Whether the patient stopped the messages, or never agreed to them. An answer is owed to whoever wrote."""
    if due.origin == Origin.ANSWER:
        return None
    if due.origin == Origin.COPY:
        allowed = due.caregiver is not None and due.caregiver.may_be_told and due.agreed and not due.has_stopped
        return None if allowed else Withdraw("The caregiver gets no copies.")
    if due.has_stopped:
        return Miss("The patient stopped the messages.")
    return None if due.agreed else Miss("The patient has not agreed to messages.")


def protocol_behind(due: Due) -> Protocol:
    """The protocol version that the reminder's journey is pinned to."""
    return published_protocol(due.protocol_version_id, due.protocol_digest)


def spec_behind(due: Due) -> ReminderSpec | None:
    """What the protocol says about this reminder; `None` when its key is not in the protocol."""
    return protocol_behind(due).reminder(due.base_key)


def tells_a_cancellation(due: Due) -> bool:
    """Whether it takes back what was told: owed also by an ended journey, and once a hold is no longer signed."""
    if due.base_key.endswith("/cancelled"):
        return True
    return any(due.text == spec.cancelled for step in protocol_behind(due).steps for spec in step.reminders)


def speaks_of_a_hold(due: Due) -> bool:
    """Whether its words belong to the medicine plan, by its key or by its text."""
    return words_of_a_hold(due.protocol_version_id, due.protocol_digest, due.base_key, due.text)


@lru_cache(maxsize=4096)
def words_of_a_hold(version_id: int, digest: str, base_key: str, text: str) -> bool:
    """The same for a published protocol, which never changes."""
    protocol = published_protocol(version_id, digest)
    own = protocol.reminder(base_key)
    if own is not None and own.for_each_hold:
        return True
    return any(text == spec.text for step in protocol.steps for spec in step.reminders if spec.for_each_hold)
