"""Signing in and out, and who is let in."""

import pytest
from django.test import Client

from patients.models import Role
from tests.builders import make_clinic, make_staff

pytestmark = pytest.mark.django_db
PAGES = ["/", "/journeys/", "/outbox/", "/reminders/line", "/reminders/alarm"]


@pytest.mark.parametrize("page", PAGES)
def test_somebody_signed_out_is_asked_to_sign_in_and_brought_back(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/sign-in?next={page}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER, Role.ADMIN])
def test_people_of_every_role_open_the_pages(client: Client, page: str, role: str) -> None:
    client.force_login(make_staff(make_clinic(), role))
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_an_integration_account_opens_no_page(client: Client, page: str) -> None:
    client.force_login(make_staff(make_clinic(), Role.INTEGRATION))
    answer = client.get(page)
    assert answer.status_code == 403
    assert "cannot open the pages" in answer.content.decode()


def test_the_name_and_password_sign_in(client: Client) -> None:
    staff = make_staff(make_clinic())
    answer = client.post("/sign-in", {"username": staff.username, "password": "pass-word-1"})
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client) -> None:
    staff = make_staff(make_clinic())
    page = client.post("/sign-in", {"username": staff.username, "password": "wrong"}).content.decode()
    assert "do not belong together" in page
    assert f'value="{staff.username}"' in page


def test_a_missing_password_is_said_at_its_field(client: Client) -> None:
    page = client.post("/sign-in", {"username": "dana"}).content.decode()
    assert "Enter your password." in page
    assert 'id="id_password_problem"' in page


def test_signing_out_needs_a_post(client: Client) -> None:
    client.force_login(make_staff(make_clinic()))
    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").status_code == 302
    assert client.get("/").status_code == 302


def test_pages_that_name_patients_are_kept_in_no_cache(client: Client) -> None:
    client.force_login(make_staff(make_clinic()))
    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_a_refresh_after_the_session_ended_reloads_the_page(client: Client) -> None:
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert answer.content == b""
