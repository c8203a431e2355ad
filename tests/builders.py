"""Small worlds for tests: a clinic, its staff, a patient, a planned journey."""

import itertools
from datetime import UTC, date, datetime, timedelta

from pathway.actions.journeys import start_journey
from pathway.actions.protocols import publish_protocol
from pathway.models import Journey, ProtocolVersion
from pathway.protocol_file import read_shipped
from patients.models import Clinic, Consent, ContactKind, ContactPoint, Membership, Patient, Role, Staff

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)  # a Monday, 10:00 in New York
_number = itertools.count(1)


def make_clinic(**fields) -> Clinic:
    """A clinic in New York, open for messages from 8 to 20."""
    number = next(_number)
    return Clinic.objects.create(
        **{
            "name": f"Oak Clinic {number}",
            "zone": "America/New_York",
            "phone": "+12025550143",
            "address": "1 Oak Street, Springfield",
            **fields,
        }
    )


def make_staff(clinic: Clinic, role: str = Role.NURSE, **fields) -> Staff:
    """A person with one role in one clinic; the password is `pass-word-1`."""
    staff = Staff.objects.create_user(
        **{"username": f"{role}-{next(_number)}", "password": "pass-word-1", "first_name": "Dana", **fields}
    )
    Membership.objects.create(staff=staff, clinic=clinic, role=role)
    return staff


def make_patient(clinic: Clinic | None = None, *, phone: str = "", consent: bool = True, **fields) -> Patient:
    """A patient with a mobile number and a consent to be written to."""
    number = next(_number)
    patient = Patient.objects.create(
        **{
            "clinic": clinic or make_clinic(),
            "record_number": f"MRN-{number}",
            "given_name": "Alma",
            "family_name": "Ruiz",
            "birth_date": date(1948, 5, 2),
            **fields,
        }
    )
    ContactPoint.objects.create(
        patient=patient, kind=ContactKind.SMS, phone=phone or f"+1202555{1000 + number % 9000:04d}"
    )
    if consent:
        Consent.objects.create(
            patient=patient, wording="I agree to get care texts.", source="test", given_at=NOW - timedelta(days=30)
        )
    return patient


def mild_version(now: datetime = NOW) -> ProtocolVersion:
    """The shipped MILD protocol, published."""
    return publish_protocol(source=read_shipped("mild"), by=None, now=now)


def make_journey(
    patient: Patient | None = None, *, procedure_at: datetime | None = None, now: datetime = NOW, **fields
) -> Journey:
    """A journey with a procedure two weeks after `now` unless told otherwise, planned."""
    milestones = {"procedure": procedure_at or now + timedelta(days=14), **fields.pop("milestones", {})}
    return start_journey(
        patient=patient or make_patient(),
        protocol_version=mild_version(now),
        milestones={key: at for key, at in milestones.items() if at is not None},
        by=fields.pop("by", None),
        now=now,
        **fields,
    )
