"""Delivery receipts: what a provider says later of a message that it took. Late, doubled and out of order are all fine.

The message's row takes what the receipt proves, and never steps back. The reminder follows where that changes its end:
delivered is delivered, whatever became of it meanwhile; what did not arrive goes the next way, or to a person.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction

from notifications.actions.refusals import heed_refusal, trust_again
from notifications.channels import Routes, configured_routes
from notifications.channels.base import Refusal
from notifications.channels.twilio import refusal_for
from notifications.dispatcher.changes import Values, becoming, planned_again
from notifications.dispatcher.facts import usable_contacts, with_facts
from notifications.dispatcher.figures import count_changes
from notifications.dispatcher.people import Unsent, hand_to_people, needs_a_person
from notifications.models import Message, MessageState, Recipient
from notifications.replies.afterwards import close_moot_call, tell_of_arrival, tell_of_machine, words_have_changed
from pathway.actions.calls import promise_calls
from pathway.actions.questions import ask_questions, tell_soon
from pathway.actions.sent_reminders import SentReminder
from pathway.models import Origin, Reminder
from pathway.states import ReminderState, check_transition


class Report(Enum):
    """What a provider's status comes to."""

    TAKEN = "the provider has it"
    MACHINE = "an answering machine took the call"
    DELIVERED = "the phone has it, or a person took the call"
    NOT_DELIVERED = "it did not arrive, and will not"


REPORTS: Mapping[str, Report] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "deferred"), Report.TAKEN),
    **dict.fromkeys(("initiated", "ringing", "in-progress", "completed"), Report.TAKEN),
    **dict.fromkeys(("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"), Report.MACHINE),
    **dict.fromkeys(("delivered", "read", "human", "answered", "opened", "clicked"), Report.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled", "busy", "no-answer", "fax"), Report.NOT_DELIVERED),
    **dict.fromkeys(("bounced", "rejected"), Report.NOT_DELIVERED),
}
"""The providers' statuses of texts, calls and emails, and who took a call. One that is not here says nothing.

A call that is completed was taken by a person or a machine: only `human`, or a key (`answered`, our own word), tells
which. Where the provider cannot tell (`unknown`) it stays sent.
"""

AFTER: Mapping[MessageState, Mapping[Report, MessageState]] = {
    MessageState.SENDING: {
        Report.TAKEN: MessageState.SENT,
        Report.MACHINE: MessageState.MACHINE,
        Report.DELIVERED: MessageState.DELIVERED,
        Report.NOT_DELIVERED: MessageState.FAILED,
    },
    MessageState.UNKNOWN: {
        Report.TAKEN: MessageState.SENT,
        Report.MACHINE: MessageState.MACHINE,
        Report.DELIVERED: MessageState.DELIVERED,
        Report.NOT_DELIVERED: MessageState.FAILED,
    },
    MessageState.SENT: {
        Report.MACHINE: MessageState.MACHINE,
        Report.DELIVERED: MessageState.DELIVERED,
        Report.NOT_DELIVERED: MessageState.FAILED,
    },
    MessageState.MACHINE: {Report.DELIVERED: MessageState.DELIVERED, Report.NOT_DELIVERED: MessageState.FAILED},
    MessageState.FAILED: {Report.DELIVERED: MessageState.DELIVERED},
    MessageState.DELIVERED: {},
    MessageState.RECEIVED: {},
}
"""What a message becomes by a report; a pair that is not here changes nothing."""


