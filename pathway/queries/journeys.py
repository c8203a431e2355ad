"""The list of journeys: found by name, record number or case number, with what comes next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet

from pathway.models import Journey, Milestone, MilestoneStatus
from pathway.queries.protocols import protocol_of
from pathway.queries.timeline import milestone_titles
from pathway.queries.visible import visible_journeys
from pathway.states import JOURNEY_ENDED, JourneyState
from patients.models import Staff

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """One journey in the list, with its next booked milestone; `next_title` and `next_at` are empty without one."""

    id: int
    patient: str
    record_number: str
    case_number: str
    clinic: str
    clinician: str
    state: str
    next_title: str
    next_at: datetime | None
    zone: ZoneInfo

    @property
    def state_words(self) -> str:
        return self.state.replace("-", " ").capitalize()


def journey_list(staff: Staff, *, search: str, state: str, page: str | int, now: datetime) -> "Page[JourneyRow]":
    """One page of `JourneyRow`s by family name. Every word of `search` must fit name, record or case number.

    `state` is a state, `under-way` for all that have not ended, or empty for all.
    """
    found = _filtered(visible_journeys(staff), search, state).order_by(
        "patient__family_name", "patient__given_name", "id"
    )
    ahead = Milestone.objects.filter(at__gte=now, status=MilestoneStatus.BOOKED).order_by("at")
    page_of = Paginator(found.prefetch_related(Prefetch("milestones", ahead)), PAGE_SIZE).get_page(page)
    rows = [_row(journey) for journey in page_of.object_list]
    return cast("Page[JourneyRow]", Page(cast(Any, rows), page_of.number, page_of.paginator))


def _filtered(journeys: QuerySet[Journey], search: str, state: str) -> QuerySet[Journey]:
    for word in search.split():
        journeys = journeys.filter(
            Q(patient__given_name__icontains=word)
            | Q(patient__family_name__icontains=word)
            | Q(patient__record_number__istartswith=word)
            | Q(case_number__istartswith=word)
        )
    if state == "under-way":
        return journeys.exclude(state__in=[ended.value for ended in JOURNEY_ENDED])
    return journeys.filter(state=state) if state in set(JourneyState) else journeys


def _row(journey: Journey) -> JourneyRow:
    ahead = list(journey.milestones.all()) if journey.state not in JOURNEY_ENDED else []
    first = ahead[0] if ahead else None
    return JourneyRow(
        id=journey.pk,
        patient=f"{journey.patient.family_name}, {journey.patient.given_name}",
        record_number=journey.patient.record_number,
        case_number=journey.case_number,
        clinic=journey.clinic.name,
        clinician=journey.clinician,
        state=journey.state,
        next_title=milestone_titles(protocol_of(journey.protocol_version)).get(first.key, first.key) if first else "",
        next_at=first.at if first else None,
        zone=journey.clinic.tz,
    )
