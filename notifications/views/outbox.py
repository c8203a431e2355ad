"""The outbox: what would have gone to phones, caught and shown as on a phone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from notifications.queries.outbox import phone_of, talks
from patients.actions.audit import record_list_read, record_read
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
    context = {"here": "outbox", "talks": found, "phone": phone, "patient": patient, "now": now}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "notifications/outbox/talks.html", context)
    record_list_read(clinics=request.clinics, what="Outbox", by=staff, now=now)  # type: ignore[attr-defined]
    if patient:
        record_read(patient=patient, what="messages", by=staff, now=now)
    return render(request, "notifications/outbox/page.html", context)
