"""The caregiver of a patient on the staff's screens, in a real browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from notifications.dispatcher import drain
from pathway.actions.copies import copy_to_caregivers
from pathway.models import Journey, Reminder
from patients.models import Caregiver
from tests.browser.test_screens import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Check = Callable[[str], None]


def test_her_copies_stand_on_a_phone_of_her_own(
    page: Page, live_server, look: str, check: Check, full_clinic: Journey
) -> None:
    now = timezone.now()
    noon = now.astimezone(full_clinic.clinic.tz).replace(hour=12)
    Caregiver.objects.update(consented_at=now - timedelta(days=2), language="es")
    told = full_clinic.reminders.filter(state="sent", useful_until__gt=max(now, noon))
    assert copy_to_caregivers(sent=list(told.values_list("pk", flat=True)), now=now)
    Reminder.objects.filter(origin="copy").update(run_at=noon)
    drain(clock=lambda: noon)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/outbox/")
    page.get_by_role("link", name="Maria Ruiz (daughter) Caregiver of Alma Ruiz").click()
    expect(page.get_by_role("list", name="Messages")).to_contain_text("Copia para quien ayuda")
    check(f"outbox-caregiver-{look}")
