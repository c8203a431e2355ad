"""Are reminders going out?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from pathway.models import Reminder
from pathway.states import REMINDER_PENDING, ReminderState


@dataclass(frozen=True, slots=True)
class DispatchHealth:
    """How far behind the dispatcher is: the age of the oldest due unsent reminder, how many are due, all by state."""

    lag: timedelta
    due: int
    by_state: dict[ReminderState, int]


def dispatch_health(*, now: datetime) -> DispatchHealth:
    """The state of the queue at `now` (UTC). A reminder that waits for a retry or for the sending hours is not due."""
    counts = dict(Reminder.objects.order_by().values_list("state").annotate(count=Count("id")))
    return DispatchHealth(
        lag=dispatch_lag(now=now),
        due=Reminder.objects.filter(state__in=REMINDER_PENDING, run_at__lte=now).count(),
        by_state={state: counts.get(state.value, 0) for state in ReminderState},
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
