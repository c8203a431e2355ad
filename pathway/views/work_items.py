"""What a nurse does with a task: claim, give back, done, later. Every one is a plain form."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from pathway.actions.work_items import AlreadyTaken, claim_item, release_item, resolve_item, snooze_item
from pathway.forms import DescribedForm, DoneForm, LaterForm
from pathway.models import WorkItem
from pathway.queries.visible import visible_work_items
from pathway.views.today import render_today
from patients.actions.audit import record_change
from patients.queries.visible import signed_in
from patients.views.access import staff_page


@require_POST
@staff_page
def claim(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take a task. Of two nurses who press at once, one has it and the other is told who."""
    item, now = _item(request, item_id), timezone.now()
    return _change(request, item, now, lambda: claim_item(item=item, by=signed_in(request.user), now=now))


@require_POST
@staff_page
def release(request: HttpRequest, item_id: int) -> HttpResponse:
    """Give a task back."""
    item, now = _item(request, item_id), timezone.now()
    return _change(request, item, now, lambda: release_item(item=item, by=signed_in(request.user), now=now))


@require_POST
@staff_page
def done(request: HttpRequest, item_id: int) -> HttpResponse:
    """Finish a task, with what came of it."""
    item, now, form = _item(request, item_id), timezone.now(), DoneForm(request.POST)
    if not form.is_valid():
        return _show_problem(request, item, now, "done", form)
    return _change(
        request,
        item,
        now,
        lambda: resolve_item(item=item, outcome=form.outcome(), by=signed_in(request.user), now=now),
    )


@require_POST
@staff_page
def later(request: HttpRequest, item_id: int) -> HttpResponse:
    """Put a task off, with the reason."""
    item, now, form = _item(request, item_id), timezone.now(), LaterForm(request.POST)
    if not form.is_valid():
        return _show_problem(request, item, now, "later", form)
    return _change(
        request,
        item,
        now,
        lambda: snooze_item(
            item=item,
            until=now + form.delay(),
            reason=form.cleaned_data["reason"],
            by=signed_in(request.user),
            now=now,
        ),
    )


def _item(request: HttpRequest, item_id: int) -> WorkItem:
    return get_object_or_404(visible_work_items(signed_in(request.user)), pk=item_id)


def _change(request: HttpRequest, item: WorkItem, now: datetime, action: Callable[[], object]) -> HttpResponse:
    try:
        with transaction.atomic():
            action()
            record_change(patient=item.journey.patient, what=f"task {item.pk}", by=signed_in(request.user), now=now)
    except (AlreadyTaken, ValueError) as error:
        messages.error(request, f"{item.journey.patient}: {error}")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page the form was on: Today, with the same choice of tasks, or the task's journey."""
    journey = request.POST.get("journey", "")
    if journey.isdigit():
        return reverse("journey", args=[journey])
    show = request.GET.get("show", "")
    return reverse("today") + (f"?{urlencode({'show': show})}" if show in ("all", "mine") else "")


def _show_problem(request: HttpRequest, item: WorkItem, now: datetime, which: str, form: DescribedForm) -> HttpResponse:
    form.mark_problems()
    wrong = {"wrong_id": item.pk, "wrong_which": which, "wrong_form": form, "wrong_patient": item.journey.patient}
    return render_today(request, now=now, wrong=wrong, status=422)
