"""Plays one line of a script through the same actions that the screens call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from notifications.simulator.people import Person
from notifications.simulator.world import Happening, Life, What
from pathway.actions.candidacy import decide_candidacy, record_assessment
from pathway.actions.holds import dangers, decline_hold, draft_hold, sign_hold
from pathway.actions.journeys import book, cancel, record, start_journey
from pathway.actions.replan import replan
from pathway.models import Journey, MedicationHold, ProtocolVersion
from pathway.states import HoldState, JourneyState
from patients.models import Caregiver, Clinic, Consent, ContactKind, ContactPoint, Patient, Staff

CONSENT = "I agree to get care texts from the clinic. I can stop them at any time."

HELPER = "Somebody who helps"

AS_IT_SHOULD_BE: Mapping[str, object] = {
    "neurogenic-claudication": {"value": True},
    "symptom-duration": {"value": "30", "unit": "months"},
    "conservative-care": {"value": ["physical-therapy", "injections"]},
    "conservative-relief": {"value": "limited"},
    "ligamentum-flavum": {"value": "3.4", "unit": "mm"},
    "canal-area": {"value": "84", "unit": "mm²"},
    "disc-herniation": {"value": False},
    "spondylolisthesis": {"value": "grade-0"},
    "walks-unaided": {"value": True},
    "bleeding-disorder": {"value": False},
    "earlier-surgery": {"value": False},
}
"""Answers that meet the checklist of the shipped protocol."""


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic and those who work there."""

    clinic: Clinic
    nurse: Staff
    prescriber: Staff


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the scripts are played: the clinics in the order in which `Life.clinic` counts them, and the protocol."""

    places: tuple[Place, ...]
    version: ProtocolVersion


@dataclass(slots=True)
class Cast:
    """What became of one life in the database, and what the checks must know of it (instants UTC)."""

    life: Life
    journey: Journey | None = None
    zones: list[tuple[datetime, str]] = field(default_factory=list)
    stopped_at: datetime | None = None

    def zone_at(self, at: datetime) -> str:
        """In which zone the patient lived at an instant: the last one entered by then, or else the first."""
        return next((zone for since, zone in reversed(self.zones) if since <= at), self.zones[0][1])


def play(cast: Cast, line: Happening, *, stage: Stage, now: datetime) -> None:
    """Let one line of a script happen at `now` (UTC)."""
    SCENES[line.what](cast, line, stage.places[cast.life.clinic], stage.version, now)


def journey_of(cast: Cast) -> Journey:
    """The journey of a life that has started. Raises `LookupError` for a script that begins in the middle."""
    if cast.journey is None:
        raise LookupError(f"life {cast.life.index} has not started")
    return cast.journey


def _start(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    with transaction.atomic():
        patient = enter_patient(cast.life.person, clinic=place.clinic, now=now)
        cast.journey = start_journey(
            patient=patient,
            protocol_version=version,
            milestones=line.milestones,
            by=place.nurse,
            now=now,
            case_number=f"CASE-{10_000 + cast.life.index}",
            clinician=str(place.prescriber),
            levels=("L3-4", "L4-5", "L3-4, L4-5")[cast.life.index % 3],
        )
    cast.zones.append((now, patient.tz.key))


def enter_patient(person: Person, *, clinic: Clinic, now: datetime) -> Patient:
    """Write down a person with their ways to be reached and their consent."""
    patient = Patient.objects.create(
        clinic=clinic,
        record_number=person.record_number,
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        language=person.language,
        zone=person.zone,
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient,
            kind=contact.kind,
            phone="" if contact.kind == ContactKind.EMAIL else contact.address,
            email=contact.address if contact.kind == ContactKind.EMAIL else "",
            rank=contact.rank,
        )
        for contact in person.contacts
    )
    if person.caregiver is not None:
        Caregiver.objects.create(
            patient=patient, name=HELPER, phone=person.caregiver.address, language=person.language, consented_at=now
        )
    if person.has_consent:
        Consent.objects.create(patient=patient, wording=CONSENT, source="signed form", given_at=now)
    return patient


def _book(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    cast.journey = book(journey=journey_of(cast), key=line.key, at=due(line), by=place.nurse, now=now, why=line.words)


def _record(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    cast.journey = record(journey=journey_of(cast), key=line.key, at=due(line), by=place.nurse, now=now)
    if line.key == "consult":
        _find_a_candidate(cast.journey, place, now)


def _find_a_candidate(journey: Journey, place: Place, now: datetime) -> None:
    """The nurse writes down what was asked at the consult, all of it as it should be, and the prescriber decides."""
    assessment = record_assessment(journey=journey, answers=AS_IT_SHOULD_BE, by=place.nurse, now=now)
    decide_candidacy(
        journey=journey, decision=JourneyState.CANDIDATE, assessment=assessment, reason="", by=place.prescriber, now=now
    )


def due(line: Happening) -> datetime:
    """The milestone's time that a line tells. Raises `LookupError` when it tells none."""
    if line.to is None:
        raise LookupError(f"{line.what} {line.key} has no time")
    return line.to


def _cancel(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    cast.journey = cancel(journey=journey_of(cast), reason=line.words, by=place.nurse, now=now)


def _draft(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    draft_hold(journey=journey_of(cast), drug=line.key, duration=line.words, now=now, by=place.nurse)


def _sign(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    for hold in drafted(cast):
        sign_hold(hold=hold, by=place.prescriber, now=now, dangers_shown=dangers().version)


def _decline(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    for hold in drafted(cast):
        decline_hold(hold=hold, reason=line.words, by=place.prescriber, now=now)


def drafted(cast: Cast) -> list[MedicationHold]:
    """The holds of this journey that wait for a signature."""
    waiting = MedicationHold.objects.filter(journey=journey_of(cast), state=HoldState.DRAFTED)
    return list(waiting.select_related("journey").order_by("pk"))


def _move_house(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    """The patient lives in another time zone from now on, and the plan follows."""
    journey = journey_of(cast)
    with transaction.atomic():
        Patient.objects.filter(pk=journey.patient_id).update(zone=line.words)
        replan(journey, by=place.nurse, now=now)
    cast.zones.append((now, line.words))


def _stop_texts(cast: Cast, line: Happening, place: Place, version: ProtocolVersion, now: datetime) -> None:
    Patient.objects.filter(pk=journey_of(cast).patient_id, stopped_at=None).update(stopped_at=now)
    cast.stopped_at = now


Scene = Callable[[Cast, Happening, Place, ProtocolVersion, datetime], None]
SCENES: Mapping[What, Scene] = {
    What.START: _start,
    What.BOOK: _book,
    What.RECORD: _record,
    What.CANCEL: _cancel,
    What.DRAFT: _draft,
    What.SIGN: _sign,
    What.DECLINE: _decline,
    What.MOVE_HOUSE: _move_house,
    What.STOP_TEXTS: _stop_texts,
}
