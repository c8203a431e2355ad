"""One case of a clinic's schedule: decided from what is known, then written as a whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pathway.actions.draft_holds import draft_holds
from pathway.actions.journeys import book, cancel, start_journey
from pathway.models import Journey, JourneyEvent, MilestoneStatus, ProtocolVersion
from pathway.queries.known_cases import KnownCase, known_cases
from pathway.schedule_file import CancelledCase, CellError, Column, ScheduledCase, plain
from pathway.states import JOURNEY, JOURNEY_ENDED, JourneyState
from patients.actions.audit import record_change
from patients.actions.keep_patient import ToldPatient, changes_to, keep_patient
from patients.models import Clinic, ContactKind, Staff
from patients.queries.known_patients import KnownPatient, known_patients

WHY = "schedule import"
CONSENT_WORDING = "Agreed to get care texts; the clinic's schedule gives the day."
BOOKABLE = frozenset(state for state in JourneyState if JourneyState.SCHEDULED in JOURNEY[state]) | {
    JourneyState.SCHEDULED
}
"""A journey in one of these may still get another time for its procedure."""


class Outcome(StrEnum):
    """What became of one row. A case booked again after a cancellation counts as moved."""

    CREATED = "created"
    MOVED = "moved"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


@dataclass(slots=True)
class Known:
    """What the database holds of the cases and patients that a part of the file speaks of.

    `spoken_of` are the record numbers of patients whom an earlier row of the whole file spoke of.
    """

    clinic: Clinic
    protocols: Mapping[str, ProtocolVersion]
    cases: dict[str, KnownCase] = field(default_factory=dict)
    patients: dict[str, KnownPatient] = field(default_factory=dict)
    spoken_of: set[str] = field(default_factory=set)

    def load(self, cases: list[CancelledCase | ScheduledCase]) -> None:
        """Read what is known of these cases, in six reads however many they are."""
        self.cases = known_cases(clinic=self.clinic, case_numbers={case.case_number for case in cases})
        self.patients = known_patients(clinic=self.clinic, record_numbers={case.record_number for case in cases})

    def reload_patient(self, record_number: str) -> None:
        """Read one patient anew, after a row that wrote to them: the same patient may have another case."""
        self.patients.pop(record_number, None)
        self.patients.update(known_patients(clinic=self.clinic, record_numbers=[record_number]))


@dataclass(frozen=True, slots=True)
class Work:
    """What one row needs: the outcome it will have, and what has to be written for it."""

    outcome: Outcome
    case: CancelledCase | ScheduledCase
    journey: Journey | None = None
    told: ToldPatient | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    protocol_version: ProtocolVersion | None = None
    """The version that a new journey starts with; None for one that is there."""


def decide(case: CancelledCase | ScheduledCase, *, known: Known, now: datetime) -> Work:
    """What a row needs. Reads and writes nothing; raise `CellError` for a row that contradicts what is known."""
    found = known.cases.get(case.case_number)
    patient = known.patients.get(case.record_number)
    if found is not None and found.record_number != case.record_number:
        raise CellError(
            Column.RECORD_NUMBER,
            f'case "{case.case_number}" belongs to a patient with another record number; correct one of the two',
        )
    if patient is not None and case.birth_date not in (None, patient.patient.birth_date):
        raise CellError(
            Column.BIRTH_DATE,
            f'record number "{case.record_number}" belongs to a patient with another birth date; '
            "correct whichever of the two is wrong",
        )
    if isinstance(case, CancelledCase):
        return _decide_cancelled(case, found)
    told = _told(case)
    if patient is not None and case.record_number in known.spoken_of:
        told = _only_what_is_new(told, patient)
    return _decide_scheduled(case, told, found, patient, known.protocols, now)


def _decide_cancelled(case: CancelledCase, found: KnownCase | None) -> Work:
    if found is None or found.journey.state in JOURNEY_ENDED - {JourneyState.COMPLETED}:
        return Work(Outcome.UNCHANGED, case)
    if JourneyState.CANCELLED not in JOURNEY[JourneyState(found.journey.state)]:
        raise CellError(
            Column.STATUS, f"the journey is {found.journey.state} here, so it cannot be cancelled; check the status"
        )
    return Work(Outcome.CANCELLED, case, journey=found.journey)


def _decide_scheduled(
    case: ScheduledCase,
    told: ToldPatient,
    found: KnownCase | None,
    patient: KnownPatient | None,
    protocols: Mapping[str, ProtocolVersion],
    now: datetime,
) -> Work:
    version = protocols.get(plain(case.procedure))
    if version is None:
        names = ", ".join(sorted({version.protocol.key for version in protocols.values()})) or "none is published"
        raise CellError(Column.PROCEDURE, f'"{case.procedure}" has no protocol here; write one of: {names}')
    if found is None:
        if case.at <= now:
            raise CellError(Column.DATE_AND_TIME, "procedure time is past; a new case needs a time to come")
        return Work(Outcome.CREATED, case, told=told, protocol_version=version)
    if found.protocol_key != version.protocol.key:
        raise CellError(
            Column.PROCEDURE,
            f"the case has the protocol {found.protocol_key} here; cancel it and give the other one a new case number",
        )
    outcome = _time_outcome(case, found, now)
    details = {
        name: value
        for name in ("clinician", "room", "levels", "escort")
        if (value := getattr(case, name)) and value != getattr(found.journey, name)
    }
    changed = patient is None or bool(changes_to(patient, told, consent_source=WHY))
    if outcome is Outcome.UNCHANGED and (details or changed):
        outcome = Outcome.UPDATED
    return Work(outcome, case, journey=found.journey, told=told if changed else None, details=details)


def _time_outcome(case: ScheduledCase, found: KnownCase, now: datetime) -> Outcome:
    """Whether the procedure's time has to be booked anew; raise `CellError` where it must not be."""
    state = JourneyState(found.journey.state)
    is_booked = found.procedure_at == case.at and found.procedure_status != MilestoneStatus.EXPECTED
    if is_booked and (state is not JourneyState.CANCELLED or case.at <= now):
        return Outcome.UNCHANGED
    if state not in BOOKABLE or found.procedure_status == MilestoneStatus.DONE:
        raise CellError(
            Column.DATE_AND_TIME, f"the journey is {state} here, so its procedure is not moved; check the case number"
        )
    if case.at <= now:
        raise CellError(Column.DATE_AND_TIME, "procedure time is past; a case can only move to a time to come")
    return Outcome.MOVED


