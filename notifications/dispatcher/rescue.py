"""What dead workers left behind: sendings that were started, and whose lease ran out."""

from datetime import datetime

from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Least

from notifications.dispatcher.changes import becoming
from notifications.dispatcher.figures import count_changes
from notifications.models import DeliveryAttempt, Message, MessageState, Outcome
from notifications.queries.refusals import WORKER_GONE
from pathway.models import Reminder
from pathway.states import ReminderState

CLAIMED = ReminderState.CLAIMED


def rescue(*, now: datetime, limit: int) -> int:
    """Make up to `limit` rows with an expired lease unknown; how many. They may have been sent: evidence decides.

    Two rescuers at once share the rows out.
    """
    if not Reminder.objects.filter(state=CLAIMED, claimed_until__lte=now).exists():
        return 0
    with transaction.atomic():
        expired = Reminder.objects.select_for_update(skip_locked=True).filter(state=CLAIMED, claimed_until__lte=now)
        ids = list(expired.order_by("id").values_list("id", flat=True)[:limit])
        # Never after its usefulness: that would mean that nobody looks any more.
        look_up_at = Least(Value(now, DateTimeField()), F("useful_until"))
        values = becoming(CLAIMED, ReminderState.UNKNOWN, run_at=look_up_at, reason=WORKER_GONE)
        Reminder.objects.filter(id__in=ids).update(**values)
        sending = Message.objects.filter(reminder_id__in=ids, state=MessageState.SENDING)
        channels = dict(sending.values_list("reminder_id", "channel"))
        DeliveryAttempt.objects.bulk_create(
            [
                DeliveryAttempt(
                    message_id=pk, started_at=began, finished_at=now, outcome=Outcome.UNKNOWN, error=WORKER_GONE
                )
                for pk, began in sending.values_list("pk", "offered_at")
                if began is not None
            ],
            ignore_conflicts=True,
        )
        sending.update(state=MessageState.UNKNOWN)
    count_changes((channels.get(pk, ""), values) for pk in ids)
    return len(ids)
