"""FACTS: who the clinic, its staff and its patients are, and how a patient may be reached."""

from patients.models.audit import AuditEvent
from patients.models.clinic import Clinic, Membership, Role, Staff
from patients.models.patient import (
    Caregiver,
    Consent,
    ContactKind,
    ContactPoint,
    Language,
    Medication,
    Patient,
)

__all__ = [
    "AuditEvent",
    "Caregiver",
    "Clinic",
    "Consent",
    "ContactKind",
    "ContactPoint",
    "Language",
    "Medication",
    "Membership",
    "Patient",
    "Role",
    "Staff",
]
