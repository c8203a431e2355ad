"""What must be true in the end. Every check names the rows that break it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import F, Q, QuerySet

from notifications.models import Message, OutboxEntry
from pathway.models import Reminder, WorkItem
from tests.chaos import witness

SHOWN = 5
"""How many rows a violation names."""

TAKEN = ("sent", "machine", "delivered")
NOT_SENT = ("missed", "failed")
ABOUT_A_MESSAGE = ("missed-message", "failed-message", "unproven-message", "call-instead", "promised-call")
"""Kinds of work items from which a person learns what was not sent, or may not have arrived."""


@dataclass(frozen=True)
class Acceptance:
    """A message that somebody outside took: the simulated provider, or the outbox for kinds without an account."""

    reference: UUID
    at: datetime


def acceptances(ledger: Path) -> list[Acceptance]:
    """Everything that was taken, as the taker wrote it down."""
    lines = [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []
    texts = [Acceptance(UUID(line["reference"]), datetime.fromisoformat(line["at"])) for line in lines]
    caught = OutboxEntry.objects.values_list("reference", "accepted_at")
    return texts + [Acceptance(reference, at) for reference, at in caught]


def arrived(taken: list[Acceptance]) -> list[Acceptance]:
    """Those that the carrier did not report as undelivered afterwards: what those said another way says again."""
    failed = set(Message.objects.filter(incoming=False, state="failed").values_list("pk", flat=True))
    return [one for one in taken if one.reference not in failed]


def unsettled(now: datetime) -> QuerySet[Reminder]:
    """Reminders whose end is still to come: due and not sent, claimed, or not yet known whether they arrived."""
    open_question = Q(state="unknown", run_at__lt=F("useful_until"))
    return Reminder.objects.filter(Q(state="planned", send_at__lte=now) | Q(state="claimed") | open_question)


def violations(ledger: Path, *, now: datetime) -> Iterator[str]:
    """Everything that happened and never must; nothing when all is well."""
    taken = acceptances(ledger)
    yield from told("not settled", [f"{one} run_at {one.run_at}: {one.reason}" for one in unsettled(now)])
    yield from told("sent under an old plan", [str(row) for row in witness.started_under_an_old_plan()])
    yield from doubles(taken)
    yield from lost_or_invented(taken)
    yield from at_the_wrong_time(taken)
    yield from in_silence()


def doubles(taken: list[Acceptance]) -> Iterator[str]:
    """A message that was taken more than once, or a reminder by more than one message that may have arrived."""
    of_message = Counter(one.reference for one in taken)
    yield from told("message taken more than once", [f"{ref} {n}×" for ref, n in of_message.items() if n > 1])
    owners = owners_of(taken)
    of_reminder = Counter(owners[one.reference] for one in arrived(taken) if one.reference in owners)
    yield from told("reminder taken more than once", [f"reminder {pk} {n}×" for pk, n in of_reminder.items() if n > 1])


def lost_or_invented(taken: list[Acceptance]) -> Iterator[str]:
    """Where our rows and the takers' do not say the same.

    Where look-ups failed for as long as it mattered, a reminder stays unknown: a person was told (see `in_silence`).
    """
    owners = owners_of(taken)
    strangers = [str(one.reference) for one in taken if one.reference not in owners]
    yield from told("taken, and not a message of ours", strangers)
    references = {one.reference for one in taken}
    said = Message.objects.filter(incoming=False, state__in=TAKEN).values_list("pk", flat=True)
    yield from told("a message said to be sent, and nobody took it", [str(pk) for pk in said if pk not in references])
    took = set(owners.values())
    sent = Reminder.objects.filter(state__in=TAKEN).values_list("pk", flat=True)
    yield from told("a reminder said to be sent, and nobody took it", [str(pk) for pk in sent if pk not in took])
    may_be_read = {owners[one.reference] for one in arrived(taken) if one.reference in owners}
    ended = dict(
        Reminder.objects.filter(pk__in=may_be_read).exclude(state__in=(*TAKEN, "unknown")).values_list("pk", "state")
    )
    yield from told("taken, and we do not know it", [f"reminder {pk} is {state}" for pk, state in ended.items()])


def at_the_wrong_time(taken: list[Acceptance]) -> Iterator[str]:
    """Taken before its moment, or when it was of no use any more, by the taker's clock."""
    owners = owners_of(taken)
    times = {pk: (a, z) for pk, a, z in Reminder.objects.values_list("pk", "send_at", "useful_until")}
    early, late = [], []
    for one in taken:
        if one.reference not in owners:
            continue
        send_at, useful_until = times[owners[one.reference]]
        if one.at < send_at:
            early.append(f"reminder {owners[one.reference]}: {(send_at - one.at).total_seconds():.3f} s early")
        if one.at >= useful_until:
            late.append(f"reminder {owners[one.reference]}: {(one.at - useful_until).total_seconds():.3f} s late")
    yield from told("taken before its time", early)
    yield from told("taken after its usefulness", late)


def in_silence() -> Iterator[str]:
    """What was not sent, or may not have arrived, and no work item of its journey says so.

    What a correction has replaced needs none: the correction says what is right, and has an end of its own.
    """
    items: dict[int, set[str]] = defaultdict(set)
    about_messages = WorkItem.objects.filter(kind__in=ABOUT_A_MESSAGE)
    for journey_id, kind in about_messages.values_list("journey_id", "kind"):
        items[journey_id].add(kind)
    unproven = Q(state="unknown", run_at__gte=F("useful_until"))
    unsent = Reminder.objects.filter(Q(state__in=NOT_SENT) | unproven, superseded_by=None)
    ends = unsent.values_list("pk", "journey_id", "state", "reason")
    yield from told(
        "nobody was told",
        [f"reminder {pk} is {state}: {why}" for pk, journey, state, why in ends if not items[journey]],
    )


def owners_of(taken: list[Acceptance]) -> Mapping[UUID, int]:
    """The reminder behind each message that was taken."""
    wanted = {one.reference for one in taken}
    pairs = Message.objects.filter(incoming=False, reminder__isnull=False).values_list("pk", "reminder_id")
    return {pk: reminder_id for pk, reminder_id in pairs if pk in wanted}


def told(what: str, rows: list[str]) -> Iterator[str]:
    """One line for one kind of violation, if there are any."""
    if rows:
        more = f", and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        yield f"{len(rows)} × {what}: {'; '.join(rows[:SHOWN])}{more}"
