"""A real Chromium against Django's live server, and what every page must pass in it."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page

from notifications.dispatcher import drain
from pathway.actions.holds import dangers, draft_hold, sign_hold
from pathway.models import Journey, Priority, Reminder
from patients.models import Caregiver
from tests.builders import make_clinic, make_staff
from tests.pathway.pages import item_of, journey_in

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session", autouse=True)
def _playwright_runs_a_loop() -> Iterator[None]:
    """Playwright's sync API runs inside an event loop, in which Django refuses the database unless told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Debian's own Chromium, quiet, and able to run as root."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: apt-get install chromium libatomic1 fonts-dejavu-core")
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}


@pytest.fixture(params=[(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")], ids=lambda p: f"{p[0]}-{p[1]}")
def look(request: pytest.FixtureRequest, page: Page) -> str:
    """A phone and a desk, by day and by night."""
    width, scheme = request.param
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    return f"{width}-{scheme}"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Every error, warning or blocked script and style that the console shows."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def check(page: Page, complaints: list[str]) -> Callable[[str], None]:
    """Call it on a page: no accessibility violation, nothing wider than the screen, a quiet console.

    With `MILEPOST_SHOTS` naming a folder, a screenshot is kept there.
    """

    def look_at(name: str) -> None:
        shots = os.environ.get("MILEPOST_SHOTS")
        if shots:
            page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)
        result = Axe().run(page, options=RULES)
        assert result.violations_count == 0, f"{name}\n{result.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{name} is {wide} px wider than the screen"
        assert complaints == [], name

    return look_at


@pytest.fixture
def full_clinic(transactional_db: None) -> Journey:
    """A clinic at work: tasks, procedures tomorrow, follow-ups, texts that went out. One journey of it."""
    clinic = make_clinic(name="Oak Clinic")
    make_staff(clinic, username="dana", first_name="Dana", last_name="Reyes")
    prescriber = make_staff(clinic, "prescriber", first_name="Ama", last_name="Osei")
    now = timezone.now()
    names = [("Alma", "Ruiz"), ("Ed", "Kowalski"), ("June", "Park"), ("Luis", "Ortega"), ("Mae", "Nguyen")]
    journeys = [
        journey_in(clinic, days=days, given_name=given, family_name=family)
        for (given, family), days in zip(names, (1, 1, 5, -18, -39), strict=True)
    ]
    for number, journey in enumerate(journeys * 4):
        urgency = list(Priority)[number % 3]
        item_of(journey, minutes=90 * number - 60, cause=str(number), priority=urgency, say="Ask what was eaten.")
    Caregiver.objects.create(patient=journeys[0].patient, name="Maria Ruiz", relation="daughter", phone="+12025550177")
    hold = draft_hold(journey=journeys[0], drug="apixaban", duration="P3D", now=now - timedelta(days=6))
    sign_hold(hold=hold, by=prescriber, now=now - timedelta(days=6), dangers_shown=dangers().version)
    draft_hold(journey=journeys[1], drug="naproxen", duration="P4D", now=now)
    noon = (now - timedelta(days=1)).astimezone(clinic.tz).replace(hour=12)
    Reminder.objects.filter(step="welcome").update(run_at=noon, useful_until=now)
    for moment in (noon, now):
        drain(clock=lambda moment=moment: moment)
    return journeys[0]
