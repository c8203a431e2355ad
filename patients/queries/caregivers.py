"""Who helps a patient."""

from patients.models import Caregiver, Patient


def caregiver_of(patient: Patient) -> Caregiver | None:
    """Who helps this patient; None when nobody does. One query, and none where it was loaded with the patient."""
    return getattr(patient, "caregiver", None)
