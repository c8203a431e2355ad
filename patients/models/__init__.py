"""FACTS: who the clinic, its staff and its patients are, and how a patient may be reached."""

from patients.models.audit import AuditEvent
from patients.models.clinic import Clinic, Membership, Role, Staff
from patients.models.medication import LAB_UNITS, LabKind, LabResult, Medication
from patients.models.patient import (
    Caregiver,
    Consent,
    ContactKind,
    ContactPoint,
    Language,
    Patient,
)

__all__ = [
    "LAB_UNITS",
    "AuditEvent",
    "Caregiver",
    "Clinic",
    "Consent",
    "ContactKind",
    "ContactPoint",
    "LabKind",
    "LabResult",
    "Language",
    "Medication",
    "Membership",
    "Patient",
    "Role",
    "Staff",
]
