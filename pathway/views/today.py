"""Today: what needs a person now, today's and tomorrow's procedures, and follow-ups that come due."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pathway.forms import DoneForm, LaterForm
from pathway.queries.board import FIRST_ROWS, LONGEST_LIST, work_list
from pathway.queries.procedures import follow_ups_due, procedures_today, procedures_tomorrow
from patients.actions.audit import record_list_read
from patients.queries.visible import signed_in
from patients.views.access import staff_page


@require_safe
@staff_page
def today(request: HttpRequest) -> HttpResponse:
    """The page; for htmx only the work list, which is no new read of it."""
    now = timezone.now()
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "pathway/today/work.html", work_context(request, now=now))
    record_list_read(clinics=request.clinics, what="Today", by=signed_in(request.user), now=now)  # type: ignore[attr-defined]
    return render_today(request, now=now)


def work_context(request: HttpRequest, *, now: datetime) -> dict[str, object]:
    """What the work list shows: the most pressing tasks, `?show=all` of them, or `?show=mine`."""
    show = request.GET.get("show", "")
    limit = LONGEST_LIST if show in ("all", "mine") else FIRST_ROWS
    return {
        "now": now,
        "show": show if show in ("all", "mine") else "",
        "several_clinics": len(request.clinics) > 1,  # type: ignore[attr-defined]
        "work": work_list(signed_in(request.user), now=now, only_mine=show == "mine", limit=limit),
        "done_form": DoneForm(auto_id=False),
        "later_form": LaterForm(auto_id=False),
    }


def render_today(
    request: HttpRequest, *, now: datetime, wrong: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page; `wrong` names the task whose form was not filled in right, and that form."""
    staff, clinics = signed_in(request.user), request.clinics  # type: ignore[attr-defined]
    follow_ups = follow_ups_due(staff, now=now)
    context = work_context(request, now=now) | {
        "here": "today",
        "zone": clinics[0].tz,
        "now_on": procedures_today(staff, clinics=clinics, now=now),
        "procedures": procedures_tomorrow(staff, clinics=clinics, now=now),
        "follow_ups": follow_ups,
        "not_booked": sum(not row.booked for row in follow_ups),
        **(wrong or {}),
    }
    return render(request, "pathway/today/page.html", context, status=status)
