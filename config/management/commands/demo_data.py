"""`manage.py demo_data FILE`: fills the database with the demo, once, and writes what the demo prints to FILE."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from notifications.simulator.history import UnfinishedDemo, make_demo
from pathway.management.one_line import OneLineCommand, answer_in_one_line, whole


class Command(OneLineCommand):
    help = "Fill an empty database with the demo's clinic, staff and history, and write the logins and a link to FILE."

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("file", type=Path, help="where to write the logins and the patient's link, as JSON")
        parser.add_argument(
            "--journeys", type=whole(0, 5000), default=60, help="how many patients' histories (default: 60)"
        )

    def handle(self, *, file: Path, journeys: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("demo data has no place in production (MILEPOST_PRODUCTION is set)")
        now = timezone.now()
        try:
            demo = make_demo(now=now, journeys=journeys)
        except UnfinishedDemo as error:
            raise CommandError(str(error)) from error
        facts = {
            "made_at": demo.made_at.isoformat(),
            "logins": [
                {"role": login.role, "login": login.username, "password": login.password} for login in demo.logins
            ],
            "patient": {
                "url": f"{settings.PUBLIC_URL}/p/{demo.token}",
                "name": demo.patient,
                "born": demo.birth_date.isoformat(),
            },
        }
        file.write_text(json.dumps(facts, indent=1))