def apply_receipt(
    *,
    message_id: UUID,
    status: str,
    code: str,
    now: datetime,
    reference: str = "",
    what: Refusal | None = None,
    routes: Routes | None = None,
) -> bool:
    """Write down one receipt, and let the reminder follow; whether it changed anything.

    `status`, `code` (of an error) and `reference` (its name for the message) are the provider's words. An unknown
    status or message changes nothing. `what` says why it did not arrive where the code does not. `routes` replaces
    those of the settings.
    """
    report = REPORTS.get(status)
    if report is None:
        return False
    with transaction.atomic():
        found = lock(message_id)
        if found is None:
            return False
        reminder, message = found
        after = AFTER[MessageState(message.state)].get(report)
        says_less = report in {Report.MACHINE, Report.NOT_DELIVERED}
        if after is None or (says_less and is_another_copy(message, reference)):
            return False
        write_message(message, after, code=code or status, reference=reference, now=now)
        if report in {Report.TAKEN, Report.MACHINE}:
            values = was_taken(reminder, message, now=now)
            if report is Report.MACHINE:
                tell_of_machine(reminder, now=now)
        elif report is Report.DELIVERED:
            if message.recipient == Recipient.PATIENT:
                patients = [message.journey.patient_id]
                trust_again(patients=patients, kind=message.channel, address=message.address)
            values = has_arrived(reminder, message, now=now)
        else:
            heed_refusal(message=message, what=what or refusal_for(code or status), now=now)
            routes = routes or configured_routes()
            values = has_not_arrived(reminder, message, code=code or status, now=now, routes=routes)
    count_changes([(message.channel, values)])
    return True


def lock(message_id: UUID) -> tuple[Reminder, Message] | None:
    """The message of ours and its reminder, both locked, reminders first as everywhere; None when there is none."""
    known = Message.objects.filter(pk=message_id, incoming=False, reminder__isnull=False)
    reminder_id = known.values_list("reminder_id", flat=True).first()
    if reminder_id is None:
        return None
    reminder = Reminder.objects.select_for_update().get(pk=reminder_id)
    message = (
        Message.objects.select_for_update(of=("self",)).select_related("journey__patient__clinic").get(pk=message_id)
    )
    reminder.journey = message.journey
    return reminder, message


def is_another_copy(message: Message, reference: str) -> bool:
    """Whether the provider speaks of another try of this message than the one that it took last.

    A message that was offered twice, since the first answer got lost, may be two at the provider: the failure of one,
    or the machine that took it, says nothing of the other.
    """
    return bool(reference and message.provider_reference and reference != message.provider_reference)


def write_message(message: Message, after: MessageState, *, code: str, reference: str, now: datetime) -> None:
    """Give the message its state. A receipt proves that the provider took it, also where its answer never came."""
    message.state = after
    if after is MessageState.FAILED:
        message.error = code[: Message._meta.get_field("error").max_length]
    else:
        message.sent_at, message.error = message.sent_at or now, ""
    if after is MessageState.DELIVERED:
        message.delivered_at = now
    room = Message._meta.get_field("provider_reference").max_length
    message.provider_reference = message.provider_reference or reference[:room]
    message.save(update_fields=["state", "error", "sent_at", "delivered_at", "provider_reference"])


def was_taken(reminder: Reminder, message: Message, *, now: datetime) -> Values:
    """Settle a reminder of which nobody knew whether it was sent; its new values.

    A worker that still has it writes that itself.
    """
    if reminder.state != ReminderState.UNKNOWN:
        return {}
    values = becoming(ReminderState.UNKNOWN, ReminderState.SENT, sent_at=message.sent_at, reason="")
    change(reminder, values)
    put_question(reminder, message, now=now)
    close_moot_call(reminder, outcome="The provider has taken the text.", now=now)
    return values


def has_arrived(reminder: Reminder, message: Message, *, now: datetime) -> Values:
    """Mark the reminder as delivered, and say what it became.

    Also one that waits for the next way, is being sent again, or was given up.
    """
    before = ReminderState(reminder.state)
    if before is ReminderState.DELIVERED:
        return {}
    sure = before in {ReminderState.SENT, ReminderState.UNKNOWN} or reminder.origin in {Origin.COPY, Origin.ANSWER}
    if before is ReminderState.WITHDRAWN or (not sure and words_have_changed(reminder, message)):
        tell_of_arrival(reminder, message, now=now)
        return {}
    sent_at = reminder.sent_at or message.sent_at
    if before is ReminderState.CLAIMED:  # its worker finds the claim gone, and leaves the row as it is
        check_transition(before, ReminderState.SENT)
        before = ReminderState.SENT
    values = becoming(before, ReminderState.DELIVERED, sent_at=sent_at, reason="")
    change(reminder, values)
    put_question(reminder, message, now=now)
    close_moot_call(reminder, outcome="The text arrived after all.", now=now)
    return values


