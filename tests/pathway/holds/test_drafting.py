"""What is drafted when medicines, results and bookings change; nothing is ever signed by it."""

from datetime import timedelta

import pytest

from pathway.actions.holds import decline_hold
from pathway.actions.journeys import book
from pathway.actions.medicines import stop_medicine
from pathway.models import MedicationHold, Priority, Reminder, WorkItem
from pathway.queries.holds import missing_for_procedure
from patients.models import LabKind, LabResult, Medication
from tests.builders import NOW
from tests.pathway.holds.worlds import PROCEDURE, World

pytestmark = pytest.mark.django_db


def test_a_medicine_written_down_is_drafted_and_waits_for_a_signature():
    world = World()
    world.takes("Eliquis", dose="5 mg")
    hold = world.hold("apixaban")
    assert (hold.state, hold.duration, hold.table_version, hold.row) == ("drafted", "P3D", "1", "apixaban")
    assert hold.medication is not None
    assert hold.medication.name == "Eliquis"
    assert world.tasks() == ["sign-hold"]
    assert not Reminder.objects.filter(step="medication-plan").exists()


def test_writing_it_down_again_or_booking_again_drafts_nothing_twice():
    world = World()
    world.takes("apixaban")
    world.takes("Apixaban", dose="5 mg")
    book(journey=world.journey, key="procedure", at=PROCEDURE + timedelta(days=1), by=None, now=NOW)
    assert MedicationHold.objects.count() == Medication.objects.count() == 1


def test_two_names_of_one_medicine_are_one_draft_and_a_question():
    world = World()
    world.takes("apixaban")
    world.takes("Eliquis")
    assert MedicationHold.objects.count() == 1
    assert "medicine-unclear" in world.tasks()


def test_an_unknown_medicine_is_a_prescribers_task_and_no_draft():
    world = World()
    world.takes("devil's claw")
    assert world.tasks() == ["medicine-unknown"]
    assert not MedicationHold.objects.exists()


def test_what_is_unsettled_about_a_medicine_keeps_the_procedure_from_going_ahead():
    world = World()
    world.takes("aspirin")
    world.takes("devil's claw")
    WorkItem.objects.update(state="resolved", resolved_at=NOW, resolved_by=world.nurse, outcome="done")
    (line,) = missing_for_procedure(world.journey, now=NOW)
    assert line.startswith("aspirin: write down how it is taken")  # ending the task did not write the fact down


def test_the_answer_that_decides_ends_the_question_and_drafts():
    world = World()
    world.takes("aspirin")
    assert world.tasks() == ["medicine-unclear"]
    world.takes("aspirin", variant="primary-prevention")
    assert world.hold("aspirin").duration == "P6D"
    assert world.tasks() == ["sign-hold"]


def test_a_draft_of_aspirin_goes_when_it_turns_out_to_be_secondary_prevention():
    world = World()
    world.takes("aspirin", variant="primary-prevention")
    world.takes("aspirin", variant="secondary-prevention")
    assert not MedicationHold.objects.exclude(state="declined").exists()
    assert world.tasks() == ["hold-decision"]


def test_dabigatran_waits_for_its_clearance_and_takes_the_longer_hold():
    world = World()
    world.takes("dabigatran")
    assert world.tasks() == ["clearance-needed"]
    world.result(LabKind.CREATININE_CLEARANCE, "40", NOW)
    hold = world.hold("dabigatran")
    assert (hold.duration, hold.shortest) == ("P6D", "P5D")
    assert world.tasks() == ["sign-hold"]


def test_a_signed_hold_that_a_new_result_makes_too_short_is_told_and_never_lengthened():
    world = World()
    world.takes("dabigatran")
    world.result(LabKind.CREATININE_CLEARANCE, "90", NOW)
    world.signed("dabigatran")
    world.result(LabKind.CREATININE_CLEARANCE, "40", NOW + timedelta(hours=1))
    assert world.hold("dabigatran").duration == "P4D"
    assert "signed for 4 days; by what is known now the table asks for 6 days" in world.task("hold-decision").why


def test_a_draft_that_a_prescriber_declined_is_not_made_again():
    world = World()
    world.takes("naproxen")
    decline_hold(hold=world.hold("naproxen"), reason="taken once a month", by=world.doctor, now=NOW)
    book(journey=world.journey, key="procedure", at=PROCEDURE + timedelta(days=1), by=None, now=NOW)
    assert not MedicationHold.objects.exclude(state="declined").exists()
    assert world.tasks() == []


def test_a_medicine_that_is_not_taken_any_more_takes_its_draft_with_it():
    world = World()
    world.takes("naproxen")
    stop_medicine(medication=Medication.objects.get(), by=world.nurse, now=NOW)
    assert MedicationHold.objects.get().declined_reason == "the list of medicines no longer asks for it"
    assert world.tasks() == []


def test_a_signed_hold_of_a_medicine_that_left_the_list_is_the_prescribers():
    world = World()
    world.takes("naproxen")
    world.signed("naproxen")
    stop_medicine(medication=Medication.objects.get(), by=world.nurse, now=NOW)
    assert world.hold("naproxen").state == "approved"
    assert world.tasks() == ["hold-decision"]


def test_a_stent_on_clopidogrel_with_four_days_left_is_urgent_and_names_the_earliest_safe_date():
    world = World(procedure_at=NOW + timedelta(days=4))
    world.takes("clopidogrel", has_stent=True)
    item = world.task("hold-too-short")
    assert item.priority == Priority.URGENT
    assert "clopidogrel needs 7 days; the time left is 4 days" in item.why
    assert "Earliest safe procedure: Mon, Mar 8, 2027, 10:00 AM" in item.why
    assert "Cardiology" in item.why


def test_without_a_booked_procedure_a_hold_is_drafted_and_its_time_checked_once_there_is_one():
    world = World(procedure_at=None)
    world.takes("clopidogrel", has_stent=False)
    assert world.tasks() == ["sign-hold"]
    book(journey=world.journey, key="procedure", at=NOW + timedelta(days=5), by=None, now=NOW)
    assert world.tasks() == ["hold-too-short"]


def test_a_result_keeps_its_unit_and_who_wrote_it_down():
    world = World()
    world.result(LabKind.INR, "1.1", NOW)
    row = LabResult.objects.get()
    assert (row.unit, row.recorded_by, row.taken_at) == ("ratio", world.nurse, NOW)
