"""Who may decide and sign as a clinician."""

from patients.models import Membership, Role, Staff


def is_prescriber(staff: Staff, *, clinic_id: int) -> bool:
    """Whether this person, still active, is a prescriber of that clinic."""
    return (
        staff.is_active and Membership.objects.filter(staff=staff, clinic_id=clinic_id, role=Role.PRESCRIBER).exists()
    )
