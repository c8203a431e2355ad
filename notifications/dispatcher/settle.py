"""Find out what became of messages whose sending was started and never answered.

An unknown reminder keeps `run_at` as the time of its next look-up. One whose `run_at` lies after its usefulness is
closed: nobody looks again, and a person has the work item. It stays `unknown`, since the patient may have read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, F, Q

from notifications.channels import Routes
from notifications.channels.base import Receipt, Sought
from notifications.dispatcher.changes import Values, apply_changes, becoming, lock_ours, planned_again
from notifications.dispatcher.facts import messages_of, with_facts
from notifications.dispatcher.figures import count_changes
from notifications.dispatcher.outgoing import LEASE
from notifications.dispatcher.people import Unsent, hand_to_people
from notifications.dispatcher.record import SETTLE_AFTER, kept_reference
from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from notifications.models import DeliveryAttempt, Message, MessageState, Outcome
from pathway.actions.calls import close_calls, promise_calls
from pathway.actions.copies import copy_to_caregivers
from pathway.actions.questions import ask_questions, latest_telling
from pathway.actions.sent_reminders import SentReminder
from pathway.models import Origin, Reminder
from pathway.states import ReminderState

UNKNOWN = ReminderState.UNKNOWN

LOOK_FOR = timedelta(minutes=30)
"""How long evidence is looked for after the first start, at ever longer intervals: about six look-ups."""

ENOUGH = timedelta(minutes=4)
"""How long look-ups may fail before the protocol decides that a second text is safer than none: after about four."""

OFFERS_WITHOUT_PROOF = 2
"""How often a message may be offered when nothing proves that it arrived: once, and once again where policy says so."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one reminder: its new values, the message proven sent, and what people must know."""

    values: Values
    message: Message | None = None
    receipt: Receipt | None = None
    unsent: Unsent | None = None
    not_sent: bool = False


def settle(*, now: datetime, limit: int, routes: Routes) -> int:
    """Look up to `limit` unknown reminders that are due for it; how many were looked up."""
    token = uuid4()
    taken = take_unsettled(token=token, now=now, limit=limit)
    if not taken:
        return 0
    rows = with_facts(Reminder.objects.filter(id__in=taken))
    offers = offers_without_answer(taken)
    findings = {row.pk: find_or_hand_over(row, now=now, routes=routes, offers=offers.get(row.pk, 1)) for row in rows}
    with transaction.atomic():
        ours = lock_ours(findings, token=token, state=UNKNOWN)
        findings = {pk: found for pk, found in findings.items() if pk in ours}
        apply_changes({pk: found.values for pk, found in findings.items()}, token=token, state=UNKNOWN)
        for found in findings.values():
            record_finding(found)
        tell_what_follows([row for row in rows if row.pk in findings], findings, now=now)
        hand_to_people([found.unsent for found in findings.values() if found.unsent is not None], now=now)
    count_changes((channel_of(row), findings[row.pk].values) for row in rows if row.pk in findings)
    return len(findings)


def channel_of(row: Reminder) -> str:
    """The kind of contact that its newest message went to; empty when it has none."""
    return next((message.channel for message in messages_of(row)), "")


def tell_what_follows(rows: Sequence[Reminder], findings: Mapping[int, Finding], *, now: datetime) -> None:
    """Open the questions of what turned out to be sent, and queue copies for those who help."""
    sent = {row.pk: at for row in rows if isinstance(at := findings[row.pk].values.get("sent_at"), datetime)}
    planned = [row for row in rows if row.origin == Origin.PLAN]
    gone_out = [SentReminder.of(row, sent_at=sent[row.pk]) for row in planned if row.pk in sent]
    ask_questions(sent=gone_out, now=now)
    promise_calls(sent=gone_out, now=now)
    close_calls(through=[(row.journey_id, row.step, row.text) for row in planned if row.pk in sent], now=now)
    copy_to_caregivers(sent=[row.pk for row in planned], now=now)


def take_unsettled(*, token: UUID, now: datetime, limit: int) -> list[int]:
    """Lease unknown reminders for a look-up, so that two dispatchers do not act on the same evidence."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    due = Reminder.objects.filter(free, state=UNKNOWN, run_at__lte=now, useful_until__gte=F("run_at"))
    if not due.exists():
        return []
    with transaction.atomic():
        locked = due.select_for_update(skip_locked=True).order_by("id").values_list("id", flat=True)
        taken = list(locked[:limit])
        Reminder.objects.filter(id__in=taken).update(claim_token=token, claimed_until=now + LEASE)
    return taken


def offers_without_answer(reminder_ids: list[int]) -> dict[int, int]:
    """How often each reminder's messages were offered without an answer."""
    unanswered = DeliveryAttempt.objects.filter(message__reminder_id__in=reminder_ids, outcome=Outcome.UNKNOWN)
    counts = unanswered.order_by().values_list("message__reminder_id").annotate(offers=Count("id"))
    return {reminder_id: offers for reminder_id, offers in counts if reminder_id is not None}


