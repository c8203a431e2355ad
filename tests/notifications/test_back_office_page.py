"""The back office: for superusers only, and history can be looked at but not changed."""

import pytest
from django.contrib import admin
from django.test import Client

from notifications.models import DeliveryAttempt, Message
from pathway.models import Journey, JourneyEvent, PatientLink, ProtocolVersion, Reminder
from patients.models import AuditEvent, Staff
from tests.builders import make_clinic
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db
HISTORY = [JourneyEvent, AuditEvent, Message, DeliveryAttempt, ProtocolVersion, Journey, Reminder, PatientLink]


def test_a_nurse_has_no_way_in(client: Client) -> None:
    sign_in(client)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("model", HISTORY)
def test_history_is_shown_and_cannot_be_changed(client: Client, model: type) -> None:
    journey_in(make_clinic())
    client.force_login(Staff.objects.create_superuser("root", password="pass-word-1"))
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}add/").status_code == 403
    row = model.objects.first()
    if row is not None:
        assert "_save" not in client.get(f"{address}{row.pk}/change/").content.decode()
        assert client.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_links_hash_is_not_shown() -> None:
    assert "token_hash" not in admin.site.get_model_admin(PatientLink).fields
