"""Whose number wrote, and to whom it wrote: the people behind an address, and the clinics behind an account."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from notifications.channels.accounts import Account
from notifications.models import Recipient
from pathway.models import Journey
from pathway.states import JOURNEY_ENDED
from patients.models import Caregiver, Clinic, ContactKind, ContactPoint, Patient


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody whose number it is: a patient (`caregiver` None) or a patient's caregiver; and the patient's journey."""

    journey: Journey
    caregiver: Caregiver | None = None

    @property
    def patient(self) -> Patient:
        return self.journey.patient

    @property
    def recipient(self) -> Recipient:
        return Recipient.CAREGIVER if self.caregiver else Recipient.PATIENT

    @property
    def language(self) -> str:
        return self.caregiver.language if self.caregiver else self.patient.language

    @property
    def name(self) -> str:
        return str(self.caregiver or self.patient)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose number it is, and about whom nothing is planned: a patient without a journey, or the caregiver."""

    patient: Patient
    caregiver: Caregiver | None = None

    @property
    def name(self) -> str:
        return f"{self.caregiver}, caregiver of {self.patient}" if self.caregiver else str(self.patient)


def clinics_reached(accounts: Iterable[Account], *, known: Iterable[Account]) -> frozenset[int]:
    """The clinics that a message to these accounts can be meant for.

    A shared account is that of every clinic without one of its own; `known` are all accounts there are.
    """
    reached = {one.clinic_id for one in accounts}
    own = frozenset(clinic_id for clinic_id in reached if clinic_id is not None)
    if None not in reached:
        return own
    elsewhere = {one.clinic_id for one in known if one.kind == ContactKind.SMS and one.clinic_id is not None}
    return own | frozenset(Clinic.objects.exclude(pk__in=elsewhere - own).values_list("pk", flat=True))


def writers(*, phone: str, clinics: Collection[int]) -> list[Writer]:
    """The people of these clinics with this number (E.164), patients before caregivers, each with their journey.

    Left out: people without a journey, who have no conversation to keep it in; see `known_without_journey`.
    """
    patient_ids, caregivers = people_with(phone, clinics)
    journeys = current_journeys([*patient_ids, *(one.patient_id for one in caregivers)])
    found = [Writer(journeys[pk]) for pk in patient_ids if pk in journeys]
    return found + [Writer(journeys[one.patient_id], one) for one in caregivers if one.patient_id in journeys]


def known_without_journey(*, phone: str, clinics: Collection[int]) -> list[Known]:
    """The people of these clinics with this number (E.164) who have no journey, patients before caregivers."""
    patient_ids, caregivers = people_with(phone, clinics)
    patients = Patient.objects.select_related("clinic").filter(journeys=None)
    found = patients.in_bulk({*patient_ids, *(one.patient_id for one in caregivers)})
    known = [Known(found[pk]) for pk in patient_ids if pk in found]
    return known + [Known(found[one.patient_id], one) for one in caregivers if one.patient_id in found]


def people_with(phone: str, clinics: Collection[int]) -> tuple[list[int], list[Caregiver]]:
    """The ids of the patients, and the caregivers, of these clinics with this number."""
    contacts = ContactPoint.objects.filter(phone=phone, patient__clinic__in=clinics)
    patient_ids = sorted(set(contacts.values_list("patient_id", flat=True)))
    return patient_ids, list(Caregiver.objects.filter(phone=phone, patient__clinic__in=clinics).order_by("patient_id"))


def current_journeys(patient_ids: Sequence[int]) -> dict[int, Journey]:
    """The journey that each patient's messages belong to: the newest under way, or else the newest; by patient."""
    ended = {state.value for state in JOURNEY_ENDED}
    rows = Journey.objects.filter(patient__in=patient_ids).select_related(
        "clinic", "patient__clinic", "protocol_version"
    )
    rows = rows.defer("protocol_version__source")
    newest = sorted(rows, key=lambda row: (row.state not in ended, row.enrolled_at, row.pk))
    return {row.patient_id: row for row in newest}
