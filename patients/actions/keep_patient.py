"""Keeping a patient's facts as another system tells them: what is new is added, and nothing known is erased."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from patients.actions.audit import record_change
from patients.models import Clinic, Consent, ContactKind, ContactPoint, Language, Medication, Patient, Staff
from patients.queries.known_patients import KnownPatient

Contact = tuple[str, str]
"""Kind and address (E.164 number or email address)."""


@dataclass(frozen=True, slots=True)
class ToldPatient:
    """What is told of a patient. `contacts` are in the order in which to try them; what is empty says nothing.

    `medications` are names in lower case with their doses; `consented_at` (UTC) is when they agreed to be written to.
    """

    record_number: str
    given_name: str
    family_name: str
    birth_date: date
    language: str = ""
    contacts: tuple[Contact, ...] = ()
    medications: tuple[tuple[str, str], ...] = ()
    consented_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientChanges:
    """What has to be written so that what is told is kept; `bool()` says whether it is anything."""

    fields: dict[str, str]
    contacts: tuple[Contact, ...]
    medications: tuple[tuple[str, str], ...]
    consented_at: datetime | None

    def __bool__(self) -> bool:
        return bool(self.fields or self.contacts or self.medications or self.consented_at)

    @property
    def names(self) -> list[str]:
        """What is changed, in words without any value: `contacts`, `language`."""
        parts = {"contacts": self.contacts, "medications": self.medications, "consent": self.consented_at}
        return [*self.fields, *(name for name, value in parts.items() if value)]


def changes_to(known: KnownPatient, told: ToldPatient, *, consent_source: str) -> PatientChanges:
    """What `told` adds to `known`. `contacts` is the whole new order when there is a new one or another order."""
    wanted_fields = {"given_name": told.given_name, "family_name": told.family_name, "language": told.language}
    before = [(contact.kind, contact.address) for contact in known.contacts]
    order = [*told.contacts, *(contact for contact in before if contact not in told.contacts)]
    return PatientChanges(
        fields={
            name: value for name, value in wanted_fields.items() if value and value != getattr(known.patient, name)
        },
        contacts=() if order == before else tuple(order),
        medications=tuple(
            (name, dose)
            for name, dose in told.medications
            if name not in known.medications or (dose and dose != known.medications[name].dose)
        ),
        consented_at=told.consented_at if _is_new_consent(known, told.consented_at, consent_source) else None,
    )


def _is_new_consent(known: KnownPatient, given_at: datetime | None, source: str) -> bool:
    """Whether a consent is not known yet. One from before a later refusal is never written: it would undo that."""
    if given_at is None:
        return False
    return not any(
        (consent.source == source and consent.given_at == given_at)
        or (consent.revoked_at is not None and consent.revoked_at >= given_at)
        for consent in known.consents
    )


@transaction.atomic
def keep_patient(
    *,
    clinic: Clinic,
    told: ToldPatient,
    known: KnownPatient | None,
    consent_source: str,
    consent_wording: str,
    by: Staff | None,
    now: datetime,
) -> Patient:
    """Register a patient who is not known, or add what is told to one who is.

    A contact that is told comes before all others; those stay behind it with their marks (opted out, undeliverable).
    Medicines are added, never taken away: what a nurse wrote down stays.
    """
    is_new = known is None
    if known is None:
        patient = Patient.objects.create(
            clinic=clinic, record_number=told.record_number, given_name=told.given_name,
            family_name=told.family_name, birth_date=told.birth_date, language=told.language or Language.ENGLISH,
        )  # fmt: skip
        known = KnownPatient(patient)
    patient = known.patient
    changes = changes_to(known, told, consent_source=consent_source)
    if not (changes or is_new):
        return patient
    if changes.fields:
        Patient.objects.filter(pk=patient.pk).update(**changes.fields)
    if changes.contacts:
        _rank_contacts(known, changes.contacts)
    if changes.medications:
        _keep_medications(known, changes.medications, by)
    if changes.consented_at is not None:
        Consent.objects.create(
            patient=patient, wording=consent_wording, source=consent_source, given_at=changes.consented_at
        )
    what = ", ".join([*(["registered"] if is_new else []), *changes.names])
    record_change(patient=patient, what=f"{consent_source}: {what}"[:120], by=by, now=now)
    return patient


def _rank_contacts(known: KnownPatient, order: tuple[Contact, ...]) -> None:
    """Rank contacts from 1 in this order; those not known yet are added."""
    ids = {(contact.kind, contact.address): contact.id for contact in known.contacts}
    new = []
    for rank, (kind, address) in enumerate(order, start=1):
        if (kind, address) in ids:
            ContactPoint.objects.filter(pk=ids[kind, address]).update(rank=rank)
            continue
        field = "email" if kind == ContactKind.EMAIL else "phone"
        new.append(ContactPoint(patient=known.patient, kind=kind, rank=rank, **{field: address}))
    ContactPoint.objects.bulk_create(new)


def _keep_medications(known: KnownPatient, medications: tuple[tuple[str, str], ...], by: Staff | None) -> None:
    """Add medicines, or write another dose to those that are there."""
    for name, dose in medications:
        if name in known.medications:
            Medication.objects.filter(pk=known.medications[name].id).update(dose=dose)
    Medication.objects.bulk_create(
        Medication(patient=known.patient, name=name, dose=dose, recorded_by=by)
        for name, dose in medications
        if name not in known.medications
    )
