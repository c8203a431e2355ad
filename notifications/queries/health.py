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
    due = Reminder.objects.filter(state__in=REMINDER_PENDING, run_at__lte=now).aggregate(
        oldest=Min("run_at"), count=Count("id")
    )
    counts = dict(Reminder.objects.order_by().values_list("state").annotate(count=Count("id")))
    return DispatchHealth(
        lag=now - due["oldest"] if due["oldest"] else timedelta(0),
        due=due["count"],
        by_state={state: counts.get(state.value, 0) for state in ReminderState},
    )


def dispatch_lag(*, now: datetime) -> timedelta:
    """The age of the oldest due unsent reminder at `now` (UTC): one index read, cheap enough for every page."""
    oldest = Reminder.objects.filter(state__in=REMINDER_PENDING, run_at__lte=now).aggregate(at=Min("run_at"))["at"]
    return now - oldest if oldest else timedelta(0)


def next_run_at() -> datetime | None:
    """When (UTC) the next reminder falls due; `None` when nothing is planned."""
    planned = Reminder.objects.filter(state=ReminderState.PLANNED).order_by("run_at", "id")
    return planned.values_list("run_at", flat=True).first()
