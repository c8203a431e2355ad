"""Which message a row of origin `answer` answers: it names the address and the language."""

from collections.abc import Mapping
from uuid import UUID

from notifications.models import Message


def answered_messages(keys: Mapping[int, str]) -> dict[int, Message]:
    """Reminder id to the incoming message that it answers, from the keys of rows of that origin. One query."""
    ids = {pk: UUID(key.removeprefix("answer/")) for pk, key in keys.items()}
    messages = Message.objects.in_bulk(set(ids.values()))
    return {pk: messages[message_id] for pk, message_id in ids.items() if message_id in messages}
