"""What the tests of pages share: a nurse who is signed in, and a full clinic."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from pathway.actions.work_items import open_item
from pathway.models import Journey, Priority, WorkItem
from patients.models import Clinic, Consent, Staff
from tests.builders import make_clinic, make_journey, make_patient, make_staff


def sign_in(client: Client, clinic: Clinic | None = None, role: str = "nurse") -> Staff:
    """Sign a person of this clinic in."""
    staff = make_staff(clinic or make_clinic(), role)
    client.force_login(staff)
    return staff


def journey_in(clinic: Clinic, *, days: int = 14, **fields: object) -> Journey:
    """A journey that started a week ago with the procedure so many days from now."""
    now = timezone.now()
    patient = make_patient(clinic, **fields)
    Consent.objects.filter(patient=patient).update(given_at=now - timedelta(days=60))
    return make_journey(patient, procedure_at=now + timedelta(days=days), now=now - timedelta(days=7))


def item_of(journey: Journey, *, minutes: int = 42, cause: str = "test", **fields: object) -> WorkItem:
    """A task that is due in so many minutes."""
    now = timezone.now()
    named = {"kind": "call", "why": "Fasting not confirmed", "priority": Priority.SOON, **fields}
    return open_item(journey=journey, cause=cause, due_at=now + timedelta(minutes=minutes), now=now, **named)
