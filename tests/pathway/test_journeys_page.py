"""The list of journeys."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.builders import make_clinic
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db


def find(client: Client, words: str) -> str:
    return client.post("/journeys/?state=", {"search": words}, follow=True).content.decode()


def test_an_empty_list_says_how_to_fill_it(client: Client) -> None:
    sign_in(client)
    assert "import_schedule" in client.get("/journeys/").content.decode()


def test_only_the_own_clinics_patients_are_listed(client: Client) -> None:
    nurse = sign_in(client)
    journey_in(nurse.clinics.get(), family_name="Ourpatient")
    journey_in(make_clinic(), family_name="Theirpatient")
    page = client.get("/journeys/").content.decode()
    assert "Ourpatient" in page
    assert "Theirpatient" not in page


@pytest.mark.parametrize("words", ["kow", "ed kowalski", "Kowalski Ed", "R-77"])
def test_a_patient_is_found_by_name_or_record_number(client: Client, words: str) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    journey_in(clinic, given_name="Ed", family_name="Kowalski", record_number="R-77")
    journey_in(clinic, given_name="June", family_name="Park")
    page = find(client, words)
    assert "Kowalski, Ed" in page
    assert "Park" not in page


def test_a_search_puts_no_name_into_the_address(client: Client) -> None:
    sign_in(client)
    answer = client.post("/journeys/?state=", {"search": "Kowalski"})
    assert "owalski" not in answer.headers["Location"]


def test_a_search_can_be_cleared(client: Client) -> None:
    nurse = sign_in(client)
    journey_in(nurse.clinics.get(), family_name="Park")
    assert "Nobody found for “nobody”" in find(client, "nobody")
    client.post("/journeys/", {"search": "nobody", "clear": "1"})
    assert "Park" in client.get("/journeys/").content.decode()


def test_the_list_has_pages_and_a_constant_number_of_queries(client: Client) -> None:
    nurse = sign_in(client)
    clinic = nurse.clinics.get()
    counts = []
    for rows in (10, 50):
        for _ in range(rows):
            journey_in(clinic)
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/journeys/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert "Page 1 of 2" in page
    assert "Page 2 of 2" in client.get("/journeys/?page=2").content.decode()
