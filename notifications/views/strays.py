"""Messages from unknown numbers: read, and settled by hand."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.actions.strays import AlreadySettled, settle_stray
from notifications.forms import StrayForm
from notifications.queries.strays import settled_strays, unsettled_strays, visible_strays
from patients.actions.audit import record_list_read
from patients.queries.visible import signed_in
from patients.views.access import staff_page

PAGE_SIZE = 30
SETTLED_SHOWN = 10


@require_safe
@staff_page
def strays(request: HttpRequest) -> HttpResponse:
    """The page: those that wait, and the last that were settled."""
    staff = signed_in(request.user)
    clinics = request.clinics  # type: ignore[attr-defined]
    record_list_read(clinics=clinics, what="Unknown numbers", by=staff, now=timezone.now())
    return render_strays(request)


@require_POST
@staff_page
def settle(request: HttpRequest, stray_id: int) -> HttpResponse:
    """Write down what came of one."""
    staff = signed_in(request.user)
    stray, form = get_object_or_404(visible_strays(staff), pk=stray_id), StrayForm(request.POST)
    if not form.is_valid():
        form.mark_problems()
        return render_strays(request, wrong_id=stray.pk, wrong_form=form)
    try:
        settle_stray(stray=stray, outcome=form.cleaned_data["outcome"], by=staff, now=timezone.now())
    except AlreadySettled as error:
        messages.error(request, str(error))
    return redirect("strays")


def render_strays(request: HttpRequest, **wrong: object) -> HttpResponse:
    """The page; `wrong` names the message whose form was not filled in right, and that form."""
    staff = signed_in(request.user)
    context = {
        "here": "today",
        "zone": request.clinics[0].tz,  # type: ignore[attr-defined]
        "page": Paginator(unsettled_strays(staff), PAGE_SIZE).get_page(request.GET.get("page", "1")),
        "settled": settled_strays(staff)[:SETTLED_SHOWN],
        "several_clinics": len(request.clinics) > 1,  # type: ignore[attr-defined]
        "form": StrayForm(auto_id=False),
        **wrong,
    }
    return render(request, "notifications/strays/page.html", context, status=422 if wrong else 200)
