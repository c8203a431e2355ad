"""Only a prescriber signs, named and timed, after both dangers were shown, and after cardiology for a stent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.holds import NotSignable, dangers, decline_hold, draft_hold, record_cardiology_agreement, sign_hold
from pathway.models import JourneyEvent, MedicationHold
from pathway.states import TransitionError
from tests.builders import NOW, make_clinic, make_staff
from tests.pathway.holds.worlds import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = World()
    made.takes("apixaban")
    return made


def test_a_signature_keeps_who_when_by_which_table_and_which_dangers_were_shown(world: World):
    hold = world.signed("apixaban", bridging="No bridging.")
    assert (hold.signed_by, hold.signed_at, hold.table_version) == (world.doctor, NOW, "1")
    assert (hold.dangers_version, hold.bridging) == (dangers().version, "No bridging.")
    assert JourneyEvent.objects.filter(kind="hold-signed", by=world.doctor, at=NOW).exists()


def test_both_dangers_are_named():
    assert "clot" in dangers().clot
    assert "bleeding into the spine" in dangers().bleeding


@pytest.mark.parametrize("role", ["nurse", "admin", "integration"])
def test_nobody_but_a_prescriber_signs_or_declines(world: World, role: str):
    other = make_staff(world.clinic, role)
    with pytest.raises(NotAPrescriber):
        sign_hold(hold=world.hold("apixaban"), by=other, now=NOW, dangers_shown=dangers().version)
    with pytest.raises(NotAPrescriber):
        decline_hold(hold=world.hold("apixaban"), reason="no", by=other, now=NOW)


def test_a_prescriber_of_another_clinic_does_not_sign(world: World):
    stranger = make_staff(make_clinic(), "prescriber")
    with pytest.raises(NotAPrescriber):
        sign_hold(hold=world.hold("apixaban"), by=stranger, now=NOW, dangers_shown=dangers().version)


@pytest.mark.parametrize("shown", ["", "0", "older"])
def test_who_was_not_shown_the_dangers_as_they_stand_cannot_sign(world: World, shown: str):
    with pytest.raises(NotSignable) as caught:
        sign_hold(hold=world.hold("apixaban"), by=world.doctor, now=NOW, dangers_shown=shown)
    assert caught.value.field == "understood"
    assert world.hold("apixaban").state == "drafted"


def test_a_hold_is_signed_once(world: World):
    world.signed("apixaban")
    with pytest.raises(TransitionError):
        world.signed("apixaban")


def test_another_length_needs_a_reason_which_is_kept(world: World):
    with pytest.raises(NotSignable) as caught:
        world.signed("apixaban", duration="P5D")
    assert caught.value.field == "reason"
    hold = world.signed("apixaban", duration="P5D", restart_after="P2D", reason="creatinine clearance 30")
    assert (hold.duration, hold.drafted_duration, hold.restart_after) == ("P5D", "P3D", "P2D")
    assert hold.changed_reason == "creatinine clearance 30"


def test_within_the_tables_own_range_no_reason_is_asked():
    world = World()
    world.takes("prasugrel", has_stent=False)
    assert world.signed("prasugrel", duration="P8D").duration == "P8D"


@pytest.mark.parametrize("length", ["P6D", "P11D"])
def test_outside_the_tables_range_a_reason_is_asked(length: str):
    world = World()
    world.takes("prasugrel", has_stent=False)
    with pytest.raises(NotSignable):
        world.signed("prasugrel", duration=length)


@pytest.mark.parametrize("length", ["three days", "-P3D", "P1M", "P99D"])
def test_a_length_that_cannot_be_meant_is_refused_at_its_field(world: World, length: str):
    with pytest.raises(NotSignable) as caught:
        world.signed("apixaban", duration=length, reason="so")
    assert caught.value.field == "duration"


def test_with_a_stent_cardiology_agrees_first_by_name_and_time():
    world = World()
    world.takes("clopidogrel", has_stent=True)
    with pytest.raises(NotSignable, match="Cardiology"):
        world.signed("clopidogrel")
    hold = world.hold("clopidogrel")
    record_cardiology_agreement(hold=hold, agreed_by="Dr. Osei", agreed_at=NOW, by=world.nurse, now=NOW)
    signed = world.signed("clopidogrel")
    assert (signed.cardiology_by, signed.cardiology_at) == ("Dr. Osei", NOW)


def test_as_long_as_nobody_asked_about_a_stent_nothing_is_signed():
    world = World()
    world.takes("clopidogrel")
    with pytest.raises(NotSignable):
        world.signed("clopidogrel")
    world.takes("clopidogrel", has_stent=False)
    assert world.signed("clopidogrel").state == "approved"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "approved"},
        {"state": "released"},
        {"signed_at": NOW},
        {"state": "approved", "signed_at": NOW, "dangers_version": ""},
        {"restart_after": "", "restart_when": ""},
        {"restart_after": "P1D", "restart_when": "clinician"},
        {"cardiology_at": NOW},
        {"last_dose_at": NOW},
        {"restart_at": NOW},
    ],
)
def test_the_database_refuses_what_no_action_would_write(world: World, fields: dict[str, object]):
    if "dangers_version" in fields:
        fields = {**fields, "signed_by": world.doctor}
    with pytest.raises(IntegrityError), transaction.atomic():
        MedicationHold.objects.filter(journey=world.journey).update(**fields)


def test_a_hold_drafted_by_hand_names_one_medicine(world: World):
    for drug in ("", "aspirin/dipyridamole"):
        with pytest.raises(ValueError, match="one medicine"):
            draft_hold(journey=world.journey, drug=drug, duration="P3D", now=NOW)


def test_declining_needs_a_reason(world: World):
    with pytest.raises(ValueError, match="Say why"):
        decline_hold(hold=world.hold("apixaban"), reason=" ", by=world.doctor, now=NOW + timedelta(hours=1))
