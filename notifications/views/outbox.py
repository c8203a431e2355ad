"""The outbox: what would have gone to phones, caught and shown as on each phone."""

from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.channels import configured_routes
from notifications.channels.outbox import OutboxChannel
from notifications.forms import ReplyForm
from notifications.models import Recipient
from notifications.queries.outbox import number_of, phone_of, talks
from notifications.replies.receive import Incoming, receive
from patients.actions.audit import record_list_read, record_read
from patients.models import ContactKind, Patient, Staff
from patients.queries.visible import signed_in, visible_patients
from patients.views.access import staff_page


@require_safe
@staff_page
def outbox(request: HttpRequest, patient_id: int | None = None, recipient: str = Recipient.PATIENT) -> HttpResponse:
    """Conversations and one phone: the patient's or the caregiver's, or else that of the newest message.

    A refresh by htmx shows what is open already and is no new read of the record.
    """
    staff, now = signed_in(request.user), timezone.now()
    found, patient, whose = talks(staff, page=request.GET.get("page", "1")), None, Recipient(recipient)
    if patient_id is not None:
        patient = get_object_or_404(_patients(staff), pk=patient_id)
    elif found.object_list:
        whose = found.object_list[0].recipient
        patient = _patients(staff).filter(pk=found.object_list[0].patient_id).first()
    phone = phone_of(staff, patient, whose) if patient else None
    form = ReplyForm() if patient and phone and phone.number and is_stand_in(patient) else None
    context = {
        "here": "outbox", "talks": found, "phone": phone, "patient": patient, "recipient": whose, "now": now,
        "reply_form": form,
    }  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "notifications/outbox/talks.html", context)
    record_list_read(clinics=request.clinics, what="Outbox", by=staff, now=now)  # type: ignore[attr-defined]
    if patient:
        record_read(patient=patient, what="messages", by=staff, now=now)
    return render(request, "notifications/outbox/page.html", context)


@require_POST
@staff_page
def reply(request: HttpRequest, patient_id: int, recipient: str) -> HttpResponse:
    """Write back as whoever has the phone would: through a provider's door. Only where the outbox is the phone."""
    patient = get_object_or_404(_patients(signed_in(request.user)), pk=patient_id)
    if not is_stand_in(patient):
        raise Http404
    form, number = ReplyForm(request.POST), number_of(patient, Recipient(recipient))
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
    return redirect("outbox-phone", patient_id=patient_id, recipient=recipient)


def _patients(staff: Staff) -> QuerySet[Patient]:
    return visible_patients(staff).select_related("caregiver")


def is_stand_in(patient: Patient) -> bool:
    """Whether the outbox stands in for the patient's phone: then a visitor may write back. Never in production."""
    texts = configured_routes().channel(ContactKind.SMS, patient.clinic_id)
    return isinstance(texts, OutboxChannel) and not settings.PRODUCTION
