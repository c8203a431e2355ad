"""Candidacy, the insurer's word and outcome measures on the journey's page: what each form takes, refuses and shows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pathway.models import CandidacyAssessment, CandidacyDecision, Journey, Measurement, PriorAuthorisation
from patients.models import AuditEvent, Clinic, Staff
from tests.builders import make_clinic
from tests.pathway.pages import journey_in, sign_in

pytestmark = pytest.mark.django_db

MET = {
    "neurogenic-claudication": "yes", "symptom-duration": "14", "conservative-care": ["physical-therapy"],
    "conservative-relief": "limited", "ligamentum-flavum": "3.2", "canal-area": "88", "disc-herniation": "no",
    "spondylolisthesis": "grade-0", "walks-unaided": "yes", "bleeding-disorder": "no", "earlier-surgery": "no",
}  # fmt: skip


@pytest.fixture
def doctor(client: Client) -> Staff:
    return sign_in(client, role="prescriber")


@pytest.fixture
def journey(doctor: Staff) -> Journey:
    return journey_in(doctor.clinics.get())


def post(client: Client, journey: Journey, where: str, data: dict[str, object]):
    return client.post(f"/journeys/{journey.pk}/{where}", data)


def page(client: Client, journey: Journey) -> str:
    return client.get(f"/journeys/{journey.pk}/").content.decode()


def test_answers_are_kept_and_judged_line_by_line(client, journey):
    assert post(client, journey, "candidacy", {**MET, "ligamentum-flavum": "2.1"}).status_code == 302
    assert CandidacyAssessment.objects.get().answers["ligamentum-flavum"] == {"value": "2.1", "unit": "mm"}
    shown = page(client, journey)
    assert "Ligamentum flavum 2.1 mm; 2.5 mm or more is needed." in shown
    assert "Does not meet the checklist." in shown
    assert AuditEvent.objects.filter(what=f"journey {journey.pk}: candidacy answers").exists()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("ligamentum-flavum", "250", "from 0.5 to 20 mm: check the digits and the unit"),
        ("canal-area", "wide", "Enter a number, in mm²."),
    ],
)
def test_a_wrong_answer_is_named_at_its_field_and_nothing_is_kept(client, journey, field, value, told):
    answer = post(client, journey, "candidacy", {**MET, field: value})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert told in shown.partition(f'id="candidacy_{field}_problem"')[2][:200]
    assert 'href="#candidacy"' in shown
    assert not CandidacyAssessment.objects.exists()


def test_the_form_begins_with_the_last_answers(client, journey):
    post(client, journey, "candidacy", MET)
    shown = page(client, journey)
    assert 'value="3.2"' in shown
    assert '<option value="limited" selected>' in shown
    assert "Meets the checklist." in shown


def test_a_prescriber_decides_and_says_why_where_the_list_says_otherwise(client, doctor, journey):
    post(client, journey, "candidacy", {**MET, "bleeding-disorder": "yes"})
    seen = CandidacyAssessment.objects.get().pk
    answer = post(client, journey, "candidacy/decide", {"decision": "candidate", "assessment": seen})
    assert answer.status_code == 422
    assert "The checklist says “does not meet”: say why you decide otherwise." in answer.content.decode()
    said = {"decision": "candidate", "assessment": seen, "reason": "The haematologist agrees"}
    assert post(client, journey, "candidacy/decide", said).status_code == 302
    made = CandidacyDecision.objects.get()
    assert (made.by, made.reason) == (doctor, "The haematologist agrees")
    assert "The haematologist agrees" in page(client, journey)


def test_not_a_candidate_ends_the_journey_and_the_page_says_so(client, journey):
    post(client, journey, "candidacy", {**MET, "bleeding-disorder": "yes"})
    seen = CandidacyAssessment.objects.get().pk
    post(client, journey, "candidacy/decide", {"decision": "not-a-candidate", "assessment": seen})
    journey.refresh_from_db()
    assert journey.state == "not-a-candidate"
    shown = page(client, journey)
    assert "Not a candidate: Bleeding disorder: yes; no is needed." in shown
    assert "Tell: not a candidate" in shown


def test_a_nurse_records_answers_and_does_not_decide(client, journey):
    client.logout()
    sign_in(client, journey.clinic)
    assert post(client, journey, "candidacy", MET).status_code == 302
    shown = page(client, journey)
    assert "A prescriber of the clinic decides." in shown
    assert "Save the decision" not in shown
    seen = CandidacyAssessment.objects.get().pk
    answer = post(client, journey, "candidacy/decide", {"decision": "candidate", "assessment": seen})
    assert (answer.status_code, "is not a prescriber of this clinic" in answer.content.decode()) == (422, True)


def test_an_approval_is_kept_and_what_it_lacks_is_named(client, journey):
    answer = post(client, journey, "authorisation", {"state": "approved", "number": "PA-4711"})
    assert "Enter the last day on which the approval is valid." in answer.content.decode()
    until = (timezone.now() + timedelta(days=60)).date()
    said = {"state": "approved", "number": "PA-4711", "expires_date": until.isoformat()}
    assert post(client, journey, "authorisation", said).status_code == 302
    assert PriorAuthorisation.objects.get().expires_date == until
    assert "PA-4711" in page(client, journey)
    assert post(client, journey, "authorisation", {"state": "appeal"}).status_code == 422  # it was not denied


def test_with_the_gate_on_the_booking_form_says_what_is_lacking(client, journey):
    Clinic.objects.update(needs_authorisation=True)
    day = (timezone.now() + timedelta(days=20)).date().isoformat()
    answer = post(client, journey, "book", {"key": "procedure", "day": day, "clock": "08:00"})
    assert answer.status_code == 422
    assert "nobody has recorded a prior authorisation. Record the approval, then book." in answer.content.decode()


def test_a_distance_in_feet_is_kept_and_shown_in_feet(client, doctor, journey):
    local = timezone.now().astimezone(journey.clinic.tz) - timedelta(hours=1)
    said = {
        "key": "walking:ft", "value": "246", "occasion": "consult", "day": local.date().isoformat(),
        "clock": f"{local:%H:%M}",
    }  # fmt: skip
    assert post(client, journey, "measures", said).status_code == 302
    row = Measurement.objects.get()
    assert (str(row.value), row.recorded_by, row.source) == ("74.980800", doctor, "staff")
    assert "<strong>246 ft</strong>" in page(client, journey)
    answer = post(client, journey, "measures", {**said, "key": "pain:points", "value": "11"})
    assert "Enter a value from 0 points to 10 points." in answer.content.decode()
    answer = post(client, journey, "measures", {**said, "key": "walking:ft", "occasion": "day-1"})
    assert "Walking distance is not asked on that occasion." in answer.content.decode()

    wrong = {"which": row.pk, "why": "one digit too many"}
    assert "Enter what it should be" in post(client, journey, "measures/correct", wrong).content.decode()
    assert post(client, journey, "measures/correct", {**wrong, "value": "24.6"}).status_code == 302
    shown = page(client, journey)
    assert "<strong>24.6 ft</strong>" in shown
    assert "Measurement corrected" in shown
    newest = Measurement.objects.latest("pk")
    taken = {"which": newest.pk, "why": "another patient's", "take_back": "on"}
    assert post(client, journey, "measures/correct", taken).status_code == 302
    assert "Nothing measured yet." in page(client, journey)


def test_a_value_of_another_journey_is_not_corrected_from_here(client, doctor, journey):
    other = journey_in(make_clinic())
    row = Measurement.objects.create(
        journey=other, measure="pain", value=5, unit="points", entered_value=5, entered_unit="points",
        at=timezone.now(), recorded_at=timezone.now(), source="patient",
    )  # fmt: skip
    answer = post(client, journey, "measures/correct", {"which": row.pk, "value": "3", "why": "no"})
    assert (answer.status_code, Measurement.objects.count()) == (422, 1)


@pytest.mark.parametrize("where", ["candidacy", "candidacy/decide", "authorisation", "measures", "measures/correct"])
def test_another_clinics_journey_is_not_there(client, doctor, where):
    assert post(client, journey_in(make_clinic()), where, {}).status_code == 404
