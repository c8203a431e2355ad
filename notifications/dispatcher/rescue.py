"""What dead workers left behind: claims whose lease ran out."""

from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Least

from notifications.dispatcher.changes import becoming, planned_again
from notifications.models import DeliveryAttempt, Message, MessageState, Outcome
from pathway.models import Reminder
from pathway.states import ReminderState

CLAIMED = ReminderState.CLAIMED
WORKER_GONE = "The worker that sent it went away."


def rescue(*, now: datetime, limit: int) -> int:
    """Put up to `limit` rows with an expired lease back; how many.

    A row whose sending was not started is planned again: no provider has seen it. One that was started may have been
    sent, so it becomes unknown and is settled by evidence. Two rescuers at once share the rows out.
    """
    if not Reminder.objects.filter(state=CLAIMED, claimed_until__lte=now).exists():
        return 0
    with transaction.atomic():
        expired = list(
            Reminder.objects.select_for_update(skip_locked=True)
            .filter(state=CLAIMED, claimed_until__lte=now)
            .order_by("id")[:limit]
        )
        started = [row.pk for row in expired if row.started_at is not None]
        unstarted = [row.pk for row in expired if row.started_at is None]
        Reminder.objects.filter(id__in=unstarted).update(**planned_again(CLAIMED))
        look_up_at = Least(
            Value(now, DateTimeField()), F("useful_until")
        )  # never after its usefulness: that would mean closed
        Reminder.objects.filter(id__in=started).update(
            **becoming(CLAIMED, ReminderState.UNKNOWN, run_at=look_up_at, reason=WORKER_GONE)
        )
        under_way = DeliveryAttempt.objects.filter(message__reminder_id__in=started, outcome="")
        under_way.update(outcome=Outcome.UNKNOWN, finished_at=now, error=WORKER_GONE)
        Message.objects.filter(reminder_id__in=started, state=MessageState.SENDING).update(state=MessageState.UNKNOWN)
    return len(expired)
