"""All that decides about a reminder when it is due, loaded for a whole batch in a constant number of queries."""

from django.db.models import Prefetch, QuerySet

from notifications.models import Message, MessageState
from pathway.models import MedicationHold, Reminder
from pathway.planner.spec import Protocol, ReminderSpec
from pathway.queries.protocols import protocol_of
from pathway.states import HOLD_SIGNED
from patients.models import ContactPoint


def with_facts(reminders: QuerySet[Reminder]) -> list[Reminder]:
    """The reminders in order of due time, with journey, patient, clinic, contacts, consents, signed holds and messages.

    Prefetched under these names: `journey.milestones`, `journey.signed_holds`, `patient.ranked_contacts`,
    `patient.consents`, `reminder.told` (its outgoing messages, newest first).
    """
    signed = MedicationHold.objects.filter(state__in=HOLD_SIGNED, signed_at__isnull=False)
    ranked = ContactPoint.objects.order_by("rank", "id")
    told = Message.objects.filter(incoming=False).order_by("-created_at", "-id")
    return list(
        reminders.select_related("journey__patient__clinic")
        .prefetch_related(
            "journey__protocol_version",  # not joined: its source is long, and one row serves the whole batch
            "journey__milestones",
            "journey__patient__consents",
            Prefetch("journey__holds", queryset=signed, to_attr="signed_holds"),
            Prefetch("journey__patient__contacts", queryset=ranked, to_attr="ranked_contacts"),
            Prefetch("messages", queryset=told, to_attr="told"),
        )
        .order_by("run_at", "id")
    )


def protocol_behind(reminder: Reminder) -> Protocol:
    """The protocol version that the reminder's journey is pinned to."""
    return protocol_of(reminder.journey.protocol_version)


def spec_behind(reminder: Reminder) -> ReminderSpec | None:
    """What the protocol says about this reminder; `None` when its key is not in the protocol."""
    return protocol_behind(reminder).reminder(reminder.base_key)


def messages_of(reminder: Reminder) -> list[Message]:
    """Its outgoing messages, newest first, as `with_facts` loaded them."""
    return reminder.told  # type: ignore[attr-defined, no-any-return]


def usable_contacts(reminder: Reminder, kinds: frozenset[str]) -> list[ContactPoint]:
    """Contacts that may still be tried for this reminder, best first.

    `kinds` are those a channel exists for. Left out: opted out, undeliverable, or refused for good for this reminder.
    """
    refused = {(m.channel, m.address) for m in messages_of(reminder) if m.state == MessageState.FAILED}
    return [
        contact
        for contact in reminder.journey.patient.ranked_contacts  # type: ignore[attr-defined]
        if contact.kind in kinds
        and contact.opted_out_at is None
        and contact.undeliverable_at is None
        and (contact.kind, contact.address) not in refused
    ]
