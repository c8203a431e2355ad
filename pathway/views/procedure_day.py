"""One patient's procedure day: ready or not, how far they are, what going home lacks; every change is a plain form."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from pathway.actions.discharge import NotAnEscort, answer_item, discharge, name_escort, score_recovery
from pathway.actions.fasting import attest_intake
from pathway.actions.procedure_day import (
    NotAClinician,
    NotNow,
    NotReady,
    admit,
    arrive,
    end_procedure,
    mark_check,
    start_procedure,
)
from pathway.actions.stays import stay_in_hospital
from pathway.forms import DescribedForm
from pathway.forms_day import (
    ChecklistForm,
    EscortForm,
    IntakeForm,
    ReadinessForm,
    ScoreForm,
    StageForm,
    StayForm,
)
from pathway.models import Food, Journey, ReadinessMark, SaidBy
from pathway.queries.discharge import GoingHome, going_home
from pathway.queries.fasting import fast_of
from pathway.queries.procedure_day import day_times
from pathway.queries.protocols import protocol_of
from pathway.queries.readiness import readiness_of
from pathway.queries.visible import visible_journeys
from pathway.states import JourneyState, TransitionError
from patients.actions.audit import record_change, record_read
from patients.queries.visible import signed_in
from patients.views.access import staff_page

OVERRIDABLE: dict[str, Callable[..., Journey]] = {"admitted": admit, "discharged": discharge}
STAGE_ACTIONS: dict[str, Callable[..., Journey]] = {
    "arrived": arrive,
    "in-procedure": start_procedure,
    "recovering": end_procedure,
}


@require_safe
@staff_page
def procedure_day(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The page of one patient's day."""
    now, row = timezone.now(), _journey(request, journey_id)
    record_read(patient=row.patient, what=f"procedure day of journey {row.pk}", by=signed_in(request.user), now=now)
    return _render(request, row, now=now)


@require_POST
@staff_page
def save_intake(request: HttpRequest, journey_id: int) -> HttpResponse:
    """When the patient last ate and drank."""
    now, row = timezone.now(), _journey(request, journey_id)
    form = IntakeForm(request.POST, zone=row.clinic.tz, now=now)

    def act() -> None:
        said = form.cleaned_data
        attest_intake(
            journey=row, ate_at=said["ate_at"], food=Food(said["food"]) if said["ate_at"] else None,
            drank_at=said["drank_at"], said_by=SaidBy(said["said_by"]), by=signed_in(request.user), now=now,
        )  # fmt: skip

    return _save(request, row, now, form, act, name="intake_form", at_field="ate_clock", said="Saved.")


@require_POST
@staff_page
def save_readiness(request: HttpRequest, journey_id: int) -> HttpResponse:
    """What a person says of one readiness check."""
    now, row = timezone.now(), _journey(request, journey_id)
    form = ReadinessForm(request.POST, readiness=readiness_of(row, now=now))

    def act() -> None:
        said = form.cleaned_data
        mark_check(
            journey=row, key=said["check"], verdict=ReadinessMark.Verdict(said["verdict"]), note=said["note"],
            by=signed_in(request.user), now=now,
        )  # fmt: skip

    return _save(request, row, now, form, act, name="readiness_form", at_field="check", said="Saved.")


