"""Which message a row of origin `answer` answers: it names the address and the language."""

from collections.abc import Iterable
from uuid import UUID

from notifications.models import Message
from pathway.models import Origin, Reminder


def answered_messages(reminders: Iterable[Reminder]) -> dict[int, Message]:
    """Reminder id to the incoming message that it answers; rows of another origin are left out. One query."""
    ids = {row.pk: UUID(row.key.removeprefix("answer/")) for row in reminders if row.origin == Origin.ANSWER}
    messages = Message.objects.in_bulk(set(ids.values())) if ids else {}
    return {pk: messages[message_id] for pk, message_id in ids.items() if message_id in messages}
