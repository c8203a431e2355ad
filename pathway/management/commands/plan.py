"""`manage.py plan mild --procedure 2027-03-14T07:30 --zone America/New_York`: what would happen, without a database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from pathway.management.one_line import OneLineCommand, answer_in_one_line
from pathway.preview import ArgumentError, as_json, named_time, read_request, timeline
from pathway.protocol_file import shipped_milestones

PROCEDURE = "procedure"


class Command(OneLineCommand):
    """Prints the plan of one imagined patient. It reads protocol files only and runs before `migrate`."""

    help = "Print what a protocol would do for one patient. Nothing is stored or sent."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument("protocol", help="a shipped protocol such as mild, or the path of a TOML file")
        parser.add_argument("--zone", required=True, help="the patient's time zone, such as America/New_York")
        for key in shipped_milestones():
            parser.add_argument(
                f"--{key}",
                required=key == PROCEDURE,
                metavar="TIME",
                help="local time such as 2027-03-14T07:30" + ("" if key == PROCEDURE else "; assumed when left out"),
            )
        parser.add_argument(
            "--milestone",
            action="append",
            default=[],
            metavar="KEY=TIME",
            help="the same for any other milestone of a protocol file; may be repeated",
        )
        parser.add_argument("--now", metavar="TIME", help="when it is planned; four weeks before when left out")
        parser.add_argument(
            "--hold",
            action="append",
            default=[],
            metavar="DRUG=P3D[/P1D]",
            help="a signed hold: how long before the procedure, and after a slash when to restart; may be repeated",
        )
        parser.add_argument("--window", metavar="08:00-20:00", help="the clinic's sending window")
        parser.add_argument("--language", default="en", help="the patient's language: en or es")
        parser.add_argument("--fasting", metavar="PT6H", help="how long not to eat before, six hours or more")
        parser.add_argument("--arrival", metavar="PT1H", help="how long before the procedure to arrive")
        parser.add_argument("--json", action="store_true", help="print one JSON object, instants in UTC")

    def handle(self, *, protocol: str, **options: Any) -> None:
        typed = {key: options[key.replace("-", "_")] for key in shipped_milestones()}
        try:
            typed |= dict(named_time(text) for text in options["milestone"])
            preview = read_request(
                protocol=protocol,
                zone=options["zone"],
                milestones={key: text for key, text in typed.items() if text is not None},
                now=options["now"],
                holds=options["hold"],
                window=options["window"],
                language=options["language"],
                fasting=options["fasting"],
                arrival=options["arrival"],
            )
        except ArgumentError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(json.dumps(as_json(preview), indent=2) if options["json"] else timeline(preview))
