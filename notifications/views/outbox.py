"""The outbox: what would have gone to phones, caught and shown as on a phone."""

from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.channels import configured_routes
from notifications.channels.outbox import OutboxChannel
from notifications.forms import ReplyForm
from notifications.queries.outbox import number_on, phone_of, talks
from notifications.replies.receive import Incoming, receive
from patients.actions.audit import record_list_read, record_read
from patients.models import ContactKind, Patient
from patients.queries.visible import signed_in, visible_patients
from patients.views.access import staff_page


@require_safe
@staff_page
def outbox(request: HttpRequest, patient_id: int | None = None) -> HttpResponse:
    """Conversations and one phone: the patient's, or else that of the newest message.

    A refresh by htmx shows what is open already and is no new read of the record.
    """
    staff, now = signed_in(request.user), timezone.now()
    found = talks(staff, page=request.GET.get("page", "1"))
    patient = None
    if patient_id is not None:
        patient = get_object_or_404(visible_patients(staff), pk=patient_id)
    elif found.object_list:
        patient = visible_patients(staff).filter(pk=found.object_list[0].patient_id).first()
    phone = phone_of(staff, patient) if patient else None
    form = ReplyForm() if patient and is_stand_in(patient) else None
    context = {
        "here": "outbox", "talks": found, "phone": phone, "patient": patient, "now": now, "reply_form": form,
    }  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "notifications/outbox/talks.html", context)
    record_list_read(clinics=request.clinics, what="Outbox", by=staff, now=now)  # type: ignore[attr-defined]
    if patient:
        record_read(patient=patient, what="messages", by=staff, now=now)
    return render(request, "notifications/outbox/page.html", context)


@require_POST
@staff_page
def reply(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Write back as the patient would: through the same door as a provider. Only where the outbox is the phone."""
    patient = get_object_or_404(visible_patients(signed_in(request.user)), pk=patient_id)
    if not is_stand_in(patient):
        raise Http404
    form, number = ReplyForm(request.POST), number_on(patient)
    if form.is_valid() and number:
        incoming = Incoming(
            channel=ContactKind.SMS,
            address=number,
            sent_to=patient.clinic.phone.as_e164,
            body=form.cleaned_data["body"],
            reference=f"outbox-{uuid4()}",
            clinics=frozenset({patient.clinic_id}),
        )
        receive(incoming=incoming, now=timezone.now())
    return redirect("outbox-patient", patient_id)


def is_stand_in(patient: Patient) -> bool:
    """Whether the outbox stands in for the patient's phone: then a visitor may write back. Never in production."""
    texts = configured_routes().channel(ContactKind.SMS, patient.clinic_id)
    return isinstance(texts, OutboxChannel) and not settings.PRODUCTION
