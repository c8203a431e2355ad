"""The line between "withdrawn in time" and "sent": one short transaction per group, before a provider is called.

It locks the first rows that are due, asks again whether each is still right, words those that are, and writes down that
their sending has begun. What may not go out gets its state and its reason here, and a person where one must know.

A row is locked from the question whether it is right until the commit that says it is being sent: whoever moves,
cancels or stops commits either before, and is seen here, or after, and finds it started. A worker that dies before the
commit leaves nothing behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F

from notifications.channels import Routes
from notifications.clock import Clock
from notifications.dispatcher.due import Due, Share, Way, lock_due, read_due, read_json
from notifications.dispatcher.ends import end_rows
from notifications.dispatcher.follow_ups import asked_by
from notifications.dispatcher.group_facts import recheck_for
from notifications.dispatcher.messages import offer_again, write_messages
from notifications.dispatcher.outgoing import UNSENT_STATES, Outgoing, Started
from notifications.dispatcher.recheck import Go, Miss, Recheck, Verdict
from notifications.dispatcher.statements import array, change, go_by_index
from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from notifications.models import Message
from notifications.rendering import Words, words_for
from pathway.actions.links import issue_links
from pathway.models import Origin, Reminder
from pathway.queries.protocols import published_protocol
from pathway.states import ReminderState, check_transition
from pathway.wording import WordingError
from patients.models import ContactKind


def start(*, share: Share, routes: Routes, clock: Clock, unplannable: Collection[int] = ()) -> Started:
    """Take what is due and `share` allows, and begin its sending; only what is returned may be offered, in this order.

    `unplannable` are reminders whose journey cannot be planned anew: a person gets them.
    """
    with transaction.atomic():
        go_by_index()
        ids = lock_due(now=clock(), share=share)
        now = clock()  # once the rows are ours
        started = Started(uuid4(), now, ids=ids)
        if not ids:
            return started
        rows = read_due(ids, now=now)
        started.oldest = min((due.run_at for due in rows), default=None)
        recheck = recheck_for(rows, routes=routes, now=now)
        worded: list[tuple[Due, Go, Words]] = []
        ends: list[tuple[Due, Verdict]] = []
        for due in rows:
            if due.pk in unplannable:
                ends.append((due, Miss("Its plan changed while it waited, and could not be made anew.")))
            elif due.plan_version < due.journey_plan_version:
                started.overtaken.append(due)
            else:
                end = decide(due, recheck)
                words = word(due, end, recheck) if isinstance(end, Go) else None
                if isinstance(end, Go) and isinstance(words, Words):
                    worded.append((due, end, words))
                else:
                    ends.append((due, words if isinstance(words, Miss) else end))
        started.outgoing = address(worded, recheck, now=now)
        mark_started(started)
        end_rows(ends, started, now=now)
    return started


STARTED = """
UPDATE pathway_reminder
SET state = 'claimed', claim_token = %(token)s, claimed_until = %(until)s, started_at = %(now)s,
    tries = tries + 1
WHERE id = ANY(%(ids)s::bigint[])
"""


def mark_started(started: Started) -> None:
    """Write that these messages are about to be offered: to the provider they may go once this is committed."""
    if not started.outgoing:
        return
    check_transition(ReminderState.PLANNED, ReminderState.CLAIMED)
    ids = [one.due.pk for one in started.outgoing]
    if connection.vendor == "postgresql":
        lease = {"token": started.token, "until": started.leased_until, "now": started.started_at}
        change(STARTED, {"ids": array(ids), **lease})
    else:
        Reminder.objects.filter(id__in=ids).update(
            state=ReminderState.CLAIMED,
            claim_token=started.token,
            claimed_until=started.leased_until,
            started_at=started.started_at,
            tries=F("tries") + 1,
        )
    write_messages([one for one in started.outgoing if one.is_new], now=started.started_at)
    offer_again([one for one in started.outgoing if not one.is_new], now=started.started_at)


def decide(due: Due, recheck: Recheck) -> Verdict:
    """The verdict on one row. A row whose facts cannot be read is missed, so that the group goes on without it."""
    try:
        return recheck.verdict(due)
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception as error:
        kind = note_unfit(due.pk, at="re-checked", error=error)
        return Miss(f"What it needs to know cannot be read ({kind}).")


def word(due: Due, go: Go, recheck: Recheck) -> Words | Miss:
    """The words of one row, or why it has none."""
    try:
        return words_of(due, go.way, language=recheck.language_of(due))
    except NOT_THE_ROWS_FAULT:
        raise
    except WordingError as error:
        return Miss(f"It could not be worded: {error}"[:150])
    except Exception as error:
        kind = note_unfit(due.pk, at="worded", error=error)
        return Miss(f"It could not be worded ({kind}).")


def words_of(due: Due, way: Way, *, language: str) -> Words:
    """What a reminder says to whoever is reached this way."""
    behind = (due.protocol_version_id, due.protocol_digest, due.text, due.says)
    asks = asked_by(due) if way.kind == ContactKind.EMAIL else ""
    copy_of = due.base_key if due.origin == Origin.COPY else ""
    return told_alike(*behind, language, way.kind, due.clinic_name, due.clinic_phone, asks, copy_of)


@lru_cache(maxsize=4096)
def told_alike(
    version_id: int, digest: str, text: str, says: str, language: str, kind: str, clinic: str, phone: str, asks: str,
    copy_of: str,
) -> Words:  # fmt: skip
    """The same words, once for all patients of a clinic who are told the same; they name nobody."""
    return words_for(
        published_protocol(version_id, digest),
        text=text,
        says=read_json(says),
        language=language,
        kind=kind,
        clinic=clinic,
        phone=phone,
        asks=asks,
        copy_of=copy_of,
    )


def address(worded: Sequence[tuple[Due, Go, Words]], recheck: Recheck, *, now: datetime) -> list[Outgoing]:
    """Make the messages: an unsent one with the same words again, else a new one, with a link if its text has one."""
    again = {due.pk: unsent_message(recheck.told.get(due.pk, ()), go.way, words) for due, go, words in worded}
    linked = [due.journey_id for due, _, words in worded if words.needs_link and again[due.pk] is None]
    links = issue_links(linked, now=now) if linked else {}
    outgoing = []
    for due, go, words in worded:
        message, recipient = again[due.pk], recheck.recipient_of(due)
        if message is not None:
            outgoing.append(
                Outgoing(due, go.way, message.pk, words, message.body, False, go.until, go.others, recipient)
            )
        else:
            message_id, token = uuid4(), links[due.journey_id] if words.needs_link else ""
            body = words.as_message(message_id, token=token)
            outgoing.append(Outgoing(due, go.way, message_id, words, body, True, go.until, go.others, recipient))
    return outgoing


def unsent_message(told: Sequence[Message], way: Way, words: Words) -> Message | None:
    """The newest message of a reminder to the same address with the same words that was never proven sent.

    Words decide and not the plan's version: a replan that changes nothing for this reminder must not make a provider
    see a second message where the first may have arrived.
    """
    for message in told:
        same_address = message.channel == way.kind and message.address == way.address
        if message.state in UNSENT_STATES and same_address and words.are_those_of(message.body):
            return message
    return None
