"""A real Chromium against Django's live server, and what every page must pass in it."""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Literal, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, ViewportSize, expect

from notifications.dispatcher import drain
from pathway.actions.holds import dangers, draft_hold, sign_hold
from pathway.models import Journey, Priority, Reminder
from patients.models import Caregiver
from tests.builders import make_clinic, make_staff
from tests.pathway.pages import item_of, journey_in

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CHROMIUM = "/usr/bin/chromium"
WIDTHS = (390, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Check(Protocol):
    """What the fixture `check` gives."""

    def __call__(self, name: str, widths: Sequence[int] = WIDTHS) -> None: ...


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
def check(page: Page, complaints: list[str]) -> Check:
    """Call it on a page, by its name: on a phone and a desk, by day and by night, it must pass `fault_of`.

    With `MILEPOST_SHOTS` naming a folder, a screenshot of each is kept there. The page is left as a desk by day.
    """
    page.set_viewport_size(DESK)

    def look_at(name: str, widths: Sequence[int] = WIDTHS) -> None:
        for width, scheme in product(widths, SCHEMES):
            look = f"{name}-{width}-{scheme}"
            page.set_viewport_size({"width": width, "height": DESK["height"]})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # or axe reads colours on their way
            if shots := os.environ.get("MILEPOST_SHOTS"):
                page.screenshot(path=Path(shots) / f"{look}.png", full_page=True)
            assert fault_of(page) == "", look
        assert complaints == [], name
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")

    return look_at


def sign_in(page: Page, address: str) -> None:
    """Sign in as a nurse, and wait for Today."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("User name").fill("dana")
    page.get_by_label("Password").fill("pass-word-1")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()


def fault_of(page: Page) -> str:
    """What is wrong with the page as it stands: violations of WCAG 2.2 AA, or more width than the screen has."""
    result = Axe().run(page, options=RULES)
    if result.violations_count:
        return str(result.generate_report())
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return f"{wide} px wider than the screen" if wide else ""


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
