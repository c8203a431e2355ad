"""Who helps a patient reads along: as far as the patient agreed, in her own language, until either says stop."""

import pytest

from pathway.actions.copies import copy_to_caregivers
from pathway.medical_words import medical_words
from pathway.queries.protocols import protocol_of
from patients.models import Caregiver, Patient
from tests.journeys.world import Story

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_daughter_reads_along_in_her_language_until_she_texts_stop():
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver()
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_patient_who_answers()

    story.when_time_passes_until("2027-05-14 09:00")
    assert story.phone() == [
        "05-03 09:00 You will get about 12 care texts",
        "05-13 10:00 Your procedure is Thu, May 20",
    ]
    assert story.phone("caregiver") == [
        "05-03 09:00 Le mandaremos unos 12 textos",
        "05-13 10:00 Su procedimiento es el jue 20 may",
    ]

    story.when_the_caregiver_texts("STOP")
    story.when_time_passes_until("2027-05-20 07:00")
    assert story.phone("caregiver")[2:] == ["05-14 09:00 Ya no recibe copias de textos"]
    assert story.phone()[2:] == ["05-19 18:00 Come Thu, May 20 at 6:30 AM"], "the patient's own go on"

    story.when_the_caregiver_texts("START")
    story.when_it_has_happened("procedure")
    story.when_it_has_happened("discharge")
    story.when_time_passes_until("2027-05-20 20:30")
    assert story.phone("caregiver")[3:] == ["05-20 08:00 Hoy no use tina, piscina ni jacuzzi"]
    assert story.tasks() == ["book-visit", "book-visit"], "both follow-ups, from the discharge on"


def test_the_patient_hears_first_and_the_copy_says_that_it_is_one():
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver()
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-19 19:00")

    told = story.messages()
    assert [one.recipient for one in told] == ["patient", "caregiver"] * 3
    for own, copy in zip(told[::2], told[1::2], strict=True):
        assert copy.reminder.follows == own.reminder
        assert (own.language, copy.language) == ("en", "es")
        assert copy.body.startswith("Copia para quien ayuda. ")
        asks = "Responda C" in copy.body
        assert ("Solo responde el paciente." in copy.body) is asks


def test_without_the_patients_consent_she_hears_nothing():
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver(consented_at=None)
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-14 09:00")
    assert len(story.phone()) == 2
    assert story.phone("caregiver") == []


def test_consent_that_is_taken_back_also_stops_a_copy_that_waits_for_the_morning():
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver(consented_at=None)
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-13 21:00")
    Caregiver.objects.update(consented_at=story.now)
    ride = story.journey.reminders.get(text="ride", state="sent")
    copy_to_caregivers(sent=[ride.pk], now=story.now)  # as when it is proven at night that the patient's went out

    story.when_time_passes_until("2027-05-14 07:00")
    copy = story.journey.reminders.get(origin="copy")
    assert (copy.state, copy.reason) == ("planned", "It waits for the sending hours.")
    Caregiver.objects.update(consented_at=None)
    story.when_time_passes_until("2027-05-14 12:00")

    copy.refresh_from_db()
    assert (copy.state, copy.reason) == ("withdrawn", "The caregiver gets no copies.")
    assert story.phone("caregiver") == []
    assert story.tasks() == [], "the patient was told: nobody need call"


def test_a_patient_who_wants_no_more_texts_ends_the_copies_too():
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver()
    story.given_a_procedure("2027-05-20 07:30")
    story.when_time_passes_until("2027-05-14 09:00")
    before = story.phone("caregiver")
    Patient.objects.update(stopped_at=story.now)
    story.when_time_passes_until("2027-05-20 07:00")
    assert story.phone("caregiver") == before


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_copy_of_a_whole_journey_names_the_patient_or_anything_medical(language):
    story = Story("2027-05-03 09:00")
    story.given_a_caregiver(language=language)
    story.given_a_procedure("2027-05-20 07:30", follow_up_weeks="2027-06-10 14:00")
    story.given_a_patient_who_answers()
    story.given_a_signed_hold("apixaban", "P3D")
    story.when_time_passes_until("2027-05-20 08:30")
    story.when_it_has_happened("procedure")
    story.when_it_has_happened("discharge")
    story.when_time_passes_until("2027-06-11 09:00")

    copies = [one for one in story.messages() if one.recipient == "caregiver"]
    assert len(copies) == 9
    allows = protocol_of(story.journey.protocol_version).allows
    for one in copies:
        assert medical_words(one.body, language, allows=allows.get(one.reminder.text, ())) == []
        for name in ("Alma", "Ruiz", "Lucía", "apixaban"):
            assert name not in one.body
