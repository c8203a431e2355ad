"""What is known of a journey's holds: as the table and the watch need them, and what is still missing."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import QuerySet

from pathway.holds.proposing import LabValue, Medicine, propose
from pathway.holds.proposing import Patient as HoldPatient
from pathway.holds.shipped import hold_table
from pathway.holds.watching import Missing, Visit, WatchedHold, missing
from pathway.models import Journey, MedicationHold, Milestone, MilestoneStatus, WorkItem
from pathway.planner import parse_duration
from pathway.queries.plan_facts import reckoned
from pathway.queries.visible import visible_journeys
from pathway.states import WORK_ITEM_UNDONE, HoldState
from patients.models import LabKind, LabResult, Medication, Staff


def visible_holds(staff: Staff) -> QuerySet[MedicationHold]:
    """The holds of this person's clinics, with journey, patient and clinic."""
    return MedicationHold.objects.filter(journey__in=visible_journeys(staff)).select_related(
        "journey__patient__clinic", "journey__clinic", "medication", "signed_by"
    )


def watched(holds: Iterable[MedicationHold]) -> list[WatchedHold]:
    """Holds that are not declined, as the watch sees them. An unsigned one is reckoned as if signed when drafted."""
    return [
        WatchedHold(
            id=hold.pk,
            state=HoldState(hold.state),
            plan=reckoned(hold, hold.signed_at or hold.drafted_at),
            drafted_at=hold.drafted_at,
            restart_when=hold.restart_when,
            needs_inr=hold.needs_inr,
            waits_for_cardiology=hold.needs_cardiology and hold.cardiology_at is None,
            continues=hold.continues_id is not None,
            stopped_at=hold.stopped_at,
        )
        for hold in holds
        if hold.state != HoldState.DECLINED
    ]


def visit_of(journey: Journey) -> Visit | None:
    """The procedure when it is booked or has taken place."""
    return as_visit(journey, Milestone.objects.filter(journey=journey, key="procedure").first())


def as_visit(journey: Journey, procedure: Milestone | None) -> Visit | None:
    """The same from the procedure's row."""
    if procedure is None or procedure.status == MilestoneStatus.EXPECTED:
        return None
    return Visit(procedure.at, journey.patient.tz, procedure.status == MilestoneStatus.DONE)


def newest_result(patient_id: int, kind: LabKind) -> LabValue | None:
    """The result whose sample was taken last."""
    found = LabResult.objects.filter(patient=patient_id, kind=kind).order_by("-taken_at", "-id").first()
    return LabValue(found.value, found.taken_at) if found is not None else None


def medicines_taken(patient_id: int) -> list[Medication]:
    """The medicines that the patient takes now, in the order in which they were written down."""
    return list(Medication.objects.filter(patient=patient_id, stopped_at=None).order_by("pk"))


def as_medicine(row: Medication) -> Medicine:
    """A medicine's row as the table looks it up."""
    return Medicine(row.name, row.rxcui, row.variant, row.has_stent, row.has_risk_flag)


def hold_patient(journey: Journey, *, now: datetime) -> HoldPatient:
    """What a proposal depends on besides the medicines."""
    clearance = newest_result(journey.patient_id, LabKind.CREATININE_CLEARANCE)
    return _as_hold_patient(journey, clearance, now)


def _as_hold_patient(journey: Journey, clearance: LabValue | None, now: datetime) -> HoldPatient:
    patient = journey.patient
    today = now.astimezone(patient.tz).date()
    return HoldPatient(age=_age_on(patient.birth_date, today), zone=patient.tz, clearance=clearance)


def _age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


FACTS_NEEDED = ("medicine-unclear", "clearance-needed")
DECISIONS = ("medicine-unknown", "hold-decision")


def missing_for_procedure(journey: Journey, *, now: datetime) -> list[str]:
    """What keeps the procedure from going ahead as far as medicines are concerned, in words; empty: nothing.

    A fact that nobody wrote down is missing even when its task was ended; a decision is missing until somebody made it.
    """
    known = MedicineFacts([journey])
    visit = as_visit(journey, known.procedures.get(journey.pk))
    return [] if visit is None or visit.done else [one.words for one in known.missing(journey, now=now)]


class MedicineFacts:
    """What is known of the medicines of several journeys, read once: six reads, however many they are."""

    def __init__(self, journeys: Iterable[Journey]) -> None:
        journeys = list(journeys)
        patients = {journey.patient_id for journey in journeys}
        milestones = Milestone.objects.filter(journey__in=journeys, key="procedure")
        self.procedures = {row.journey_id: row for row in milestones}
        self.holds: dict[int, list[MedicationHold]] = {}
        for hold in MedicationHold.objects.filter(journey__in=journeys).exclude(state="declined").order_by("drug"):
            self.holds.setdefault(hold.journey_id, []).append(hold)
        self.listed: dict[int, list[Medication]] = {}
        for row in Medication.objects.filter(patient__in=patients, stopped_at=None).order_by("pk"):
            self.listed.setdefault(row.patient_id, []).append(row)
        self.results = {
            (row.patient_id, row.kind): LabValue(row.value, row.taken_at)
            for row in LabResult.objects.filter(patient__in=patients).order_by("taken_at", "pk")
        }
        self.undecided: dict[int, list[str]] = {}
        waiting = WorkItem.objects.filter(journey__in=journeys, kind__in=DECISIONS, state__in=WORK_ITEM_UNDONE)
        for journey, why in waiting.order_by("pk").values_list("journey_id", "why"):
            self.undecided.setdefault(journey, []).append(why)

    def missing(self, journey: Journey, *, now: datetime) -> list[Missing]:
        """What is missing for one of them; nothing without a procedure that is booked or took place."""
        visit = as_visit(journey, self.procedures.get(journey.pk))
        if visit is None:
            return []
        inr = self.results.get((journey.patient_id, LabKind.INR))
        found = missing(watched(self.holds.get(journey.pk, [])), visit, inr=inr, gate=hold_table().inr)
        if visit.done:
            return found
        unsettled = [*self._facts_needed(journey, now), *self.undecided.get(journey.pk, [])]
        return found + [Missing(why.rstrip(".")) for why in unsettled]

    def _facts_needed(self, journey: Journey, now: datetime) -> list[str]:
        """The medicines about which a fact is missing, each with what it is."""
        listed = self.listed.get(journey.patient_id, [])
        clearance = self.results.get((journey.patient_id, LabKind.CREATININE_CLEARANCE))
        patient, found = _as_hold_patient(journey, clearance, now), []
        for row in listed:
            beside = [as_medicine(other) for other in listed if other.pk != row.pk]
            proposal = propose(hold_table(), as_medicine(row), beside=beside, patient=patient, now=now)
            found += [ask.why for ask in proposal.asks if ask.kind in FACTS_NEEDED]
        return found


def is_longer(one: str, other: str) -> bool:
    """Whether one ISO 8601 duration is longer than another."""
    first, second = parse_duration(one), parse_duration(other)
    return (first.days, first.elapsed) > (second.days, second.elapsed)
