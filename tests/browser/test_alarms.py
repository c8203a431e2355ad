"""What staff see when reminders do not reach patients."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from pathway.models import Journey
from tests.browser.conftest import Check, sign_in
from tests.notifications.due import make_due
from tests.notifications.refused import refuse_five

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_refused_texts_are_told_on_every_page(page: Page, live_server, check: Check, full_clinic: Journey) -> None:
    refuse_five(now=timezone.now(), clinic=full_clinic.clinic)
    sign_in(page, live_server.url)
    expect(page.get_by_role("alert")).to_contain_text("Texts are being refused by the provider (the password is wrong,")
    expect(page.locator(".health")).to_contain_text("Texts are being refused")
    check("refused")
    make_due(full_clinic, send_at=timezone.now() - timedelta(minutes=9))
    page.get_by_role("link", name="Journeys").click()
    expect(page.get_by_role("alert")).to_have_count(2)
    check("refused-and-late")
