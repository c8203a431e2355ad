"""Whether reminders go out, for the line on Today and the banner on every staff page."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.queries.health import ALARM_AFTER, dispatch_lag
from notifications.queries.last_sent import last_sent_at
from notifications.queries.refusals import Refused, refused_channels
from patients.models import Clinic
from patients.views.access import staff_page

NAMES = {"sms": ("Texts", "text"), "voice": ("Calls", "automatic call"), "email": ("Emails", "email")}


@require_safe
@staff_page
def reminder_alarm(request: HttpRequest) -> HttpResponse:
    """The banner; empty while reminders go out."""
    return render(request, "notifications/health/alarm.html", alarm_context(clinics_of(request)))


@require_safe
@staff_page
def reminder_line(request: HttpRequest) -> HttpResponse:
    """The line that says when the last one went out."""
    return render(request, "notifications/health/line.html", line_context(clinics_of(request)))


def clinics_of(request: HttpRequest) -> list[Clinic]:
    """The clinics whose patients the viewer sees; `staff_page` found them."""
    clinics: list[Clinic] = request.clinics  # type: ignore[attr-defined]
    return clinics


def alarm_context(clinics: Iterable[Clinic]) -> dict[str, object]:
    """What is a reason to worry: how late the oldest due reminder is, and what providers refuse of these clinics."""
    return alarms(clinics, now=timezone.now())


def line_context(clinics: Iterable[Clinic]) -> dict[str, object]:
    """The same, with the age of the newest message (None before the first)."""
    now, newest = timezone.now(), last_sent_at()
    return alarms(clinics, now=now) | {"age": max(now - newest, timedelta(0)) if newest else None}


def alarms(clinics: Iterable[Clinic], *, now: datetime) -> dict[str, object]:
    """The alarms at `now`. A clinic is named where the viewer sees several."""
    names = {clinic.pk: clinic.name for clinic in clinics}
    lag = dispatch_lag(now=now)
    refused = refused_channels(now=now, clinic_ids=names)
    return {
        "lag": lag,
        "late": lag > ALARM_AFTER,
        "refused": [in_words(one, clinic=names[one.clinic_id] if len(names) > 1 else "") for one in refused],
    }


def in_words(refused: Refused, *, clinic: str) -> dict[str, str]:
    """One refusal as the banner says it: what, of whom, why, and which message patients will miss."""
    what, one = NAMES.get(refused.channel, ("Messages", "message"))
    return {"what": f"{what} of {clinic}" if clinic else what, "one": one, "reason": refused.reason}
