"""Re-check a claimed batch and word what may go out. What may not go out gets its state and its reason here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from notifications.channels import Routes
from notifications.dispatcher.changes import Values, apply_changes, becoming, lock_ours, planned_again
from notifications.dispatcher.claim import Batch
from notifications.dispatcher.facts import messages_of, with_facts
from notifications.dispatcher.overtaken import is_overtaken, plan_again
from notifications.dispatcher.people import Unsent, close_messages, hand_to_people
from notifications.dispatcher.recheck import AlreadySent, Go, Miss, Verdict, Wait, Withdraw, verdict
from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from notifications.models import Message, MessageState
from notifications.rendering import Words, links_for, render
from pathway.models import Reminder
from pathway.states import ReminderState
from pathway.wording import WordingError, segments
from patients.models import ContactPoint

CLAIMED = ReminderState.CLAIMED
UNSENT_STATES = frozenset({MessageState.SENDING, MessageState.UNKNOWN})
"""A message in one of these is offered again under its old reference, so that a provider can recognise it."""

NOT_REPLANNED = "Its plan changed while it was being sent, and could not be made anew."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A worded message for one claimed reminder. `is_new` is false where an unsent message is offered again.

    Its sending must start before `until` (UTC), and only while `contact` may still be written to.
    """

    reminder: Reminder
    contact: ContactPoint
    message: Message
    is_new: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a re-check left: messages to send, and how many reminders got which end."""

    outgoing: Sequence[Outgoing]
    sent: int = 0
    waiting: int = 0
    withdrawn: int = 0
    missed: int = 0


def prepare(batch: Batch, *, now: datetime, routes: Routes) -> Prepared:
    """Decide about every row of a batch whose plan has not changed since the claim, and word those that go out."""
    rows = with_facts(Reminder.objects.filter(id__in=list(batch.versions), claim_token=batch.token, state=CLAIMED))
    rows = [row for row in rows if row.plan_version == batch.versions[row.pk]]
    overtaken = [row for row in rows if is_overtaken(row)]
    unplannable = plan_again(overtaken, now=now) if overtaken else set()
    rows = [row for row in rows if row not in overtaken or row.pk in unplannable]
    verdicts: dict[int, Verdict] = {}
    worded: list[tuple[Reminder, Go, Words]] = []
    for row in rows:
        end = Miss(NOT_REPLANNED) if row.pk in unplannable else decide(row, now=now, routes=routes)
        words = word(row, end) if isinstance(end, Go) else None
        if isinstance(end, Go) and isinstance(words, Words):
            worded.append((row, end, words))
        verdicts[row.pk] = words if isinstance(words, Miss) else end
    ends = apply_verdicts(rows, verdicts, batch=batch, now=now)
    return Prepared(
        outgoing=address(worded, now=now),
        sent=sum(isinstance(end, AlreadySent) for end in ends),
        waiting=sum(isinstance(end, Wait) for end in ends),
        withdrawn=sum(isinstance(end, Withdraw) for end in ends),
        missed=sum(isinstance(end, Miss) for end in ends),
    )


def decide(row: Reminder, *, now: datetime, routes: Routes) -> Verdict:
    """The verdict on one row. A row whose facts cannot be read is missed, so that the batch goes on without it."""
    try:
        return verdict(row, now=now, kinds=routes.kinds(row.clinic_id))
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception as error:
        kind = note_unfit(row.pk, at="re-checked", error=error)
        return Miss(f"What it needs to know cannot be read ({kind}).")


def word(row: Reminder, go: Go) -> Words | Miss:
    """The words of one row, or why it has none."""
    try:
        return render(row, kind=go.contact.kind)
    except NOT_THE_ROWS_FAULT:
        raise
    except WordingError as error:
        return Miss(f"It could not be worded: {error}"[:150])
    except Exception as error:
        kind = note_unfit(row.pk, at="worded", error=error)
        return Miss(f"It could not be worded ({kind}).")


def apply_verdicts(
    rows: Sequence[Reminder], verdicts: dict[int, Verdict], *, batch: Batch, now: datetime
) -> list[Verdict]:
    """Write every verdict but `Go` where the row is still as it was claimed; the verdicts that were written."""
    ended = {row.pk: row for row in rows if not isinstance(verdicts[row.pk], Go)}
    if not ended:
        return []
    with transaction.atomic():
        ours = lock_ours(ended, token=batch.token, state=CLAIMED)
        ended = {pk: row for pk, row in ended.items() if ours.get(pk) == batch.versions[pk]}
        apply_changes({pk: values_of(verdicts[pk]) for pk in ended}, token=batch.token, state=CLAIMED)
        unsent = [one for pk, row in ended.items() if (one := unsent_of(row, verdicts[pk])) is not None]
        hand_to_people(unsent, now=now)
        close_messages([one.reminder.pk for one in unsent])
    return [verdicts[pk] for pk in ended]


def values_of(end: Verdict) -> Values:
    """What a verdict makes of a claimed row."""
    match end:
        case AlreadySent(sent_at):
            return becoming(CLAIMED, ReminderState.SENT, sent_at=sent_at)
        case Wait(run_at, reason):
            return planned_again(CLAIMED, run_at=run_at, reason=reason)
        case Withdraw(reason=reason):
            return becoming(CLAIMED, ReminderState.WITHDRAWN, reason=reason)
        case Miss(reason=reason):
            return becoming(CLAIMED, ReminderState.MISSED, reason=reason)
    raise TypeError(f"{end!r} changes no row")


def unsent_of(row: Reminder, end: Verdict) -> Unsent | None:
    """What people must know of a verdict."""
    match end:
        case Withdraw(reason, tell):
            return Unsent(row, reason, tell=tell)
        case Miss(reason, kind):
            return Unsent(row, reason, kind=kind)
    return None


def address(worded: Sequence[tuple[Reminder, Go, Words]], *, now: datetime) -> list[Outgoing]:
    """Make the messages: an unsent one with the same words again, else a new one, with a link if its text has one."""
    again = {row.pk: unsent_message(row, go, words) for row, go, words in worded}
    linked = [row.journey for row, _, words in worded if words.needs_link and again[row.pk] is None]
    links = links_for(linked, now=now)
    outgoing = []
    for row, go, words in worded:
        message = again[row.pk]
        if message is not None:
            message.plan_version = row.plan_version
        body = words.with_link(links[row.journey_id]) if words.needs_link and message is None else words.body
        outgoing.append(
            Outgoing(
                reminder=row,
                contact=go.contact,
                message=message or new_message(row, go, words, body, now=now),
                is_new=message is None,
                until=go.until,
            )
        )
    return outgoing


def unsent_message(row: Reminder, go: Go, words: Words) -> Message | None:
    """The newest message of this reminder to the same address with the same words that was never proven sent.

    Words decide and not the plan's version: a replan that changes nothing for this reminder must not make a provider
    see a second message where the first may have arrived.
    """
    for message in messages_of(row):
        same_address = message.channel == go.contact.kind and message.address == go.contact.address
        if message.state in UNSENT_STATES and same_address and words.are_those_of(message.body):
            return message
    return None


def new_message(row: Reminder, go: Go, words: Words, body: str, *, now: datetime) -> Message:
    """A message not yet in the database. A subject longer than its column is cut: it must not stop the whole group."""
    room = Message._meta.get_field("subject").max_length
    return Message(
        journey_id=row.journey_id,
        reminder_id=row.pk,
        plan_version=row.plan_version,
        channel=go.contact.kind,
        address=go.contact.address,
        language=words.language,
        subject=words.subject[:room],
        body=body,
        segments=segments(body).count,
        created_at=now,
    )
