"""What patients write about whom nothing is planned: a stop holds, danger is seen, and nobody is called unknown."""

import pytest

from notifications.models import Message, StrayMessage
from notifications.queries.strays import unsettled_strays
from pathway.models import WorkItem
from patients.models import Patient
from tests.builders import NOW, make_clinic, make_patient, make_staff
from tests.notifications.coming_back import make_caregiver, number_of, says, text_from
from tests.notifications.due import make_bare_journey

pytestmark = pytest.mark.django_db


def fresh(patient: Patient) -> Patient:
    return Patient.objects.get(pk=patient.pk)


def test_a_stop_of_a_patient_without_a_journey_holds_at_once():
    patient = make_patient()
    says(patient, "STOP", reference="SM1")
    assert not says(patient, "STOP", reference="SM1")
    assert fresh(patient).stopped_at == NOW
    stray = StrayMessage.objects.get()
    assert stray.why == f"Stopped: no more messages. Number of {patient}, without a journey."
    assert stray.clinic == patient.clinic


def test_a_start_lifts_it_again():
    patient = make_patient()
    says(patient, "STOP")
    says(patient, "START")
    assert fresh(patient).stopped_at is None


def test_danger_of_a_patient_without_a_journey_is_seen_first_with_their_name():
    patient = make_patient()
    says(patient, "hello")
    says(patient, "chest pain")
    nurse = make_staff(patient.clinic, "nurse")
    first, second = unsettled_strays(nurse)
    assert first.why == f"Danger: chest pain. Number of {patient}, without a journey."
    assert second.why == f"Number of {patient}, without a journey."


def test_a_name_is_shown_in_its_own_clinic_only():
    one, other = (make_patient(make_clinic(), phone="+12025550101") for _ in range(2))
    text_from("+12025550101", "chest pain", clinics=[one.clinic_id, other.clinic_id])
    for patient, stranger in ((one, other), (other, one)):
        (stray,) = StrayMessage.objects.filter(clinic=patient.clinic)
        assert str(patient) in stray.why
        assert stranger.clinic != stray.clinic


def test_a_stop_from_a_number_shared_with_somebody_under_way_stops_both():
    journey = make_bare_journey(make_patient(phone="+12025550101"))
    patient = make_patient(journey.clinic, phone="+12025550101")
    says(patient, "STOP")
    assert fresh(patient).stopped_at == fresh(journey.patient).stopped_at == NOW


def test_danger_from_a_number_shared_with_somebody_under_way_names_both():
    journey = make_bare_journey(make_patient(phone="+12025550101"))
    patient = make_patient(journey.clinic, phone="+12025550101")
    says(patient, "chest pain")
    assert "share" in WorkItem.objects.get(kind="danger-words").why
    assert str(patient) in StrayMessage.objects.get().why


def test_a_caregiver_of_a_patient_without_a_journey_stops_their_copies_only():
    patient = make_patient()
    caregiver = make_caregiver(patient)
    text_from("+12025550177", "STOP", clinics=[patient.clinic_id])
    caregiver.refresh_from_db()
    assert (caregiver.stopped_at, fresh(patient).stopped_at) == (NOW, None)
    assert "caregiver of" in StrayMessage.objects.get().why


def test_danger_of_a_patient_whose_journeys_have_ended_is_urgent_on_the_newest():
    journey = make_bare_journey(state="cancelled")
    says(journey.patient, "chest pain")
    assert WorkItem.objects.get().journey == journey
    assert Message.objects.get().address == number_of(journey.patient)
