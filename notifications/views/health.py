"""Whether reminders go out, for the line on Today and the banner on every staff page."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.queries.health import dispatch_lag
from notifications.queries.last_sent import last_sent_at
from patients.views.access import staff_page

ALARM_AFTER = timedelta(minutes=2)


@require_safe
@staff_page
def reminder_alarm(request: HttpRequest) -> HttpResponse:
    """The banner; empty while reminders go out."""
    return render(request, "notifications/health/alarm.html", alarm_context())


@require_safe
@staff_page
def reminder_line(request: HttpRequest) -> HttpResponse:
    """The line that says when the last one went out."""
    return render(request, "notifications/health/line.html", line_context())


def alarm_context() -> dict[str, object]:
    """How late the oldest due reminder is, and whether that is a reason to worry."""
    lag = dispatch_lag(now=timezone.now())
    return {"lag": lag, "late": lag > ALARM_AFTER}


def line_context() -> dict[str, object]:
    """The same, with the age of the newest message (None before the first)."""
    now, newest = timezone.now(), last_sent_at()
    return alarm_context() | {"age": max(now - newest, timedelta(0)) if newest else None}
