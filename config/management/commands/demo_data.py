"""`manage.py demo_data FILE`: fills the database with the demo, once, and writes what the demo prints to FILE."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo_people import LOGINS, PASSWORD, make_people
from pathway.actions.links import issue_link
from pathway.models import Journey
from pathway.states import JourneyState
from patients.models import Staff


class Command(BaseCommand):
    help = "Fill an empty database with the demo's clinic, staff and history, and write the logins and a link to FILE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to write the logins and the patient's link, as JSON")

    def handle(self, *, file: Path, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("demo data has no place in production (MILEPOST_PRODUCTION is set)")
        now = timezone.now()
        clinic = make_people(now=now)
        made_at = Staff.objects.filter(clinics=clinic).earliest("date_joined").date_joined
        facts = {
            "made_at": made_at.isoformat(),
            "logins": [{"role": role.label, "login": role.value, "password": PASSWORD} for role in LOGINS],
            "patient": patient_link(now=now),
        }
        file.write_text(json.dumps(facts, indent=1))


def patient_link(*, now: datetime) -> dict[str, str] | None:
    """A new link for the patient whose procedure is next: `url`, `name` and `born`; None when nobody is booked."""
    booked = Journey.objects.filter(
        state=JourneyState.SCHEDULED.value, milestones__key="procedure", milestones__at__gt=now
    )
    journey = booked.select_related("patient").order_by("milestones__at", "pk").first()
    if journey is None:
        return None
    patient = journey.patient
    token = issue_link(journey=journey, now=now)
    return {"url": f"{settings.PUBLIC_URL}/p/{token}", "name": str(patient), "born": patient.birth_date.isoformat()}
