"""One journey: its timeline with every message, what is known of the person, and what can be done with it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.forms import CaregiverForm, ResumeForm, StopForm
from notifications.queries.incoming import copies_stopped_at, incoming_messages
from notifications.queries.messages import messages_by_reminder, previews
from notifications.views.after import after_context
from notifications.views.clinical_panels import clinical_panels
from pathway.actions.caregivers import change_caregiver, drop_caregiver
from pathway.actions.journeys import NotBookable, book, cancel, record
from pathway.actions.opt_out import resume_texts, stop_texts
from pathway.forms import BookForm, CancelForm, DescribedForm, DoneForm, LaterForm, RecordForm
from pathway.forms_after import PhoneCheckInForm
from pathway.models import CancelReason, Journey
from pathway.queries.person import person_of
from pathway.queries.protocols import protocol_of
from pathway.queries.recordable import recordable_milestones
from pathway.queries.timeline import milestone_titles, timeline
from pathway.queries.visible import visible_journeys
from pathway.states import JOURNEY_ENDED, JourneyState, TransitionError
from patients.actions.audit import record_change, record_read
from patients.queries.caregivers import caregiver_of
from patients.queries.visible import signed_in
from patients.views.access import staff_page

FORM_AT = {
    "record_form": "record",
    "stop_form": "texts",
    "resume_form": "texts",
    "caregiver_form": "caregiver",
    "candidacy_form": "candidacy",
    "decision_form": "candidacy",
    "authorisation_form": "authorisation",
    "measure_form": "measures",
    "correct_form": "measures",
    "missed_form": "follow-ups",
    "close_form": "follow-ups",
    "referral_form": "follow-ups",
    "task_form": "new-task",
}
"""Where on the page each form stands; the others are at `change`, and a check-in's at its own."""


