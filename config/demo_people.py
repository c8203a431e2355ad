"""The people of the demo: one clinic and one member of staff for each role, with a password that is no secret."""

from collections.abc import Mapping
from datetime import datetime

from patients.models import Clinic, Membership, Role, Staff

CLINIC = "Riverside Spine and Pain (demo)"
PASSWORD = "milepost-demo"  # noqa: S105 - printed by the demo, which listens on this machine only
LOGINS: Mapping[Role, tuple[str, str]] = {
    Role.NURSE: ("Nora", "Nguyen"),
    Role.PRESCRIBER: ("Pedro", "Paredes"),
    Role.ADMIN: ("Ada", "Okafor"),
}
"""First and last name by role; the login is the role's own name."""


def make_people(*, now: datetime) -> Clinic:
    """The demo's clinic with its staff, made if it is not there yet. Their logins work afterwards in any case."""
    clinic, _ = Clinic.objects.get_or_create(
        name=CLINIC,
        defaults={"zone": "America/Chicago", "phone": "+13125550142", "address": "200 River Street, Chicago, IL 60601"},
    )
    for role, (first, last) in LOGINS.items():
        staff, is_new = Staff.objects.get_or_create(
            username=role.value,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{role.value}@example.org",
                "date_joined": now,
                "is_staff": role is Role.ADMIN,
                "is_superuser": role is Role.ADMIN,
            },
        )
        if is_new or not staff.check_password(PASSWORD):
            staff.set_password(PASSWORD)
            staff.save(update_fields=["password"])
        Membership.objects.get_or_create(staff=staff, clinic=clinic, role=role)
    return clinic
