"""What the re-check of a group needs beside the facts of each row, read only where a row asks for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from notifications.channels import Routes
from notifications.dispatcher.due import Due
from notifications.dispatcher.recheck import Recheck
from notifications.models import Message
from notifications.queries.answered import answered_messages
from pathway.models import MedicationHold, Origin
from pathway.states import HOLD_SIGNED


def recheck_for(rows: Sequence[Due], *, routes: Routes, now: datetime) -> Recheck:
    """The re-check of these rows; most groups need no statement for it."""
    journeys = {due.journey_id for due in rows}

    @cache
    def signed() -> Mapping[int, Sequence[str]]:
        return signed_drugs(journeys)

    return Recheck(
        now=now,
        routes=routes,
        told=messages_of([due.pk for due in rows if due.tries]),
        signed=lambda journey_id: signed().get(journey_id, ()),
        asked=addresses_asked(rows),
        wrote=who_wrote(rows),
    )


def messages_of(reminder_ids: Sequence[int]) -> Mapping[int, Sequence[Message]]:
    """The outgoing messages of reminders that were offered before, newest first, locked.

    The worker that had a row before us may still write down its provider's answer: one that is being written now is
    waited for.
    """
    found: dict[int, list[Message]] = defaultdict(list)
    if reminder_ids:
        told = Message.objects.select_for_update().filter(reminder_id__in=reminder_ids, incoming=False).order_by("id")
        for message in sorted(told, key=lambda one: (one.created_at, one.pk), reverse=True):
            if message.reminder_id is not None:
                found[message.reminder_id].append(message)
    return found


def signed_drugs(journey_ids: set[int]) -> Mapping[int, Sequence[str]]:
    """The drugs whose hold a prescriber stands behind, by journey."""
    found: dict[int, list[str]] = defaultdict(list)
    signed = MedicationHold.objects.filter(journey__in=journey_ids, state__in=HOLD_SIGNED, signed_at__isnull=False)
    for journey_id, drug in signed.values_list("journey_id", "drug"):
        found[journey_id].append(drug)
    return found


def addresses_asked(rows: Sequence[Due]) -> Mapping[int, frozenset[tuple[str, str]]]:
    """Where the originals of what is asked again were sent, by the row that asks again."""
    originals = {due.follows_id: due.pk for due in rows if due.origin == Origin.AGAIN and due.follows_id}
    if not originals:
        return {}
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    told = Message.objects.filter(reminder_id__in=originals, incoming=False)
    for reminder_id, channel, to in told.values_list("reminder_id", "channel", "address"):
        found[originals[reminder_id]].add((channel, to))
    return {pk: frozenset(addresses) for pk, addresses in found.items()}


def who_wrote(rows: Sequence[Due]) -> Mapping[int, Message]:
    """The message that came in, by the row that answers it."""
    keys = {due.pk: due.key for due in rows if due.origin == Origin.ANSWER}
    return answered_messages(keys) if keys else {}
