"""What is known of many patients at once, by record number: for comparing with what another system says of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import TextField
from django.db.models.functions import Cast

from patients.models import Clinic, Consent, ContactPoint, Medication, Patient


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact point: `address` is the E.164 number or the email address."""

    id: int
    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class KnownConsent:
    """A consent by where it was given and when (UTC)."""

    source: str
    given_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownMedication:
    """A medicine on the patient's list."""

    id: int
    dose: str


@dataclass(slots=True)
class KnownPatient:
    """One patient; contacts in the order in which they are tried, medicines by their name in lower case."""

    patient: Patient
    contacts: list[KnownContact] = field(default_factory=list)
    consents: list[KnownConsent] = field(default_factory=list)
    medications: dict[str, KnownMedication] = field(default_factory=dict)


def known_patients(*, clinic: Clinic, record_numbers: Collection[str]) -> dict[str, KnownPatient]:
    """The patients of a clinic who have one of these record numbers, in four reads of the database."""
    found = {
        patient.pk: KnownPatient(patient)
        for patient in Patient.objects.filter(clinic=clinic, record_number__in=record_numbers)
    }
    for known in found.values():
        known.patient.clinic = clinic
    for patient_id, contacts in _contacts(found).items():
        found[patient_id].contacts = contacts
    for patient_id, source, given_at, revoked_at in Consent.objects.filter(patient__in=found).values_list(
        "patient_id", "source", "given_at", "revoked_at"
    ):
        found[patient_id].consents.append(KnownConsent(source, given_at, revoked_at))
    medications = Medication.objects.filter(patient__in=found)
    for patient_id, pk, name, dose in medications.values_list("patient_id", "pk", "name", "dose"):
        found[patient_id].medications[name.lower()] = KnownMedication(pk, dose)
    return {known.patient.record_number: known for known in found.values()}


def _contacts(patients: Collection[int]) -> dict[int, list[KnownContact]]:
    """Contacts by patient, with numbers as they are stored: making phone objects costs more than the query."""
    contacts = defaultdict(list)
    rows = ContactPoint.objects.filter(patient__in=patients).order_by("rank", "pk")
    rows = rows.annotate(number=Cast("phone", TextField()))
    for patient_id, pk, kind, number, email in rows.values_list("patient_id", "pk", "kind", "number", "email"):
        contacts[patient_id].append(KnownContact(pk, kind, number or email))
    return contacts
