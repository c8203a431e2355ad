"""A journey's medicines and holds: written down, drafted, signed, told, stopped, taken again."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pathway.actions.draft_holds import draft_decided
from pathway.actions.hold_changes import NotAPrescriber, NotOfThisClinic
from pathway.actions.hold_course import NotAttestable, attest_last_dose, attest_restart, set_restart, tell_plan
from pathway.actions.holds import NotSignable, dangers, decline_hold, record_cardiology_agreement, sign_hold
from pathway.actions.medicines import change_medicine, record_result, stop_medicine
from pathway.forms import DescribedForm
from pathway.forms_holds import (
    FIELD_OF,
    AgreementForm,
    ByHandForm,
    DeclineForm,
    LastDoseForm,
    MedicineForm,
    RestartDayForm,
    RestartedForm,
    ResultForm,
    SignForm,
    ToldForm,
)
from pathway.models import Journey, MedicationHold
from pathway.queries.hold_page import hold_page, is_signed
from pathway.queries.holds import visible_holds
from pathway.queries.prescribers import is_prescriber
from pathway.queries.visible import visible_journeys
from pathway.states import HoldState, TransitionError
from patients.actions.audit import record_change, record_read
from patients.actions.keep_medicines import NotAResult
from patients.models import LabKind, Medication, Staff
from patients.queries.visible import signed_in
from patients.views.access import staff_page

BUTTONS = {
    "agreement": "Record cardiology's agreement",
    "sign": "Sign",
    "told": "Told by phone",
    "last-dose": "Last dose was taken",
    "restart-day": "Set the restart",
    "restarted": "Taken again",
    "decline": "Decline",
}


@require_safe
@staff_page
def holds(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The page of one journey's medicines."""
    now, row = timezone.now(), _journey(request, journey_id)
    record_read(patient=row.patient, what=f"medicines of journey {row.pk}", by=signed_in(request.user), now=now)
    return _render(request, row, now=now)


