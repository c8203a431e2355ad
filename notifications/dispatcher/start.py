"""The line between "withdrawn in time" and "sent": one short transaction per group, before a provider is called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from notifications.dispatcher.changes import lock_ours
from notifications.dispatcher.claim import LEASE
from notifications.dispatcher.facts import messages_of
from notifications.dispatcher.prepare import UNSENT_STATES, Outgoing
from notifications.models import DeliveryAttempt, Message, MessageState
from pathway.models import Reminder
from pathway.states import ReminderState
from patients.models import ContactPoint


@dataclass(frozen=True, slots=True)
class Started:
    """A message whose sending has been started, with its attempt, and the moment (UTC) until which its lease holds."""

    outgoing: Outgoing
    attempt: DeliveryAttempt
    leased_until: datetime


Clock = Callable[[], datetime]
"""Says what time it is (aware, UTC)."""


def start(group: Sequence[Outgoing], *, token: UUID, clock: Clock) -> list[Started]:
    """Write down that these are about to be sent; only those returned may be, and in this order: that of `group`.

    Left out: rows that are no longer ours, whose plan changed since the claim, whose lease ran out, whose moment has
    passed, whose patient said stop since the re-check, or whose message was answered for since then. A cancellation or
    a stop that committed first wins; a cancellation that comes later finds `started_at` and corrects.
    """
    due = {one.reminder.pk: one for one in group}
    with transaction.atomic():
        ours = lock_ours(due, token=token, state=ReminderState.CLAIMED)
        now = clock()  # after the wait for the locks, which may have been long
        fresh = [pk for pk, version in ours.items() if version == due[pk].reminder.plan_version and due[pk].until > now]
        rows = Reminder.objects.filter(
            id__in=fresh, claim_token=token, started_at=None, claimed_until__gt=now, useful_until__gt=now
        )
        reachable = still_reachable([due[pk].contact.pk for pk in fresh], now=now)
        startable = set(rows.values_list("id", flat=True))
        outgoing = still_unsent([one for pk, one in due.items() if pk in startable and one.contact.pk in reachable])
        Reminder.objects.filter(id__in=[one.reminder.pk for one in outgoing]).update(
            started_at=now, claimed_until=now + LEASE
        )
        write_messages(outgoing)
        attempts = DeliveryAttempt.objects.bulk_create(
            DeliveryAttempt(message=one.message, claim_token=token, started_at=now) for one in outgoing
        )
    return [
        Started(outgoing=one, attempt=attempt, leased_until=now + LEASE)
        for one, attempt in zip(outgoing, attempts, strict=True)
    ]


def still_reachable(contact_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of the contacts that may be written to at this moment: an opt-out takes effect at once, also mid-batch."""
    agreed = Q(patient__consents__given_at__lte=now) & (
        Q(patient__consents__revoked_at=None) | Q(patient__consents__revoked_at__gt=now)
    )
    open_contacts = ContactPoint.objects.filter(
        agreed, id__in=contact_ids, opted_out_at=None, undeliverable_at=None, patient__stopped_at=None
    )
    return set(open_contacts.values_list("id", flat=True))


def still_unsent(outgoing: Sequence[Outgoing]) -> list[Outgoing]:
    """Those whose earlier messages are as unproven as at the re-check.

    The worker that had a row before us may still write down its provider's answer. A row that turns out to be sent, or
    whose message was refused for good, is left to the next claim, which re-checks it with that answer. The messages
    are locked, so an answer that is being written now is waited for.
    """
    told_before = [one.reminder.pk for one in outgoing if messages_of(one.reminder)]
    if not told_before:
        return list(outgoing)
    told = Message.objects.select_for_update().filter(reminder_id__in=told_before, incoming=False).order_by("id")
    sent, unsent = set(), set()
    for message in told:
        if message.sent_at is not None and message.state != MessageState.FAILED:
            sent.add(message.reminder_id)
        elif message.sent_at is None and message.state in UNSENT_STATES:
            unsent.add(message.pk)
    return [one for one in outgoing if one.reminder.pk not in sent and (one.is_new or one.message.pk in unsent)]


def write_messages(outgoing: Sequence[Outgoing]) -> None:
    """Insert the new messages; one that is offered again keeps its words and its reference."""
    Message.objects.bulk_create([one.message for one in outgoing if one.is_new])
    for one in outgoing:
        if not one.is_new:
            one.message.state = MessageState.SENDING
            Message.objects.filter(pk=one.message.pk, state__in=UNSENT_STATES, sent_at=None).update(
                state=MessageState.SENDING, plan_version=one.message.plan_version
            )
