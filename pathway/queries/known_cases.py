"""The journeys that a schedule speaks of, by case number, with when their procedure is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from pathway.models import Journey, Milestone
from patients.models import Clinic


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A journey with a case number. `procedure_at` (UTC) and its status are empty before one is booked."""

    journey: Journey
    record_number: str
    protocol_key: str
    procedure_at: datetime | None
    procedure_status: str


def known_cases(*, clinic: Clinic, case_numbers: Collection[str]) -> dict[str, KnownCase]:
    """Case number to journey, in two reads of the database."""
    journeys = {
        journey.pk: journey
        for journey in Journey.objects.filter(clinic=clinic, case_number__in=case_numbers).annotate(
            record_number=F("patient__record_number"), protocol_key=F("protocol_version__protocol__key")
        )
    }
    procedures = {
        journey_id: (at, status)
        for journey_id, at, status in Milestone.objects.filter(journey__in=journeys, key="procedure").values_list(
            "journey_id", "at", "status"
        )
    }
    return {
        journey.case_number: KnownCase(
            journey,
            journey.record_number,
            journey.protocol_key,
            *procedures.get(journey.pk, (None, "")),
        )
        for journey in journeys.values()
    }
