"""Write down what became of a group, in one transaction.

What the provider said is recorded whatever happened to our claim meanwhile: it is evidence. What the reminder becomes
is written only where the claim is still ours.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from notifications.channels import Routes
from notifications.channels.base import Answer, ChannelError, NoAnswer, NotOffered, Receipt
from notifications.dispatcher.backoff import wait_before
from notifications.dispatcher.changes import Values, apply_changes, becoming, lock_ours, planned_again
from notifications.dispatcher.facts import usable_contacts
from notifications.dispatcher.people import Unsent, close_messages, hand_to_people
from notifications.dispatcher.prepare import UNSENT_STATES
from notifications.dispatcher.start import Started
from notifications.models import DeliveryAttempt, Message, MessageState, Outcome
from pathway.states import ReminderState

CLAIMED = ReminderState.CLAIMED

SETTLE_AFTER = timedelta(seconds=30)
"""How long after an unanswered offer its evidence is looked for: a provider may still be busy with it before."""

OUTCOMES: dict[type, Outcome] = {Receipt: Outcome.ACCEPTED, NoAnswer: Outcome.UNKNOWN, NotOffered: Outcome.TEMPORARY}


@dataclass(frozen=True, slots=True)
class End:
    """What an answer makes of a reminder, and what people must know of it."""

    values: Values
    unsent: Unsent | None = None


def record(
    answered: Sequence[tuple[Started, Answer]], *, token: UUID, now: datetime, routes: Routes, seed: int
) -> list[ReminderState]:
    """Record the answers of one group; the states that the reminders which are still ours went to."""
    with transaction.atomic():
        ours = lock_ours([one.outgoing.reminder.pk for one, _ in answered], token=token, state=CLAIMED)
        record_attempts(answered, now=now)
        record_messages(answered)
        ends = {
            one.outgoing.reminder.pk: end_of(one, answer, now=now, routes=routes, seed=seed)
            for one, answer in answered
            if one.outgoing.reminder.pk in ours
        }
        apply_changes({pk: end.values for pk, end in ends.items()}, token=token, state=CLAIMED)
        unsent = [end.unsent for end in ends.values() if end.unsent is not None]
        if unsent:
            hand_to_people(unsent, now=now)
            close_messages([one.reminder.pk for one in unsent])
    return [ReminderState(str(end.values["state"])) for end in ends.values()]


def record_attempts(answered: Sequence[tuple[Started, Answer]], *, now: datetime) -> None:
    """Finish each attempt. An attempt that a rescuer gave up as unanswered takes the answer that came after all."""
    alike: dict[tuple[Outcome, str], list[int]] = defaultdict(list)
    for one, answer in answered:
        error = "" if isinstance(answer, Receipt) else str(answer)[:200]
        alike[outcome_of(answer), error].append(one.attempt.pk)
    for (outcome, error), attempt_ids in alike.items():
        DeliveryAttempt.objects.filter(pk__in=attempt_ids, outcome__in=["", Outcome.UNKNOWN]).update(
            outcome=outcome, error=error, finished_at=now
        )


def outcome_of(answer: Answer) -> Outcome:
    """The kind of an answer."""
    if isinstance(answer, ChannelError):
        return Outcome.PERMANENT if answer.permanent else Outcome.TEMPORARY
    return OUTCOMES[type(answer)]


def record_messages(answered: Sequence[tuple[Started, Answer]]) -> None:
    """Give each message the state its answer proves. A delivery report that came first is not overwritten."""
    alike: dict[tuple[MessageState, datetime | None, str], list[UUID]] = defaultdict(list)
    for one, answer in answered:
        message = one.outgoing.message
        if isinstance(answer, Receipt):
            alike[MessageState.SENT, answer.accepted_at, kept_reference(answer)].append(message.pk)
        elif isinstance(answer, NoAnswer):
            alike[MessageState.UNKNOWN, None, ""].append(message.pk)
        elif isinstance(answer, ChannelError) and answer.permanent:
            alike[MessageState.FAILED, None, ""].append(message.pk)
    for (state, sent_at, reference), message_ids in alike.items():
        Message.objects.filter(pk__in=message_ids, state__in=UNSENT_STATES).update(
            state=state, sent_at=sent_at, provider_reference=reference
        )


def kept_reference(receipt: Receipt) -> str:
    """As much of the provider's name for a message as fits: one too long must not lose the whole group's answers."""
    room = Message._meta.get_field("provider_reference").max_length
    return receipt.provider_reference[:room]


def end_of(one: Started, answer: Answer, *, now: datetime, routes: Routes, seed: int) -> End:
    """What an answer makes of the claimed reminder behind it."""
    reminder = one.outgoing.reminder
    if isinstance(answer, Receipt):
        return End(becoming(CLAIMED, ReminderState.SENT, sent_at=answer.accepted_at))
    if isinstance(answer, NoAnswer):
        settle_at = min(now + SETTLE_AFTER, reminder.useful_until)
        return End(becoming(CLAIMED, ReminderState.UNKNOWN, run_at=settle_at, reason="The provider did not answer."))
    if isinstance(answer, NotOffered):
        return End(planned_again(CLAIMED))
    if answer.permanent:
        return refused_for_good(one, answer, now=now, routes=routes)
    return refused_for_now(one, answer, now=now, seed=seed)


def refused_for_good(one: Started, answer: ChannelError, *, now: datetime, routes: Routes) -> End:
    """The next contact point at once, where there is one; else a person."""
    reminder, message = one.outgoing.reminder, one.outgoing.message
    here = (message.channel, message.address)
    others = [c for c in usable_contacts(reminder, routes.kinds(reminder.clinic_id)) if (c.kind, c.address) != here]
    if others:
        return End(planned_again(CLAIMED, run_at=now, reason=f"{message.channel} refused; tried another way next."))
    reason = f"Refused for good ({answer.code or message.channel}), and no other way is left."[:200]
    return End(becoming(CLAIMED, ReminderState.FAILED, reason=reason), Unsent(reminder, reason, kind="failed-message"))


def refused_for_now(one: Started, answer: ChannelError, *, now: datetime, seed: int) -> End:
    """Again a little later, where the message is still of use then; else a person."""
    reminder = one.outgoing.reminder
    tries = reminder.tries + 1
    run_at = now + wait_before(tries, name=f"{seed}/{reminder.pk}")
    code = answer.code or one.outgoing.message.channel
    if run_at < reminder.useful_until:
        return End(
            planned_again(CLAIMED, run_at=run_at, tries=tries, reason=f"Refused for now ({code})."[:200]),
        )
    reason = f"Refused for now ({code}), and later it is of no use."[:200]
    return End(becoming(CLAIMED, ReminderState.MISSED, tries=tries, reason=reason), Unsent(reminder, reason))
