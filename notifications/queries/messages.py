"""The messages of one journey, by the reminder they were made for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifications.models import Message, MessageState
from notifications.rendering import LINK_MARK, render
from pathway.models import Journey, Reminder
from pathway.queries.timeline import firm_milestones, waits_for_booking
from pathway.states import REMINDER_PENDING
from pathway.wording import WordingError
from patients.models import ContactKind

CHANNEL_WORDS = {"sms": "Text", "voice": "Call", "email": "Email"}
WAYS = {"sms": "by text", "voice": "by phone", "email": "by email"}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as it went out. `state` is in words; `sent` is the provider's word, `delivered` the phone's.

    `way` is how it went: "by phone".
    """

    at: datetime
    channel: str
    address: str
    subject: str
    body: str
    state: str
    failed: bool
    way: str


def messages_by_reminder(journey: Journey) -> Mapping[int | None, list[MessageRow]]:
    """Reminder id to its messages by time; None for those without a reminder."""
    found: dict[int | None, list[MessageRow]] = defaultdict(list)
    for message in Message.objects.filter(journey=journey).order_by("created_at", "id"):
        found[message.reminder_id].append(message_row(message))
    return found


def message_row(message: Message) -> MessageRow:
    """One message in the words of the pages."""
    return MessageRow(
        at=message.sent_at or message.created_at,
        channel=CHANNEL_WORDS.get(message.channel, message.channel),
        address=message.address,
        subject=message.subject,
        body=message.body,
        state=message.get_state_display(),
        failed=message.state in {MessageState.FAILED, MessageState.UNKNOWN},
        way=WAYS.get(message.channel, ""),
    )


def previews(journey: Journey) -> Mapping[int, str]:
    """Reminder id to the words it would say if it went out now; without the link, which is made when it is sent.

    None for a text about a visit that nobody has booked: its time is only our own expectation.
    """
    firm = firm_milestones(journey)
    found: dict[int, str] = {}
    pending = [state.value for state in REMINDER_PENDING]
    for row in Reminder.objects.filter(journey=journey, state__in=pending):
        if waits_for_booking(row, firm):
            continue
        row.journey = journey
        try:
            words = render(row, kind=ContactKind.SMS)
        except WordingError:
            continue  # a value is missing: the dispatcher will say so, the page shows no guess
        found[row.pk] = words.body.replace(LINK_MARK, "[link]")
    return found


def clinic_of_message(message_id: UUID) -> int | None:
    """The clinic that sent a message of ours; None when there is no such message."""
    sent = Message.objects.filter(pk=message_id, incoming=False)
    return sent.values_list("journey__clinic_id", flat=True).first()


def texts_sent_to(address: str, *, about: Collection[int], since: datetime) -> list[str]:
    """The words of our texts to this number (E.164) about these patients since then (UTC), whatever became of them."""
    sent = Message.objects.filter(journey__patient__in=about, incoming=False, channel=ContactKind.SMS)
    return list(sent.filter(address=address, created_at__gte=since).values_list("body", flat=True).distinct())