def find_or_hand_over(row: Reminder, *, now: datetime, routes: Routes, offers: int) -> Finding:
    """What was found out about one reminder. One that cannot even be asked about goes to a person, alone."""
    try:
        return find_out(row, now=now, routes=routes, offers=offers)
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception as error:
        kind = note_unfit(row.pk, at="settled", error=error)
        return hand_over(row, now=now, reason=f"It may or may not have arrived, and finding out failed ({kind}).")


def find_out(row: Reminder, *, now: datetime, routes: Routes, offers: int) -> Finding:
    """Ask for the evidence of one unknown reminder, outside any transaction, and decide what follows."""
    for message in messages_of(row):
        if message.sent_at is not None:  # the answer came after the lease had run out
            return Finding(becoming(UNKNOWN, ReminderState.SENT, sent_at=message.sent_at))
    unsure = [message for message in messages_of(row) if message.state == MessageState.UNKNOWN]
    if not unsure:
        return not_taken(row, now=now)
    channel = routes.channel(unsure[0].channel, row.clinic_id)
    if channel is None:
        return hand_over(row, now=now, reason="Nobody can be asked whether it arrived.")
    try:
        evidence = channel.look_up(sought(unsure[0]))
    except Exception:  # whatever went wrong, the evidence is still to be had
        return look_again(row, now=now, offers=offers)
    if isinstance(evidence, Receipt):
        values = becoming(UNKNOWN, ReminderState.SENT, sent_at=evidence.accepted_at)
        return Finding(values, message=unsure[0], receipt=evidence)
    if evidence is None:
        return not_taken(row, now=now)
    return without_evidence(row, now=now, honours_reference=channel.honours_reference, offers=offers)


def sought(message: Message) -> Sought:
    """What a provider may know the message by."""
    return Sought(message.pk, message.address, message.body, offered_since=message.created_at)


def not_taken(row: Reminder, *, now: datetime) -> Finding:
    """The provider never took it: the same message again while it is of use, else a person."""
    if now < row.useful_until:
        return Finding(planned_again(UNKNOWN, run_at=now))
    reason = "It never reached the provider, and it is of no use any more."
    return Finding(becoming(UNKNOWN, ReminderState.MISSED, reason=reason), unsent=Unsent(row, reason), not_sent=True)


def without_evidence(row: Reminder, *, now: datetime, honours_reference: bool, offers: int) -> Finding:
    """The provider cannot be asked: offer again where that cannot double it, or where the protocol prefers a double."""
    in_time = now < row.useful_until
    long_enough = row.started_at is not None and now - row.started_at >= LOOK_FOR
    if in_time and honours_reference and not long_enough:
        return Finding(planned_again(UNKNOWN, run_at=now))
    if in_time and row.resend_unproven and offers < OFFERS_WITHOUT_PROOF:
        return Finding(planned_again(UNKNOWN, run_at=now))
    return hand_over(row, now=now, reason="It may or may not have arrived, and nothing can prove it.")


def look_again(row: Reminder, *, now: datetime, offers: int) -> Finding:
    """The provider could not be reached: look again, ever later, until the step's policy or a person has to decide.

    Where a second text is safer than none it goes after `ENOUGH`, and a person hears when that is not answered either.
    Otherwise a person hears after `LOOK_FOR`. All of it sooner where a nurse would be left no time to act.
    """
    started = row.started_at or now
    patience = started + (ENOUGH if row.resend_unproven else LOOK_FOR)
    decide_at = min(patience, latest_telling(started, row.useful_until))
    if now < decide_at:
        run_at = min(now + max(SETTLE_AFTER, now - started), decide_at)
        return Finding({"run_at": run_at, "claim_token": None, "claimed_until": None})
    if row.resend_unproven and offers < OFFERS_WITHOUT_PROOF and now < row.useful_until:
        return Finding(planned_again(UNKNOWN, run_at=now))
    return hand_over(row, now=now, reason="It may or may not have arrived, and the provider does not say.")


def hand_over(row: Reminder, *, now: datetime, reason: str) -> Finding:
    """Close it: a person finds out. `run_at` after the usefulness keeps it from being looked up again."""
    closed = max(now, row.useful_until) + timedelta(seconds=1)
    values: Values = {"run_at": closed, "claim_token": None, "claimed_until": None, "reason": reason}
    return Finding(values, unsent=Unsent(row, reason, kind="unproven-message"))


def record_finding(found: Finding) -> None:
    """Give the message behind a finding what was proven of it."""
    if found.message is not None and found.receipt is not None:
        Message.objects.filter(pk=found.message.pk, state=MessageState.UNKNOWN).update(
            state=MessageState.SENT,
            sent_at=found.receipt.accepted_at,
            provider_reference=kept_reference(found.receipt),
        )
    if found.not_sent and found.unsent is not None:
        Message.objects.filter(reminder=found.unsent.reminder, state=MessageState.UNKNOWN).update(
            state=MessageState.FAILED
        )
