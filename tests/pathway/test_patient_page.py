"""The patient's page: the door, and what stands behind it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pathway.actions.holds import dangers, draft_hold, sign_hold
from pathway.actions.journeys import cancel
from pathway.actions.links import issue_link, revoke_links
from pathway.models import Journey, PatientLink, WorkItem
from pathway.queries.page_words import SOURCE, clock, long_date, page_words
from patients.models import AuditEvent, Clinic, Patient
from tests.builders import make_clinic, make_journey, make_patient, make_staff
from tests.pathway.pages import journey_in

pytestmark = pytest.mark.django_db
RIGHT = {"month": "5", "day": "2", "year": "1948"}
WRONG = {"month": "5", "day": "3", "year": "1948"}


@pytest.fixture
def journey() -> Journey:
    return journey_in(make_clinic())


@pytest.fixture
def address(journey: Journey) -> str:
    return f"/p/{issue_link(journey=journey, now=timezone.now())}"


def opened(client: Client, address: str) -> str:
    client.post(address, RIGHT)
    return client.get(address).content.decode()


def test_the_page_asks_for_the_birth_date_and_tells_nothing_before(client: Client, address: str) -> None:
    answer = client.get(address)
    page = answer.content.decode()
    assert "When were you born?" in page
    assert "Alma" not in page
    assert "Ruiz" not in page
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_right_date_opens_the_page_and_is_remembered(client: Client, address: str, journey: Journey) -> None:
    assert "Hello Alma" in opened(client, address)
    assert AuditEvent.objects.filter(patient=journey.patient, by=None, verb="read").count() == 1
    assert "Hello Alma" in client.get(address).content.decode()


def test_one_link_does_not_open_another(client: Client, address: str) -> None:
    opened(client, address)
    other = issue_link(journey=journey_in(make_clinic()), now=timezone.now())
    assert "When were you born?" in client.get(f"/p/{other}").content.decode()


def test_a_corrected_birth_date_asks_again(client: Client, address: str, journey: Journey) -> None:
    opened(client, address)
    Patient.objects.filter(pk=journey.patient_id).update(birth_date="1950-01-01")
    assert "When were you born?" in client.get(address).content.decode()


@pytest.mark.parametrize(
    "answer", [{}, {"month": "2", "day": "30", "year": "1948"}, {"month": "x", "day": "1", "year": "48"}]
)
def test_what_is_no_date_is_said_and_is_no_guess(client: Client, address: str, answer: dict[str, str]) -> None:
    reply = client.post(address, answer)
    assert reply.status_code == 422
    assert "Enter the month, the day and the year" in reply.content.decode()
    assert PatientLink.objects.get().wrong_answers == 0


def test_the_fifth_wrong_answer_locks_the_link_and_tells_the_clinic_once(
    client: Client, address: str, journey: Journey
) -> None:
    replies = [client.post(address, WRONG) for _ in range(5)]
    assert [reply.status_code for reply in replies] == [422, 422, 422, 422, 429]
    assert client.post(address, RIGHT).status_code == 429
    assert WorkItem.objects.filter(journey=journey, kind="link-locked").count() == 1
    PatientLink.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert client.post(address, RIGHT).status_code == 302


def test_a_right_answer_forgets_the_wrong_ones(client: Client, address: str) -> None:
    client.post(address, WRONG)
    client.post(address, RIGHT)
    assert PatientLink.objects.get().wrong_answers == 0


def closed_links(journey: Journey) -> list[str]:
    """The addresses of an expired and of a revoked link of this journey."""
    now = timezone.now()
    expired = issue_link(journey=journey, now=now - timedelta(days=365))
    revoked = issue_link(journey=journey, now=now)
    revoke_links(journey=journey, now=now)
    return [f"/p/{token}" for token in (expired, revoked)]


def test_expired_and_revoked_links_answer_alike_with_the_clinics_phone_and_nothing_of_the_patient(
    client: Client, journey: Journey
) -> None:
    replies = [client.get(address) for address in closed_links(journey)]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1
    page = replies[0].content.decode()
    assert "This link does not work any more" in page
    assert 'href="tel:+12025550143"' in page
    assert "Alma" not in page
    assert "Ruiz" not in page


def test_an_unknown_link_names_no_clinic_and_no_phone(client: Client, journey: Journey) -> None:
    reply = client.get("/p/nosuchlink1")
    page = reply.content.decode()
    assert reply.status_code == 404
    assert "This link does not work any more" in page
    assert "The phone number is in the texts you got from us." in page
    assert "tel:" not in page
    assert journey.clinic.name not in page
    assert journey.clinic.address not in page


def test_a_closed_link_answers_in_the_same_words_whatever_the_patient_speaks(client: Client, journey: Journey) -> None:
    Patient.objects.filter(pk=journey.patient_id).update(language="es")
    page = client.get(closed_links(journey)[0]).content.decode()
    assert page.index("This link does not work any more") < page.index("Este enlace ya no funciona")


def test_a_locked_page_shows_the_call_button_right_after_the_reason(client: Client, address: str) -> None:
    for _ in range(5):
        locked = client.post(address, WRONG)
    for page in (locked.content.decode(), client.get(address).content.decode()):
        reason = page.index("Too many tries")
        assert reason < page.index('href="tel:+12025550143"') < page.index('name="month"')


def test_a_link_that_is_revoked_closes_an_open_page(client: Client, address: str, journey: Journey) -> None:
    opened(client, address)
    revoke_links(journey=journey, now=timezone.now())
    assert client.get(address).status_code == 404


def test_only_a_signed_hold_is_told(client: Client, address: str, journey: Journey) -> None:
    now = timezone.now()
    hold = draft_hold(journey=journey, drug="apixaban", duration="P3D", now=now)
    page = opened(client, address)
    assert "apixaban" not in page
    assert "Do not stop or restart any medicine on your own" in page
    sign_hold(hold=hold, by=make_staff(journey.clinic, "prescriber"), now=now, dangers_shown=dangers().version)
    page = client.get(address).content.decode()
    procedure = journey.milestones.get(key="procedure").at.astimezone(journey.clinic.tz).date()
    assert long_date(procedure - timedelta(days=4), "en") in page
    assert long_date(procedure + timedelta(days=1), "en") in page


def test_the_day_before_says_when_to_stop_eating_and_when_to_come(client: Client) -> None:
    journey = journey_in(make_clinic(), days=1)
    at = journey.milestones.get(key="procedure").at
    page = opened(client, f"/p/{issue_link(journey=journey, now=timezone.now())}")
    zone = journey.clinic.tz
    assert f"No food after {clock(at - timedelta(hours=6), zone, 'en')}" in page
    assert f"Come at {clock(at - timedelta(hours=1), zone, 'en')}" in page


def test_a_fast_is_told_as_three_limits_food_drink_and_what_is_heavy(client: Client) -> None:
    journey = journey_in(make_clinic(fasting=timedelta(hours=7), fasting_heavy=timedelta(hours=9)), days=1)
    at, zone = journey.milestones.get(key="procedure").at, journey.clinic.tz
    address = f"/p/{issue_link(journey=journey, now=timezone.now())}"
    page = opened(client, address)
    heavy, food, drink = (clock(at - timedelta(hours=hours), zone, "en") for hours in (9, 7, 2))
    told = [f"nothing fried or fatty, after {heavy}", f"No food after {food}", f"Nothing at all to drink after {drink}"]
    places = [page.find(words) for words in told]
    assert places == sorted(places)
    assert -1 not in places
    Clinic.objects.update(fasting_heavy=timedelta(hours=7))
    assert "fried or fatty" not in client.get(address).content.decode()


def test_times_stand_on_the_patients_own_clock_and_say_so(client: Client) -> None:
    journey = journey_in(make_clinic(), days=1, zone="America/Los_Angeles", language="es")
    page = opened(client, f"/p/{issue_link(journey=journey, now=timezone.now())}")
    at = journey.milestones.get(key="procedure").at - timedelta(hours=1)
    assert f"Llegue a las {clock(at, journey.patient.tz, 'es')}" in page
    assert "Los Angeles" in page
    assert 'lang="es"' in page


def test_a_time_that_nobody_booked_is_never_told(client: Client, address: str, journey: Journey) -> None:
    page = opened(client, address)
    expected = journey.steps.get(key="follow-up-6-weeks").starts_at.astimezone(journey.clinic.tz).date()
    assert long_date(expected, "en") not in page
    assert "Day not set yet" in page


def plan_of(page: str) -> dict[str, str]:
    """Each step of the plan on the page, by its title."""
    found = {}
    for part in page.split('<ol class="plan">')[1].split("</ol>")[0].split("<h3>")[1:]:
        title, rest = part.split(" <span", 1)
        found[title] = rest
    return found


def test_a_ride_is_to_be_found_before_the_procedure_and_not_on_a_day_of_its_own(client: Client) -> None:
    journey = journey_in(make_clinic(), days=6)
    steps = plan_of(opened(client, f"/p/{issue_link(journey=journey, now=timezone.now())}"))
    day = journey.milestones.get(key="procedure").at.astimezone(journey.clinic.tz).date()
    first = journey.steps.get(key="ride").starts_at.astimezone(journey.clinic.tz).date()
    assert f"Before {long_date(day, 'en')}" in steps["Your ride home"]
    assert long_date(first, "en") not in steps["Your ride home"]


def test_without_a_signed_hold_medicines_are_a_standing_note_and_no_step(
    client: Client, address: str, journey: Journey
) -> None:
    page = opened(client, address)
    assert "Your medicine plan" not in page
    assert page.count("Do not stop or restart any medicine on your own") == 1
    assert page.index("Do not stop or restart any medicine on your own") < page.index('<ol class="plan">')


def test_what_holds_for_the_procedures_day_alone_says_so_days_ahead(client: Client) -> None:
    clinic = make_clinic()
    at = (timezone.now() + timedelta(days=5)).astimezone(clinic.tz).replace(hour=9)
    journey = make_journey(make_patient(clinic), procedure_at=at, now=timezone.now())
    steps = plan_of(opened(client, f"/p/{issue_link(journey=journey, now=timezone.now())}"))
    assert "On the day of your procedure" in steps["No bath, pool or hot tub today"]
    assert "To come" not in steps["No bath, pool or hot tub today"]
    assert "On the day of your procedure" not in steps["Take it easy"]


def test_the_clinics_address_stands_with_the_arrival_and_at_the_foot(client: Client) -> None:
    journey = journey_in(make_clinic(address="7 Elm Road\nSpringfield"), days=1)
    page = opened(client, f"/p/{issue_link(journey=journey, now=timezone.now())}")
    arrival = page.split("Come at")[1]
    assert "7 Elm Road<br>Springfield" in arrival[:200]
    assert "7 Elm Road<br>Springfield" in page.split("<footer")[1]


def test_a_cancelled_journey_says_so_and_shows_no_times(client: Client, address: str, journey: Journey) -> None:
    cancel(journey=journey, reason="shingles", by=None, now=timezone.now())
    page = opened(client, address)
    assert "Your visit is off for now" in page
    assert "Come at" not in page
    assert "shingles" not in page


def test_the_page_is_small_and_needs_no_script(client: Client, address: str) -> None:
    page = opened(client, address)
    assert len(page.encode()) < 40_000
    assert "<script" not in page


def test_every_word_of_the_page_exists_in_both_languages() -> None:
    english, spanish = page_words("en"), page_words("es")
    assert SOURCE.name == "page_words.toml"
    for key, text in english.items():
        fields = {part.split("}")[0] for part in text.split("{")[1:]}
        assert fields == {part.split("}")[0] for part in spanish[key].split("{")[1:]}, key
        assert text or key == "unchecked"
        assert spanish[key]
