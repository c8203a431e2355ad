"""Which clinics and patients a person may see. Views start here and never at a model's default manager."""

from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from patients.models import Clinic, Patient, Role, Staff

PAGE_ROLES = (Role.NURSE, Role.PRESCRIBER, Role.ADMIN)
"""Roles of people. An integration account is a program: it reads and writes through the API, never the pages."""


def signed_in(user: Staff | AnonymousUser) -> Staff:
    """The person behind a request that passed `staff_page`; its type, nothing more."""
    return cast(Staff, user)


def visible_clinics(staff: Staff) -> QuerySet[Clinic]:
    """The clinics in which this person, if still active, has a role that opens pages; empty for everybody else."""
    if not staff.is_active:
        return Clinic.objects.none()
    return Clinic.objects.filter(pk__in=staff.memberships.filter(role__in=PAGE_ROLES).values("clinic_id")).order_by(
        "name"
    )


def visible_patients(staff: Staff) -> QuerySet[Patient]:
    """The patients of this person's clinics, with their clinic."""
    return Patient.objects.filter(clinic__in=visible_clinics(staff)).select_related("clinic")