def _told(case: ScheduledCase) -> ToldPatient:
    """The patient's part of a row. Texts are tried first, in the order of the file, then calls, then email."""
    texts = [(ContactKind.SMS.value, phone.number) for phone in case.phones if phone.texts]
    calls = [(ContactKind.VOICE.value, phone.number) for phone in case.phones if not phone.texts]
    mails = [(ContactKind.EMAIL.value, case.email)] if case.email else []
    return ToldPatient(
        record_number=case.record_number,
        given_name=case.given_name,
        family_name=case.family_name,
        birth_date=case.birth_date,
        language=case.language,
        contacts=(*texts, *calls, *mails),
        medications=tuple((drug.name, drug.dose) for drug in case.medications),
        consented_at=case.consented_at,
    )


def _only_what_is_new(told: ToldPatient, patient: KnownPatient) -> ToldPatient:
    """What a later row of the file about the same patient may still say: it adds, and overrules nothing.

    Two rows that give different numbers would otherwise undo each other in every import of the same file.
    """
    order = [(contact.kind, contact.address) for contact in patient.contacts]
    return replace(
        told,
        given_name="",
        family_name="",
        language="",
        contacts=(*order, *(contact for contact in told.contacts if contact not in order)),
        medications=tuple((name, dose) for name, dose in told.medications if name not in patient.medications),
    )


def carry_out(work: Work, *, known: Known, by: Staff | None, now: datetime) -> None:
    """Write what a row needs. The caller holds the transaction that makes it all or nothing."""
    case, journey = work.case, work.journey
    if isinstance(case, CancelledCase):
        if journey is not None:
            cancel(journey=journey, reason=WHY, by=by, now=now)
            record_change(patient=journey.patient, what=f"{WHY}: case cancelled", by=by, now=now)
        return
    if work.told is not None:
        patient = keep_patient(
            clinic=known.clinic, told=work.told, known=known.patients.get(case.record_number), consent_source=WHY,
            consent_wording=CONSENT_WORDING, by=by, now=now,
        )  # fmt: skip
        if work.protocol_version is not None:
            journey = start_journey(
                patient=patient, protocol_version=work.protocol_version, milestones={"procedure": case.at}, by=by,
                now=now, why=WHY, case_number=case.case_number, clinician=case.clinician, room=case.room,
                levels=case.levels, escort=case.escort,
            )  # fmt: skip
        elif journey is not None:  # new medicines on the list of a case that is known
            draft_holds(journey=journey, by=by, now=now)
    if journey is None:
        return
    if work.details:
        _keep_details(journey, work.details, by, now)
    if work.outcome is Outcome.MOVED:
        book(journey=journey, key="procedure", at=case.at, by=by, now=now, why=WHY, booked_elsewhere=True)
    if work.outcome is not Outcome.UPDATED or work.details:
        record_change(patient=journey.patient, what=f"{WHY}: case {work.outcome}", by=by, now=now)


def _keep_details(journey: Journey, details: Mapping[str, str], by: Staff | None, now: datetime) -> None:
    """Write the details of a case that are not times, and one line of history that names them."""
    Journey.objects.filter(pk=journey.pk).update(**details)
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind="details-changed", why=f"{WHY}: {', '.join(details)}",
        plan_version=journey.plan_version,
    )  # fmt: skip
