"""What staff write down after the procedure: check-ins by phone, missed and closed visits, therapy, tasks by hand."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from notifications.views.after import close_form, missed_form, task_form
from notifications.views.journey import journey_for, render_journey
from pathway.actions.check_ins import CheckInClosed, answer_check_in
from pathway.actions.follow_ups import close_visit, miss_visit
from pathway.actions.journeys import NotBookable
from pathway.actions.referrals import record_referral
from pathway.actions.work_items import add_item
from pathway.forms_after import MissedForm, PhoneCheckInForm, ReferralForm
from pathway.models import AnsweredBy, Journey
from pathway.queries.check_ins import staff_check_ins
from pathway.queries.follow_ups import follow_ups
from patients.actions.audit import record_change
from patients.queries.visible import signed_in
from patients.views.access import staff_page


@require_POST
@staff_page
def save_check_in(request: HttpRequest, journey_id: int, key: str) -> HttpResponse:
    """Write down what the patient says by phone; what is left may be asked later."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    found = next((one for one in staff_check_ins(row, now=now) if one.row.key == key), None)
    if found is None:
        raise Http404
    form = PhoneCheckInForm(request.POST, found=found)
    if form.is_valid():
        try:
            with transaction.atomic():
                answer_check_in(check_in=found.row, answers=form.answers(), via=AnsweredBy.PHONE, by=by, now=now)
                record_change(patient=row.patient, what=f"journey {row.pk}: check-in {key}", by=by, now=now)
        except CheckInClosed as error:
            form.add_error(None, str(error))
    if form.errors:
        return render_journey(request, row, now=now, check_in_form=form)
    messages.success(request, "Written down. What follows from it is in the tasks.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def miss(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The patient did not come."""
    now, row = timezone.now(), journey_for(request, journey_id)
    form = missed_form(follow_ups(row, now=now), request.POST)
    return _settle(request, row, form, miss_visit, "missed_form", "Written down. Book it again: there is a task.")


@require_POST
@staff_page
def close(request: HttpRequest, journey_id: int) -> HttpResponse:
    """A visit is not going to be, for a reason."""
    now, row = timezone.now(), journey_for(request, journey_id)
    form = close_form(follow_ups(row, now=now), request.POST)
    return _settle(request, row, form, close_visit, "close_form", "Closed. Nobody waits for this visit any more.")


def _settle(
    request: HttpRequest, row: Journey, form: MissedForm, change: Callable[..., Journey], name: str, done: str
) -> HttpResponse:
    now, by = timezone.now(), signed_in(request.user)
    if form.is_valid():
        key, why = form.cleaned_data["key"], form.cleaned_data["why"]
        try:
            with transaction.atomic():
                change(journey=row, key=key, why=why, by=by, now=now)
                record_change(patient=row.patient, what=f"journey {row.pk}: {key}", by=by, now=now)
        except NotBookable as error:
            form.add_error("key", str(error))
    if form.errors:
        return render_journey(request, row, now=now, **{name: form})
    messages.success(request, done)
    return redirect("journey", row.pk)


@require_POST
@staff_page
def refer(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Physical therapy, yes or no."""
    now, row, by, form = (
        timezone.now(),
        journey_for(request, journey_id),
        signed_in(request.user),
        ReferralForm(request.POST),
    )
    if not form.is_valid():
        return render_journey(request, row, now=now, referral_form=form)
    with transaction.atomic():
        record_referral(
            journey=row,
            is_referred=form.cleaned_data["referred"] == "yes",
            first_visit_date=form.cleaned_data["first_visit_date"],
            by=by,
            now=now,
        )
        record_change(patient=row.patient, what=f"journey {row.pk}: physical therapy", by=by, now=now)
    messages.success(request, "Saved.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def add_task(request: HttpRequest, journey_id: int) -> HttpResponse:
    """A task by hand."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = task_form(row, now, request.POST)
    if not form.is_valid():
        return render_journey(request, row, now=now, task_form=form)
    data = form.cleaned_data
    with transaction.atomic():
        add_item(journey=row, kind=data["kind"], why=data["why"], say=data["say"], due_at=data["at"], by=by, now=now)
        record_change(patient=row.patient, what=f"journey {row.pk}: task", by=by, now=now)
    messages.success(request, "Written down. It is in everybody's list.")
    return redirect("journey", journey_id)
