"""Are reminders going out?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Min

from notifications.models import StrayMessage
from notifications.queries.last_sent import last_sent_at
from pathway.models import Priority, Reminder, WorkItem
from pathway.states import ReminderState, WorkItemState

ALARM_AFTER = timedelta(minutes=2)
"""A reminder that is due for longer than this is a reason to call patients and to wake whoever runs the site."""


@dataclass(frozen=True, slots=True)
class DispatchHealth:
    """The queue at one moment, and what waits for people.

    `lag` is the age of the oldest due unsent reminder; `due` counts those no dispatcher holds, `claimed` those that one
    does, `unsettled` those of which nobody knows yet whether they arrived. `last_sent_age` is None before the first.
    """

    lag: timedelta
    due: int
    claimed: int
    unsettled: int
    last_sent_age: timedelta | None
    work_items: dict[Priority, int]
    strays: int


def dispatch_health(*, now: datetime) -> DispatchHealth:
    """The state of the queue at `now` (UTC). A reminder that waits for a retry or for the sending hours is not due.

    Each part reads one partial index, and of it only what it counts: none grows with the reminders that wait for a
    later day, or with what was ever sent.
    """
    newest = last_sent_at()
    undone = WorkItem.objects.exclude(state=WorkItemState.RESOLVED).order_by()
    by_priority = dict(undone.values_list("priority").annotate(count=Count("id")))
    return DispatchHealth(
        lag=dispatch_lag(now=now),
        due=Reminder.objects.filter(state=ReminderState.PLANNED, run_at__lte=now).count(),
        claimed=Reminder.objects.filter(state=ReminderState.CLAIMED, claimed_until__isnull=False).count(),
        unsettled=Reminder.objects.filter(
            state=ReminderState.UNKNOWN, run_at__isnull=False, useful_until__gte=F("run_at")
        ).count(),
        last_sent_age=max(now - newest, timedelta(0)) if newest else None,
        work_items={priority: by_priority.get(priority.value, 0) for priority in Priority},
        strays=StrayMessage.objects.filter(settled_at=None).count(),
    )


def dispatch_lag(*, now: datetime) -> timedelta:
    """The age of the oldest due unsent reminder at `now` (UTC).

    Cheap enough for every page: the first entry of the index of planned rows, and the few rows claimed just now. One
    query over both states would read the whole table.
    """
    claimed = Reminder.objects.filter(state=ReminderState.CLAIMED, claimed_until__isnull=False, run_at__lte=now)
    due = [at for at in (next_run_at(), claimed.aggregate(oldest=Min("run_at"))["oldest"]) if at and at <= now]
    return now - min(due) if due else timedelta(0)


def next_run_at() -> datetime | None:
    """When (UTC) the next reminder falls due, or fell due and waits; `None` when nothing is planned."""
    planned = Reminder.objects.filter(state=ReminderState.PLANNED).order_by("run_at", "id")
    return planned.values_list("run_at", flat=True).first()