@require_POST
@staff_page
def save_stage(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The next step: arrived, admitted, in procedure, recovery, home."""
    now, row = timezone.now(), _journey(request, journey_id)
    form = StageForm(request.POST, state=JourneyState(row.state), zone=row.clinic.tz, now=now)

    def act() -> None:
        key, named = form.cleaned_data["key"], {"journey": row, "at": form.cleaned_data["at"], "now": now}
        if key in OVERRIDABLE:
            OVERRIDABLE[key](**named, by=signed_in(request.user), override=form.cleaned_data["override"])
        else:
            STAGE_ACTIONS[key](**named, by=signed_in(request.user))

    return _save(request, row, now, form, act, name="stage_form", at_field="clock", said="Recorded.")


@require_POST
@staff_page
def save_score(request: HttpRequest, journey_id: int, key: str) -> HttpResponse:
    """One scoring of the patient."""
    now, row = timezone.now(), _journey(request, journey_id)
    spec = protocol_of(row.protocol_version).day.discharge
    score = spec.score(key) if spec is not None else None
    if score is None:
        return redirect("procedure-day", journey_id)
    form = ScoreForm(request.POST, score=score)

    def act() -> None:
        score_recovery(journey=row, key=key, points=form.points(), by=signed_in(request.user), now=now)

    first = score.items[0].key
    return _save(request, row, now, form, act, name=f"score:{key}", at_field=first, said="Scored.")


@require_POST
@staff_page
def save_checklist(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The answered lines of the checklist for going home."""
    now, row = timezone.now(), _journey(request, journey_id)
    spec, known = protocol_of(row.protocol_version).day.discharge, going_home(row)
    if spec is None or known is None:
        return redirect("procedure-day", journey_id)
    form = ChecklistForm(request.POST, spec=spec, known=known)

    def act() -> None:
        for key, answer in form.changed().items():
            answer_item(journey=row, key=key, answer=answer, by=signed_in(request.user), now=now)

    first = next(iter(form.fields), "")
    return _save(request, row, now, form, act, name="checklist_form", at_field=first, said="Saved.")


@require_POST
@staff_page
def save_escort(request: HttpRequest, journey_id: int) -> HttpResponse:
    """Who takes the patient home."""
    now, row, form = timezone.now(), _journey(request, journey_id), EscortForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        name_escort(
            journey=row, name=said["name"], phone=said["phone"].as_e164, is_present=said["is_present"],
            is_adult_who_stays=said["is_adult_who_stays"], by=signed_in(request.user), now=now,
        )  # fmt: skip

    return _save(request, row, now, form, act, name="escort_form", at_field="name", said="Saved.")


@require_POST
@staff_page
def save_stay(request: HttpRequest, journey_id: int) -> HttpResponse:
    """The patient stays overnight or goes to another hospital."""
    now, row, form = timezone.now(), _journey(request, journey_id), StayForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        stay_in_hospital(
            journey=row, state=JourneyState(said["state"]), where=said["where"], why=said["why"],
            by=signed_in(request.user), now=now,
        )  # fmt: skip

    done = "Recorded. What is said for home waits until the patient goes home."
    return _save(request, row, now, form, act, name="stay_form", at_field="state", said=done)


def _save(
    request: HttpRequest,
    row: Journey,
    now: datetime,
    form: DescribedForm,
    act: Callable[[], None],
    *,
    name: str,
    at_field: str,
    said: str,
) -> HttpResponse:
    """Do what a valid form says; what is wrong with it stands at its field, what the action refuses at `at_field`."""
    if not form.is_valid():
        return _render(request, row, now=now, wrong={name: form})
    try:
        with transaction.atomic():
            act()
            record_change(patient=row.patient, what=f"journey {row.pk}: day", by=signed_in(request.user), now=now)
    except (NotReady, NotAClinician) as error:
        form.add_error("override", str(error))
    except NotAnEscort as error:
        form.add_error("name", str(error))
    except (NotNow, TransitionError, ValueError) as error:
        form.add_error(at_field, str(error))
    if form.errors:
        row.refresh_from_db()
        return _render(request, row, now=now, wrong={name: form})
    messages.success(request, said)
    return redirect("procedure-day", row.pk)


def _journey(request: HttpRequest, journey_id: int) -> Journey:
    return get_object_or_404(visible_journeys(signed_in(request.user)), pk=journey_id)


def _render(
    request: HttpRequest, row: Journey, *, now: datetime, wrong: dict[str, DescribedForm] | None = None
) -> HttpResponse:
    """The page; `wrong` holds the form that was not filled in right, by its name in the template."""
    wrong = wrong or {}
    for form in wrong.values():
        form.mark_problems()
    state, zone = JourneyState(row.state), row.clinic.tz
    local = now.astimezone(zone)
    readiness, known = readiness_of(row, now=now), going_home(row)
    spec = protocol_of(row.protocol_version).day.discharge
    here = {"day": local.date(), "clock": local.time()}
    context = {
        "here": "journeys",
        "journey": row,
        "now": now,
        "readiness": readiness,
        "fast": fast_of(row),
        "times": day_times(row),
        "going_home": known,
        "is_after": state in (JourneyState.RECOVERING, JourneyState.STAYING, JourneyState.TRANSFERRED),
        "may_stay": StayForm.is_possible(state),
        "intake_form": IntakeForm(zone=zone, now=now),
        "readiness_form": ReadinessForm(readiness=readiness),
        "stage_form": StageForm(state=state, zone=zone, now=now, initial=here),
        "escort_form": EscortForm(initial=_escort(known)),
        "stay_form": StayForm(),
        "checklist_form": ChecklistForm(spec=spec, known=known) if spec is not None and known is not None else None,
        "score_forms": [
            (score, wrong.get(f"score:{score.spec.key}") or ScoreForm(score=score.spec))
            for score in (known.scores if known is not None else ())
        ],
        **wrong,
        "is_wrong": bool(wrong),
    }
    return render(request, "pathway/day/page.html", context, status=422 if wrong else 200)


def _escort(known: GoingHome | None) -> dict[str, object]:
    """What is known of the escort, for the form."""
    if known is None or known.escort is None:
        return {}
    row = known.escort
    return {
        "name": row.name,
        "phone": row.phone,
        "is_present": row.is_present,
        "is_adult_who_stays": row.is_adult_who_stays,
    }