def put_question(reminder: Reminder, message: Message, *, now: datetime) -> None:
    """Open what the text asked or promised, where the worker that sent it did not.

    What a correction replaced asks nothing.
    """
    settled_before = reminder.state == ReminderState.SENT or reminder.superseded_by_id is not None
    if reminder.origin == Origin.PLAN and message.sent_at is not None and not settled_before:
        sent = [SentReminder.of(reminder, sent_at=message.sent_at)]
        ask_questions(sent=sent, now=now)
        promise_calls(sent=sent, now=now)


def has_not_arrived(reminder: Reminder, message: Message, *, code: str, now: datetime, routes: Routes) -> Values:
    """Send the reminder the next way, or give it to a person; its new values.

    Of an older message than the newest nothing follows.
    """
    before = ReminderState(reminder.state)
    in_flight = before is ReminderState.CLAIMED and reminder.started_at is not None
    if not (in_flight or before in {ReminderState.SENT, ReminderState.UNKNOWN}) or not is_newest(message):
        return {}
    [row] = with_facts(Reminder.objects.filter(pk=reminder.pk))
    values, unsent = what_follows(row, before, message=message, code=code, now=now, routes=routes)
    change(reminder, values)
    if unsent is not None:
        hand_to_people([unsent], now=now)
        tell_soon(followers=[row.pk], now=now)
    return values


def is_newest(message: Message) -> bool:
    """Whether it is the last message that was made for its reminder."""
    newest = Message.objects.filter(reminder=message.reminder_id, incoming=False).order_by("-created_at", "-id")
    return newest.values_list("pk", flat=True).first() == message.pk


def what_follows(
    row: Reminder, before: ReminderState, *, message: Message, code: str, now: datetime, routes: Routes
) -> tuple[Values, Unsent | None]:
    """The reminder's new values, and what people must know, after its message did not arrive."""
    failed = ReminderState.FAILED
    if row.superseded_by_id is not None:
        reason = f"It did not arrive ({code}), and a correction has replaced it."
        return becoming(before, failed, reason=reason), Unsent(row, reason, tell=False)
    if row.origin in {Origin.COPY, Origin.ANSWER}:  # the patient's own message, or another task, says the same
        reason = f"It did not arrive ({code})."
        unsent = Unsent(row, reason, kind="failed-message", tell=needs_a_person(row))
        return becoming(before, failed, reason=reason), unsent
    asks_again = row.origin == Origin.AGAIN  # the task about the silence says it, and comes at once
    if now >= row.useful_until:
        reason = f"It did not arrive ({code}), and it is of no use any more."
        return becoming(before, ReminderState.MISSED, reason=reason), Unsent(row, reason, tell=not asks_again)
    if row.journey.patient.stopped_at is None and usable_contacts(row, routes.kinds(row.clinic_id)):
        reason = f"{message.channel} did not arrive ({code}); tried another way next."
        return planned_again(before, run_at=now, sent_at=None, reason=reason), None
    reason = f"It did not arrive ({code}), and no other way is left."
    return becoming(before, failed, reason=reason), Unsent(row, reason, kind="failed-message", tell=not asks_again)


def change(reminder: Reminder, values: Values) -> None:
    """Write a locked reminder's new values, where it is still in the state they were decided for."""
    Reminder.objects.filter(pk=reminder.pk, state=reminder.state).update(**values)
