"""Whom the procedure cannot help: nothing more about it goes out, and a person says why."""

import pytest

from pathway.models import WorkItem
from pathway.states import JourneyState
from tests.journeys.world import Story
from tests.pathway.test_candidacy_checklist import ALL_MET

pytestmark = pytest.mark.django_db(transaction=True)

BLEEDS = {**ALL_MET, "bleeding-disorder": {"value": True}}


def test_a_bleeding_disorder_is_found_while_a_medicine_is_held_for_a_booked_procedure():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-05-20 07:30")
    story.given_a_patient_who_answers()
    story.given_a_signed_hold("apixaban", "P3D")
    story.when_time_passes_until("2027-05-18 11:00")

    story.when_it_is_decided(JourneyState.NOT_A_CANDIDATE, BLEEDS)
    story.when_time_passes_until("2027-07-10 09:00")

    assert story.phone()[-2:] == [
        "05-18 11:00 Please wait with your medicine plan",
        "05-18 11:00 Your visit is off for now",
    ]
    assert len(story.phone()) == 6
    assert story.tasks() == ["held-without-date", "not-a-candidate-call"]
    call = WorkItem.objects.get(kind="not-a-candidate-call")
    assert "not a candidate" in call.why
    assert "nobody's fault" in call.say


def test_at_the_consult_it_is_said_face_to_face_and_no_text_follows():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-06-20 07:30", consult="2027-05-10 10:00")
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-05-10 10:45")
    story.when_it_has_happened("consult")

    before = story.phone()
    story.when_it_is_decided(JourneyState.NOT_A_CANDIDATE, BLEEDS)
    story.when_time_passes_until("2027-07-10 09:00")

    assert story.phone() == before
    assert story.tasks() == ["not-a-candidate-call"]


def test_a_new_scan_makes_a_candidate_after_all_and_nothing_old_comes_back():
    story = Story("2027-05-03 09:00")
    story.given_a_procedure("2027-06-20 07:30", consult="2027-05-10 10:00")
    story.given_a_patient_who_answers()
    story.when_time_passes_until("2027-05-10 10:45")
    story.when_it_has_happened("consult")
    thin = {**ALL_MET, "ligamentum-flavum": {"value": "2.1", "unit": "mm"}}
    story.when_it_is_decided(JourneyState.NOT_A_CANDIDATE, thin)
    before = story.phone()

    story.when_time_passes_until("2027-06-01 09:00")
    story.when_it_is_decided(JourneyState.CANDIDATE, ALL_MET)
    story.when_time_passes_until("2027-07-10 09:00")
    assert story.phone() == before
    assert story.tasks() == ["candidate-after-all"]

    story.when_the_procedure_moves_to("2027-08-02 07:30")
    story.when_time_passes_until("2027-07-27 09:00")
    assert story.phone()[len(before) :] == ["07-26 10:00 Your procedure is Mon, Aug 2"]
