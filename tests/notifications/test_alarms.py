"""The banner on every staff page: what it says, and to whom."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import Membership
from tests.builders import make_clinic, make_staff
from tests.notifications.due import make_due
from tests.notifications.refused import refuse_five

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(client: Client):
    nurse = make_staff(make_clinic())
    client.force_login(nurse)
    return nurse


def clinic_of(nurse):
    return nurse.memberships.get().clinic


def banner(client):
    return client.get("/reminders/alarm").content.decode()


def test_while_reminders_go_out_nothing_is_said(client, nurse):
    assert "alarm" not in banner(client).replace("/reminders/alarm", "")
    assert "Reminders on time" in client.get("/reminders/line").content.decode()


def test_reminders_that_are_late_are_told_after_two_minutes(client, nurse):
    reminder = make_due(send_at=timezone.now() - timedelta(minutes=1))
    assert "not going out" not in banner(client)
    type(reminder).objects.update(run_at=timezone.now() - timedelta(minutes=3))
    assert "Reminders are not going out. The oldest is 3 min late" in banner(client)


def test_refused_texts_are_told_to_the_staff_of_that_clinic_with_the_reason(client, nurse):
    refuse_five(now=timezone.now(), clinic=clinic_of(nurse))
    assert (
        "Texts are being refused by the provider (the password is wrong, or the account is blocked or out of credit). "
        "Call patients whose text is due, and tell your administrator."
    ) in banner(client)
    line = client.get("/reminders/line").content.decode()
    assert "Texts are being refused" in line
    assert "on time" not in line


def test_what_another_clinics_provider_refuses_is_not_told(client, nurse):
    refuse_five(now=timezone.now())
    assert "refused" not in banner(client)
    assert "Reminders on time" in client.get("/reminders/line").content.decode()


def test_who_sees_several_clinics_is_told_which(client, nurse):
    other = make_clinic(name="Elm Clinic")
    Membership.objects.create(staff=nurse, clinic=other, role="nurse")
    refuse_five(now=timezone.now(), clinic=other)
    assert "Texts of Elm Clinic are being refused by the provider" in banner(client)


def test_both_alarms_are_on_every_page(client, nurse):
    refuse_five(now=timezone.now(), clinic=clinic_of(nurse))
    make_due(send_at=timezone.now() - timedelta(minutes=3))
    for page in ("/", "/journeys/", "/outbox/"):
        text = client.get(page).content.decode()
        assert text.count('class="alarm"') == 2, page