@require_POST
@staff_page
def save_medicine(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Write down a medicine; the table drafts from it at once."""
    now, row, form = timezone.now(), _journey(request, journey_id), MedicineForm(request.POST)
    if not form.is_valid():
        return _render(request, row, now=now, medicine_form=form)
    change_medicine(patient=row.patient, told=form.told(), by=signed_in(request.user), now=now)
    messages.success(request, "Saved. What the table drafts for it waits for a signature.")
    return redirect("holds", journey_id)


@require_POST
@staff_page
def end_medicine(request: HttpRequest, journey_id: int, medication_id: int) -> HttpResponse:
    """Note that a medicine is not taken any more, for good."""
    row = _journey(request, journey_id)
    medication = get_object_or_404(Medication, pk=medication_id, patient=row.patient)
    stop_medicine(medication=medication, by=signed_in(request.user), now=timezone.now())
    return redirect("holds", journey_id)


@require_POST
@staff_page
def save_result(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Write down a result that decides about a medicine."""
    now, row = timezone.now(), _journey(request, journey_id)
    form = ResultForm(request.POST, zone=row.clinic.tz, now=now)
    if form.is_valid():
        data = form.cleaned_data
        try:
            record_result(
                patient=row.patient, kind=LabKind(data["kind"]), value=data["value"], unit=data["unit"],
                taken_at=data["at"], by=signed_in(request.user), now=now,
            )  # fmt: skip
        except NotAResult as error:
            form.add_error(error.field, str(error))
    if form.errors:
        return _render(request, row, now=now, result_form=form)
    messages.success(request, "Saved.")
    return redirect("holds", journey_id)


@require_POST
@staff_page
def draft_by_hand(request: HttpRequest, journey_id: int) -> HttpResponse:
    """A hold that a prescriber decides on; it waits for a signature like those that the table drafts."""
    now, row, by = timezone.now(), _journey(request, journey_id), signed_in(request.user)
    form = ByHandForm(request.POST, medicines=hold_page(row, staff=by, now=now).unheld)
    if form.is_valid():
        try:
            with transaction.atomic():
                draft_decided(journey=row, by=by, now=now, **form.decided())
                record_change(patient=row.patient, what=f"journey {row.pk}: hold by hand", by=by, now=now)
        except NotAPrescriber as error:
            raise PermissionDenied(str(error)) from error
        except ValueError as error:
            form.add_error("length", str(error))
    if form.errors:
        return _render(request, row, now=now, by_hand_form=form)
    messages.success(request, "Drafted. Read it below and sign it.")
    return redirect("holds", journey_id)


@require_POST
@staff_page
def change(request: HttpRequest, hold_id: int, what: str) -> HttpResponse:
    """One thing done about one hold: see `BUTTONS`."""
    staff, now = signed_in(request.user), timezone.now()
    hold = get_object_or_404(visible_holds(staff), pk=hold_id)
    if what not in CHANGES:
        raise Http404
    form = _form(what, hold, now, request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                CHANGES[what](hold, form, staff, now)
                record_change(patient=hold.journey.patient, what=f"hold {hold.pk}: {what}", by=staff, now=now)
        except (NotAPrescriber, NotOfThisClinic) as error:
            raise PermissionDenied(str(error)) from error
        except NotSignable as error:
            form.add_error(_field(form, FIELD_OF.get(error.field, error.field)), str(error))
        except (NotAttestable, TransitionError) as error:
            form.add_error(_field(form, "day"), str(error))
    if form.errors:
        return _render(request, hold.journey, now=now, wrong={(hold.pk, what): form})
    messages.success(request, "Saved. The plan follows.")
    return redirect("holds", hold.journey_id)


def _field(form: DescribedForm, name: str) -> str:
    return name if name in form.fields else next(iter(form.fields))


def _sign(hold: MedicationHold, form: SignForm, staff: Staff, now: datetime) -> None:
    sign_hold(hold=hold, by=staff, now=now, **form.signed())


def _decline(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    decline_hold(hold=hold, reason=form.cleaned_data["reason"], by=staff, now=now)


def _agree(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    data = form.cleaned_data
    record_cardiology_agreement(hold=hold, agreed_by=data["agreed_by"], agreed_at=data["at"], by=staff, now=now)


def _tell(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    data = form.cleaned_data
    tell_plan(hold=hold, how=data["how"], has_read=data["has_read"], by=staff, now=now)


def _dose(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    attest_last_dose(hold=hold, at=form.cleaned_data["at"], by=staff, now=now)


def _day(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    set_restart(hold=hold, at=form.cleaned_data["at"], by=staff, now=now)


def _again(hold: MedicationHold, form: DescribedForm, staff: Staff, now: datetime) -> None:
    attest_restart(hold=hold, at=form.cleaned_data["at"], by=staff, now=now)


CHANGES: dict[str, Callable[..., None]] = {
    "agreement": _agree, "sign": _sign, "told": _tell, "last-dose": _dose, "restart-day": _day, "restarted": _again,
    "decline": _decline,
}  # fmt: skip
TIMED = {
    "agreement": AgreementForm, "last-dose": LastDoseForm, "restart-day": RestartDayForm, "restarted": RestartedForm,
}  # fmt: skip


def _form(what: str, hold: MedicationHold, now: datetime, data: object = None) -> DescribedForm:
    if what == "sign":
        return SignForm(data, hold=hold)
    named = {"prefix": f"{what}-{hold.pk}"}
    if what in TIMED:
        return TIMED[what](data, zone=hold.journey.clinic.tz, now=now, **named)
    return (DeclineForm if what == "decline" else ToldForm)(data, **named)


def _offered(hold: MedicationHold, *, may_sign: bool) -> list[str]:
    """What can be done about a hold as it stands, by this person."""
    state = HoldState(hold.state)
    offered = []
    if state is HoldState.DRAFTED:
        offered += ["agreement"] if hold.needs_cardiology and hold.cardiology_at is None else []
        offered += ["sign"] if may_sign and "agreement" not in offered else []
        offered += ["last-dose"]
    elif is_signed(hold):
        offered += ["told"] if state in (HoldState.APPROVED, HoldState.RELEASED) else []
        offered += ["last-dose", "restarted"]
        offered += ["restart-day"] if may_sign or hold.restart_when.startswith("eating") else []
    return offered + (["decline"] if offered and may_sign else [])


def _journey(request: HttpRequest, journey_id: int) -> Journey:
    return get_object_or_404(visible_journeys(signed_in(request.user)), pk=journey_id)


def _render(
    request: HttpRequest,
    row: Journey,
    *,
    now: datetime,
    wrong: dict[tuple[int, str], DescribedForm] | None = None,
    **named: MedicineForm | ResultForm | ByHandForm,
) -> HttpResponse:
    """The page; `wrong` and `named` hold the form that was not filled in right."""
    wrong, staff = wrong or {}, signed_in(request.user)
    for form in (*wrong.values(), *named.values()):
        form.mark_problems()
    may_sign = is_prescriber(staff, clinic_id=row.clinic_id)
    found = hold_page(row, staff=staff, now=now)
    cards = [
        (
            card,
            [
                (what, BUTTONS[what], wrong.get((card.row.pk, what)) or _form(what, card.row, now))
                for what in _offered(card.row, may_sign=may_sign)
            ],
        )
        for card in found.cards
    ]
    context = {
        "here": "journeys",
        "journey": row,
        "found": found,
        "cards": cards,
        "dangers": dangers(),
        "medicine_form": MedicineForm(),
        "result_form": ResultForm(zone=row.clinic.tz, now=now),
        "by_hand_form": ByHandForm(medicines=found.unheld) if may_sign and found.unheld else None,
        "is_wrong": bool(wrong or named),
        **named,
    }
    return render(request, "pathway/holds/page.html", context, status=422 if wrong or named else 200)
