"""`manage.py demo`: the whole of Milepost on this machine, from one command, with people and history in it."""

import os
import signal
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandError
from django.utils import timezone

from config.demo_site import BASE_DIR, STAYS_FRESH, DemoError, DemoSite, Folder, FolderError, listen, only_one, watch
from config.processes import ChildFailedError, Household, stop_with
from pathway.management.one_line import OneLineCommand, answer_in_one_line, whole

MOST_JOURNEYS = 5000
STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(OneLineCommand):
    help = (
        "Run web server, Celery worker, beat and an embedded Valkey on SQLite, filled with a demo clinic. "
        "Ctrl-C stops everything."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        answer_in_one_line(parser)
        parser.add_argument(
            "--port", type=whole(1, 65535), help="use exactly this port (default: 8000, or the next free one)"
        )
        parser.add_argument("--folder", type=Path, default=BASE_DIR / ".demo", help="data and logs (default: .demo)")
        parser.add_argument(
            "--journeys", type=whole(0, MOST_JOURNEYS), default=60, help="how many patients' histories to make (60)"
        )
        parser.add_argument("--fresh", action="store_true", help="make the data anew; the old is kept in previous/")

    def handle(self, *, port: int | None, folder: Path, fresh: bool, journeys: int, **options: Any) -> None:
        for number in STOPPED_BY:
            signal.signal(number, interrupt)
        stop_with(os.environ)
        try:
            self.run_demo(Folder(folder.resolve()), port=port, fresh=fresh, journeys=journeys, now=timezone.now())
        except FolderError as error:
            raise CommandError(f"--folder: {error}", returncode=2) from error
        except (DemoError, ChildFailedError, FileNotFoundError) as error:
            raise CommandError(f"The demo has stopped: {error}") from error
        except KeyboardInterrupt:
            self.say("Stopped. The data is kept; run the demo again to go on.")

    def run_demo(self, folder: Folder, *, port: int | None, fresh: bool, journeys: int, now: datetime) -> None:
        """Start everything, say READY, and stay until a signal or a child's end."""
        with only_one(folder), listen(port or 8000, exactly=port is not None) as door, Household() as household:
            folder.prepare()
            self.choose_data(folder, fresh=fresh, now=now)
            site = DemoSite(household, folder, door)
            if port is None and not site.address.endswith(":8000"):
                self.say(f"Port 8000 is taken; using {site.address}")
            site.start_broker()
            facts = site.fill(journeys=journeys)
            site.start_all()
            self.announce(site, facts)
            watch(household)

    def choose_data(self, folder: Folder, *, fresh: bool, now: datetime) -> None:
        """Keep the data of an earlier run while it is fresh, else put it aside; say which."""
        made_at = folder.made_at()
        if made_at and not fresh and now - made_at < STAYS_FRESH:
            self.say(f"Using the demo data of {made_at:%Y-%m-%d %H:%M} UTC again (--fresh makes it anew).")
            return
        if folder.database.exists():
            folder.put_aside()
            self.say(f"Making the demo data anew; the earlier data is in {folder.path / 'previous'}.")
        else:
            self.say("Making the demo data.")

    def announce(self, site: DemoSite, facts: Mapping[str, Any]) -> None:
        """Print where it runs and how to get in."""
        lines = ["", f"READY  {site.address}", ""]
        lines += [f"  {login['role']:<12} {login['login']} / {login['password']}" for login in facts["logins"]]
        patient = facts["patient"]
        lines += [f"  {'Patient':<12} {patient['url']}  ({patient['name']}, born {patient['born']})"]
        lines += ["", f"  Data and logs in {site.folder.path}. Ctrl-C stops everything.", ""]
        self.say("\n".join(lines))

    def say(self, text: str) -> None:
        """Print at once: whoever started us may be waiting for the word READY."""
        self.stdout.write(text)
        self.stdout.flush()


def interrupt(number: int, frame: object) -> NoReturn:
    """Turn the first signal into `KeyboardInterrupt`; later ones must not break off the clearing up."""
    for other in STOPPED_BY:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt
