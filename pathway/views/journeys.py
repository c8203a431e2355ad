"""The list of journeys."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pathway.forms import SearchForm
from pathway.queries.journeys import journey_list
from pathway.states import JourneyState
from patients.actions.audit import record_list_read
from patients.queries.visible import signed_in
from patients.views.access import staff_page

SEARCH = "journeys-search"
STATES = [
    ("under-way", "Under way"),
    ("", "All"),
    *(
        (state.value, state.replace("-", " ").capitalize())
        for state in (
            JourneyState.REFERRED,
            JourneyState.SCHEDULED,
            JourneyState.STAYING,
            JourneyState.TRANSFERRED,
            JourneyState.DISCHARGED,
            JourneyState.COMPLETED,
            JourneyState.CANCELLED,
        )
    ),
]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def journeys(request: HttpRequest) -> HttpResponse:
    """The list. A search is posted and kept in the session, so that no name stands in an address."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        request.session[SEARCH] = (
            form.cleaned_data["search"].strip() if form.is_valid() and "clear" not in request.POST else ""
        )
        state = request.GET.get("state")
        return redirect(request.path + (f"?state={state}" if state in dict(STATES) else ""))
    now, staff = timezone.now(), signed_in(request.user)
    state = request.GET.get("state", "under-way")
    search = request.session.get(SEARCH, "")
    page = journey_list(staff, search=search, state=state, page=request.GET.get("page", "1"), now=now)
    record_list_read(clinics=request.clinics, what="Journeys", by=staff, now=now)  # type: ignore[attr-defined]
    context = {
        "here": "journeys",
        "page": page,
        "search": search,
        "state": state,
        "states": STATES,
        "now": now,
        "several_clinics": len(request.clinics) > 1,  # type: ignore[attr-defined]
    }
    return render(request, "pathway/journeys/page.html", context)
