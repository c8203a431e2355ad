"""What a journey's page takes down clinically: candidacy, the insurer's word, outcome measures."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from notifications.views.clinical_panels import (
    authorisation_form,
    candidacy_form,
    correct_form,
    decision_form,
    measure_form,
)
from notifications.views.journey import journey_for, render_journey
from pathway.actions.authorisation import NotRecordable, record_authorisation
from pathway.actions.candidacy import NotDecidable, decide_candidacy, record_assessment
from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.measurements import (
    NotMeasurable,
    correct_measurement,
    record_measurement,
    retract_measurement,
)
from pathway.models import Source
from pathway.queries.candidacy import candidacy_of
from pathway.queries.measurements import measures_of
from pathway.states import JourneyState, TransitionError
from patients.actions.audit import record_change
from patients.queries.visible import signed_in
from patients.views.access import staff_page


@require_POST
@staff_page
def record_answers(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Keep what was answered at the consult; earlier answers stay in the history."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = candidacy_form(candidacy_of(row), request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                record_assessment(journey=row, answers=form.answers(), by=by, now=now)
                record_change(patient=row.patient, what=f"journey {row.pk}: candidacy answers", by=by, now=now)
        except TransitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Recorded. A prescriber decides.")
            return redirect("journey", journey_id)
    return render_journey(request, row, now=now, candidacy_form=form)


@require_POST
@staff_page
def decide(request: HttpRequest, journey_id: int) -> HttpResponse:
    """A prescriber decides whether the patient is a candidate."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = decision_form(candidacy_of(row), request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                decision = form.decided()
                decide_candidacy(
                    journey=row, decision=decision, assessment=form.looked_at(row.assessments.all()),
                    reason=form.cleaned_data["reason"], by=by, now=now,
                )  # fmt: skip
                record_change(patient=row.patient, what=f"journey {row.pk}: {decision}", by=by, now=now)
        except NotDecidable as error:
            form.add_error(error.field, str(error))
        except (NotAPrescriber, TransitionError) as error:
            form.add_error("decision", str(error))
        else:
            messages.success(request, DECIDED[decision])
            return redirect("journey", journey_id)
    return render_journey(request, row, now=now, decision_form=form)


DECIDED = {
    JourneyState.CANDIDATE: "Decided: a candidate.",
    JourneyState.NOT_A_CANDIDATE: "Decided: not a candidate. Nothing more goes out, and a nurse has the call to make.",
}


@require_POST
@staff_page
def authorise(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Write down how the prior authorisation stands."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = authorisation_form(row, request.POST)
    if form.is_valid():
        told = {name: form.cleaned_data[name] for name in ("number", "expires_date", "note")}
        try:
            with transaction.atomic():
                record_authorisation(journey=row, state=form.stands(), by=by, now=now, **told)
                record_change(patient=row.patient, what=f"journey {row.pk}: authorisation", by=by, now=now)
        except NotRecordable as error:
            form.add_error(error.field, str(error))
        except TransitionError as error:
            form.add_error("state", str(error))
        else:
            messages.success(request, "Saved.")
            return redirect("journey", journey_id)
    return render_journey(request, row, now=now, authorisation_form=form)


@require_POST
@staff_page
def measure(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Keep one measured value."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = measure_form(row, now, request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                record_measurement(
                    journey=row, measure=form.measure(), entered=form.entered(), at=form.cleaned_data["at"],
                    occasion=form.cleaned_data["occasion"], source=Source.STAFF, by=by, now=now,
                )  # fmt: skip
                record_change(patient=row.patient, what=f"journey {row.pk}: measured", by=by, now=now)
        except NotMeasurable as error:
            form.add_error({"at": "day", "measure": "key"}.get(error.field, error.field), str(error))
        else:
            messages.success(request, "Recorded.")
            return redirect("journey", journey_id)
    return render_journey(request, row, now=now, measure_form=form)


@require_POST
@staff_page
def correct(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Put a measured value right, or take it back; the old one stays in the history."""
    now, row, by = timezone.now(), journey_for(request, journey_id), signed_in(request.user)
    form = correct_form(measures_of(row), request.POST)
    if form.is_valid():
        old = get_object_or_404(row.measurements.all(), pk=form.cleaned_data["which"])
        why = form.cleaned_data["why"]
        try:
            with transaction.atomic():
                if form.cleaned_data["take_back"]:
                    retract_measurement(measurement=old, why=why, by=by, now=now)
                else:
                    correct_measurement(measurement=old, entered=form.right(), why=why, by=by, now=now)
                record_change(patient=row.patient, what=f"journey {row.pk}: measurement corrected", by=by, now=now)
        except NotMeasurable as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "Corrected. The old value stays in the history.")
            return redirect("journey", journey_id)
    return render_journey(request, row, now=now, correct_form=form)
