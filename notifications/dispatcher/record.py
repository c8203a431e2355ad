"""Write down what became of a group, in one transaction.

What the provider said is recorded whatever happened to our claim meanwhile: it is evidence. What the reminder becomes
is written only where the claim is still ours.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from notifications.actions.refusals import heed_refusal
from notifications.channels.base import REFUSALS, Answer, ChannelError, NoAnswer, Receipt
from notifications.dispatcher.backoff import wait_before
from notifications.dispatcher.changes import Values, apply_changes, becoming, lock_ours, planned_again
from notifications.dispatcher.due import Due
from notifications.dispatcher.facts import with_facts
from notifications.dispatcher.follow_ups import after_failing, after_sending, tell_caregivers
from notifications.dispatcher.outgoing import UNSENT_STATES, Outgoing, Started
from notifications.dispatcher.people import Unsent, close_messages, hand_to_people, needs_a_person, told_before
from notifications.dispatcher.send import Answered
from notifications.dispatcher.statements import array, change, fetch, go_by_index
from notifications.models import DeliveryAttempt, Message, MessageState, Outcome
from pathway.actions.questions import latest_telling
from pathway.models import Reminder
from pathway.states import ReminderState

CLAIMED = ReminderState.CLAIMED

Ends = Counter[tuple[str, ReminderState]]
"""How many reminders went to which state, by the channel that was tried."""

SETTLE_AFTER = timedelta(seconds=30)
"""How long after an unanswered offer its evidence is looked for: a provider may still be busy with it before."""


TRIES_ON_ONE_WAY = 6
"""How often a message is offered one way while it is refused for now: for about half an hour, then the next way (D)."""


@dataclass(frozen=True, slots=True)
class End:
    """What an answer makes of a reminder, and why its patient does not get it, if so.

    `is_over` is false where it is still tried although a person is told; `way_is_over` where another way is next.
    """

    values: Values
    unsent: str = ""
    kind: str = "missed-message"
    is_over: bool = True
    way_is_over: bool = False


def record(answered: Sequence[Answered], started: Started, *, now: datetime, seed: int) -> Ends:
    """Record the answers of one group; how many reminders that are still ours went to which state, by channel."""
    taken = [(one, answer) for one, answer in answered if isinstance(answer, Receipt)]
    others = [(one, answer) for one, answer in answered if not isinstance(answer, Receipt)]
    with transaction.atomic():
        go_by_index(flush_with_the_next=not others)
        ours = record_taken(taken, started.token) if taken else frozenset[int]()
        after_sending([(one.due, receipt.accepted_at) for one, receipt in taken if one.due.pk in ours], now=now)
        counts = Counter((one.way.kind, ReminderState.SENT) for one, _ in taken if one.due.pk in ours)
        if others:
            counts += record_others(others, started, now=now, seed=seed)
    return counts


# The answer of a whole group in two statements, reminders before messages: everyone locks them in that order. The
# conditions are the fence: a row that a rescuer took meanwhile has lost our token, and a delivery report that came
# first is not overwritten.
REMINDERS_SENT = """
UPDATE pathway_reminder AS reminder
SET state = 'sent', sent_at = taken.at, claim_token = NULL, claimed_until = NULL
FROM unnest(%(reminders)s::bigint[], %(instants)s::timestamptz[]) AS taken (id, at)
WHERE reminder.id = taken.id AND reminder.claim_token = %(token)s
RETURNING reminder.id
"""
MESSAGES_SENT = """
UPDATE notifications_message AS message
SET state = 'sent', sent_at = taken.at, provider_reference = taken.reference
FROM unnest(%(messages)s::uuid[], %(instants)s::timestamptz[], %(references)s::text[]) AS taken (id, at, reference)
WHERE message.id = taken.id AND message.state IN ('sending', 'unknown')
"""


def record_taken(taken: Sequence[tuple[Outgoing, Receipt]], token: UUID) -> Collection[int]:
    """Record what a provider took: the reminder and its message are sent. The ids of reminders that were still ours."""
    if connection.vendor != "postgresql":
        return record_alike(taken, token)
    ordered = sorted(taken, key=lambda pair: pair[0].due.pk)
    instants = array(f'"{receipt.accepted_at.isoformat()}"' for _, receipt in ordered)
    reminders = array(one.due.pk for one, _ in ordered)
    ours = {row[0] for row in fetch(REMINDERS_SENT, {"reminders": reminders, "instants": instants, "token": token})}
    messages = array(one.message_id for one, _ in ordered)
    references = [kept_reference(receipt) for _, receipt in ordered]
    change(MESSAGES_SENT, {"messages": messages, "instants": instants, "references": references})
    return ours


def record_alike(taken: Sequence[tuple[Outgoing, Receipt]], token: UUID) -> Collection[int]:
    """The same where the database has one writer anyway: one statement for all that got the same answer."""
    alike: dict[Receipt, list[Outgoing]] = defaultdict(list)
    for one, receipt in taken:
        alike[receipt].append(one)
    ids = [one.due.pk for one, _ in taken]
    ours = lock_ours(ids, token=token, state=CLAIMED)
    for receipt, group in alike.items():
        values = becoming(CLAIMED, ReminderState.SENT, sent_at=receipt.accepted_at)
        Reminder.objects.filter(pk__in=[one.due.pk for one in group if one.due.pk in ours]).update(**values)
        messages = Message.objects.filter(pk__in=[one.message_id for one in group], state__in=UNSENT_STATES)
        reference = kept_reference(receipt)
        messages.update(state=MessageState.SENT, sent_at=receipt.accepted_at, provider_reference=reference)
    return ours


def record_others(answered: Sequence[Answered], started: Started, *, now: datetime, seed: int) -> Ends:
    """Record refusals and silence; how many reminders that are still ours went to which state, by channel."""
    ours = lock_ours([one.due.pk for one, _ in answered], token=started.token, state=CLAIMED)
    record_attempts(answered, started, now=now)
    record_messages(answered)
    ends = {one.due.pk: end_of(one, answer, now=now, seed=seed) for one, answer in answered if one.due.pk in ours}
    apply_changes({pk: end.values for pk, end in ends.items()}, token=started.token, state=CLAIMED)
    due = {one.due.pk: one.due for one, _ in answered}
    close_messages([pk for pk, end in ends.items() if end.way_is_over])
    hand_over(due, ends, now=now)
    tell_caregivers([due[pk] for pk, end in ends.items() if end.values["state"] == ReminderState.UNKNOWN], now=now)
    kinds = {one.due.pk: one.way.kind for one, _ in answered}
    return Counter((kinds[pk], ReminderState(str(end.values["state"]))) for pk, end in ends.items())


def heed(answered: Sequence[Answered], *, now: datetime) -> None:
    """Remember what refusals say of addresses: that one is dead, or that the person wants no more messages.

    After the group is recorded, in a transaction of its own: a stop locks the patient's journeys, and whoever plans one
    locks it before its reminders.
    """
    said = {
        one.message_id: answer.what
        for one, answer in answered
        if isinstance(answer, ChannelError) and (REFUSALS[answer.what].is_stop or REFUSALS[answer.what].address_is_dead)
    }
    if not said:
        return
    for message in Message.objects.filter(pk__in=said).select_related("journey__patient__clinic"):
        with transaction.atomic():
            heed_refusal(message=message, what=said[message.pk], now=now)


def hand_over(due: dict[int, Due], ends: dict[int, End], *, now: datetime) -> None:
    """Give what is not sent to people. What needs nobody is only noted."""
    unsent_ids = [pk for pk, end in ends.items() if end.unsent]
    if not unsent_ids:
        return
    rows = with_facts(Reminder.objects.filter(id__in=unsent_ids))
    told = told_before(rows)
    unsent = [
        Unsent(
            row, ends[row.pk].unsent, kind=ends[row.pk].kind,
            tell=needs_a_person(row) and row.pk not in told,
        )
        for row in rows
        if ends[row.pk].is_over or row.pk not in told
    ]  # fmt: skip
    hand_to_people(unsent, now=now)
    over = [pk for pk in unsent_ids if ends[pk].is_over]
    close_messages(over)
    after_failing([due[pk] for pk in over], now=now)


def record_attempts(answered: Iterable[Answered], started: Started, *, now: datetime) -> None:
    """Write how each offer ended. One that a rescuer gave up as unanswered takes the answer that came after all."""
    DeliveryAttempt.objects.bulk_create(
        [
            DeliveryAttempt(
                message_id=one.message_id,
                started_at=started.started_at,
                finished_at=now,
                outcome=outcome_of(answer),
                error=str(answer)[:200],
            )
            for one, answer in answered
        ],
        update_conflicts=True,
        unique_fields=["message", "started_at"],
        update_fields=["finished_at", "outcome", "error"],
    )


def outcome_of(answer: Answer) -> Outcome:
    """The kind of an answer that is no receipt."""
    if isinstance(answer, ChannelError):
        return Outcome.PERMANENT if answer.permanent else Outcome.TEMPORARY
    return Outcome.UNKNOWN if isinstance(answer, NoAnswer) else Outcome.TEMPORARY


def record_messages(answered: Iterable[Answered]) -> None:
    """Give each message the state its answer proves. A delivery report that came first is not overwritten."""
    alike: dict[tuple[MessageState, str], list[UUID]] = defaultdict(list)
    for one, answer in answered:
        if isinstance(answer, NoAnswer):
            alike[MessageState.UNKNOWN, ""].append(one.message_id)
        elif isinstance(answer, ChannelError) and answer.permanent:
            alike[MessageState.FAILED, answer.code[:40]].append(one.message_id)
    for (state, error), message_ids in alike.items():
        Message.objects.filter(pk__in=message_ids, state__in=UNSENT_STATES).update(state=state, error=error)


def kept_reference(receipt: Receipt) -> str:
    """As much of the provider's name for a message as fits: one too long must not lose the whole group's answers."""
    room = Message._meta.get_field("provider_reference").max_length
    return receipt.provider_reference[:room]


def end_of(one: Outgoing, answer: Answer, *, now: datetime, seed: int) -> End:
    """What an answer that is no receipt makes of the claimed reminder behind it."""
    if isinstance(answer, NoAnswer):
        settle_at = min(now + SETTLE_AFTER, one.due.useful_until)
        return End(becoming(CLAIMED, ReminderState.UNKNOWN, run_at=settle_at, reason="The provider did not answer."))
    if isinstance(answer, ChannelError):
        if answer.permanent:
            return refused_for_good(one, answer, now=now)
        return refused_for_now(one, answer, now=now, seed=seed)
    return End(planned_again(CLAIMED))


def refused_for_good(one: Outgoing, answer: ChannelError, *, now: datetime) -> End:
    """The next contact point at once, where there is one; else a person."""
    if one.other_ways and not REFUSALS[answer.what].is_stop:
        return End(planned_again(CLAIMED, run_at=now, reason=f"{one.way.kind} refused; tried another way next."))
    reason = f"Refused for good ({answer.code or one.way.kind}), and no other way is left."[:200]
    return End(becoming(CLAIMED, ReminderState.FAILED, reason=reason), reason, kind="failed-message")


def refused_for_now(one: Outgoing, answer: ChannelError, *, now: datetime, seed: int) -> End:
    """Again a little later, where the message is still of use then; else a person.

    After `TRIES_ON_ONE_WAY`, or when there is just time for a nurse to act, the next way is tried. On the last way a
    person is told at that moment, and it goes on being tried.
    """
    tries = one.due.tries + 1
    wait = wait_before(tries, name=f"{seed}/{one.due.pk}")
    run_at = now + max(wait, answer.retry_after or wait)
    code = answer.code or one.way.kind
    is_late = run_at >= latest_telling(one.due.send_at, one.due.useful_until)
    if one.other_ways and (is_late or tries >= TRIES_ON_ONE_WAY):
        reason = f"{one.way.kind} refused for now ({code}) for too long; tried another way next."[:200]
        return End(planned_again(CLAIMED, run_at=now, reason=reason), way_is_over=True)
    if run_at < one.due.useful_until:
        values = planned_again(CLAIMED, run_at=run_at, reason=f"Refused for now ({code})."[:200])
        still = f"Refused for now ({code}). It is still tried, and this task ends when it gets through."[:200]
        return End(values, still if is_late else "", is_over=False)
    reason = f"Refused for now ({code}), and later it is of no use."[:200]
    return End(becoming(CLAIMED, ReminderState.MISSED, reason=reason), reason)