@require_safe
@staff_page
def journey(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The page of one journey."""
    now, row = timezone.now(), journey_for(request, journey_id)
    record_read(patient=row.patient, what=f"journey {row.pk}", by=signed_in(request.user), now=now)
    return render_journey(request, row, now=now)


@require_POST
@staff_page
def book_milestone(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Book or move a milestone; what follows from it is planned anew at once."""
    now, row = timezone.now(), journey_for(request, journey_id)
    form = _book_form(row, now, request.POST)
    if not form.is_valid():
        return render_journey(request, row, now=now, book_form=form)
    key, at, why = (form.cleaned_data[name] for name in ("key", "at", "why"))
    try:
        with transaction.atomic():
            book(journey=row, key=key, at=at, by=signed_in(request.user), now=now, why=why)
            record_change(patient=row.patient, what=f"journey {row.pk}: {key}", by=signed_in(request.user), now=now)
    except (NotBookable, TransitionError) as error:
        form.add_error("day" if isinstance(error, NotBookable) else "key", str(error))
        return render_journey(request, row, now=now, book_form=form)
    messages.success(request, "Booked. The texts below fit the new time.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def record_milestone(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Record that a milestone has happened; what follows from it is planned anew at once."""
    now, row = timezone.now(), journey_for(request, journey_id)
    form = _record_form(row, now, request.POST)
    if not form.is_valid():
        return render_journey(request, row, now=now, record_form=form)
    key, at = form.cleaned_data["key"], form.cleaned_data["at"]
    try:
        with transaction.atomic():
            record(journey=row, key=key, at=at, by=signed_in(request.user), now=now)
            what = f"journey {row.pk}: {key} happened"
            record_change(patient=row.patient, what=what, by=signed_in(request.user), now=now)
    except (NotBookable, TransitionError) as error:
        form.add_error("day" if isinstance(error, NotBookable) else "key", str(error))
        return render_journey(request, row, now=now, record_form=form)
    messages.success(request, "Recorded. The texts below follow from it.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def cancel_journey(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Call a journey off, with the reason."""
    now, row, form = timezone.now(), journey_for(request, journey_id), CancelForm(request.POST)
    if not form.is_valid():
        return render_journey(request, row, now=now, cancel_form=form)
    try:
        with transaction.atomic():
            because, reason = CancelReason(form.cleaned_data["because"]), form.cleaned_data["reason"]
            cancel(journey=row, because=because, reason=reason, by=signed_in(request.user), now=now)
            record_change(patient=row.patient, what=f"journey {row.pk}: off", by=signed_in(request.user), now=now)
    except (TransitionError, ValueError) as error:
        form.add_error("reason", str(error))
        return render_journey(request, row, now=now, cancel_form=form)
    messages.success(request, "Called off. Texts that had not gone out are withdrawn.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def stop_patient_texts(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The patient told somebody that they want no more texts: nothing more goes out, on any channel."""
    done = "Nothing more is sent. Each text that would have gone out becomes a call."
    return _change_texts(request, journey_id, stop_texts, done, stop_form=StopForm(request.POST))


@require_POST
@staff_page
def resume_patient_texts(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The patient wants texts again, for a reason that stays in the history."""
    done = "Texts go out again, from the next one on."
    return _change_texts(request, journey_id, resume_texts, done, resume_form=ResumeForm(request.POST))


def _change_texts(
    request: HttpRequest, journey_id: int, change: Callable[..., bool], done: str, **named: DescribedForm
) -> HttpResponse:
    """Stop or resume a patient's texts as the one form in `named` says, and say that it is `done`."""
    now, row, (form,) = timezone.now(), journey_for(request, journey_id), named.values()
    if not form.is_valid():
        return render_journey(request, row, now=now, **named)
    if change(patient=row.patient, how=form.cleaned_data["how"], by=signed_in(request.user), now=now):
        messages.success(request, done)
    return redirect("journey", journey_id)


@require_POST
@staff_page
def save_caregiver(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Add or change who helps the patient, and whether they get copies of the texts."""
    now, row = timezone.now(), journey_for(request, journey_id)
    form = _caregiver_form(row, request.POST)
    if not form.is_valid():
        return render_journey(request, row, now=now, caregiver_form=form)
    told = form.told()
    stopped_at = copies_stopped_at(row.patient, told.phone)
    if change_caregiver(patient=row.patient, told=told, stopped_at=stopped_at, by=signed_in(request.user), now=now):
        messages.success(request, "Saved.")
    return redirect("journey", journey_id)


@require_POST
@staff_page
def remove_caregiver(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Take out who helps the patient; nothing more goes to them."""
    row = journey_for(request, journey_id)
    if drop_caregiver(patient=row.patient, by=signed_in(request.user), now=timezone.now()):
        messages.success(request, "Removed. No more copies go out.")
    return redirect("journey", journey_id)


def journey_for(request: HttpRequest, journey_id: int) -> Journey:
    """The journey, where this person may see it; else there is none."""
    return get_object_or_404(visible_journeys(signed_in(request.user)), pk=journey_id)


def _book_form(row: Journey, now: datetime, data: object = None) -> BookForm:
    titles = milestone_titles(protocol_of(row.protocol_version))
    return BookForm(data, milestones=list(titles.items()), zone=row.clinic.tz, now=now, initial={"key": "procedure"})


def _record_form(row: Journey, now: datetime, data: object = None) -> RecordForm:
    found = recordable_milestones(row, now=now)
    choices = [(one.key, one.title) for one in found]
    if len(choices) > 1:
        choices = [("", "Choose what happened"), *choices]
    local = now.astimezone(row.clinic.tz)
    initial: dict[str, object] = {}
    if all(one.is_today for one in found):  # else now is no likely moment, and all that follows is timed from it
        initial = {"day": local.date(), "clock": local.time()}
    return RecordForm(data, milestones=choices, zone=row.clinic.tz, now=now, initial=initial)


def _caregiver_form(row: Journey, data: object = None) -> CaregiverForm:
    return CaregiverForm(data, patient=row.patient, caregiver=caregiver_of(row.patient))


def form_at(name: str, form: DescribedForm) -> str:
    """The id of the place on the page where this form stands."""
    return f"check-in-{form.found.row.key}" if isinstance(form, PhoneCheckInForm) else FORM_AT.get(name, "change")


def render_journey(
    request: HttpRequest,
    row: Journey,
    *,
    now: datetime,
    **wrong: DescribedForm,
) -> HttpResponse:
    """The page; `wrong` holds the form that was not filled in right, by its name in the template."""
    for form in wrong.values():
        form.mark_problems()
    ended = row.state in JOURNEY_ENDED
    staff = signed_in(request.user)
    incoming = incoming_messages(row)
    context = {
        "here": "journeys",
        "journey": row,
        "now": now,
        "timeline": timeline(row, now=now, beside=[entry for entry, _ in incoming]),
        "written": {entry.key: body for entry, body in incoming},
        "messages_of": messages_by_reminder(row),
        "previews": previews(row),
        "person": person_of(row, staff=staff, now=now),
        "may_book": not ended or row.state == JourneyState.CANCELLED,
        "may_cancel": not ended,
        "unbooked": not any(milestone.key == "procedure" for milestone in row.milestones.all()),
        "book_form": _book_form(row, now),
        "record_form": _record_form(row, now),
        "cancel_form": CancelForm(),
        "stop_form": StopForm(),
        "resume_form": ResumeForm(),
        "caregiver_form": _caregiver_form(row),
        "done_form": DoneForm(auto_id=False),
        "later_form": LaterForm(auto_id=False),
        **clinical_panels(row, staff=staff, now=now),
        **after_context(row, now=now),
        **wrong,
        "wrong_at": next((form_at(name, form) for name, form in wrong.items()), ""),
    }
    return render(request, "notifications/journey/page.html", context, status=422 if wrong else 200)
