"""What the table says about one medicine of one patient."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pathway.holds.proposing import LabValue, Medicine, Patient, Proposal, propose
from pathway.holds.shipped import hold_table

NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
OLD, YOUNG = Patient(78, ZONE), Patient(50, ZONE)


def proposed(name: str, *beside: Medicine, patient: Patient = OLD, **facts: object) -> Proposal:
    return propose(hold_table(), Medicine(name, **facts), beside=beside, patient=patient, now=NOW)  # type: ignore[arg-type]


def clearance(value: str, *, days_ago: int = 1) -> Patient:
    return Patient(78, ZONE, LabValue(Decimal(value), NOW - timedelta(days=days_ago)))


def asked(found: Proposal) -> list[str]:
    return [one.kind for one in found.asks]


def test_a_medicine_of_the_table_is_drafted_with_the_version_of_its_row():
    found = proposed("Eliquis 5 mg")
    assert found.hold is not None
    assert (found.hold.drug, found.hold.duration, found.hold.restart_after) == ("apixaban", "P3D", "PT24H")
    assert "Creatinine clearance and liver disease" in found.hold.note
    assert not found.asks


@pytest.mark.parametrize("name", ["turmeric", "", "the little white pill"])
def test_what_is_not_in_the_table_is_for_a_prescriber_and_never_drafted(name: str):
    found = proposed(name)
    assert (found.hold, asked(found)) == (None, ["medicine-unknown"])


def test_aspirin_without_its_reason_is_asked_about_and_not_drafted():
    found = proposed("aspirin")
    assert (found.hold, asked(found)) == (None, ["medicine-unclear"])
    assert "after a stent, a heart attack or a stroke" in found.asks[0].why


def test_aspirin_after_a_stent_or_stroke_is_never_drafted():
    found = proposed("aspirin", variant="secondary-prevention")
    assert (found.hold, asked(found)) == (None, ["hold-decision"])
    assert not any(char.isdigit() for char in found.asks[0].why)  # no days are proposed


def test_aspirin_to_prevent_a_first_event_is_held_for_six_days():
    found = proposed("aspirin", variant="primary-prevention")
    assert found.hold is not None
    assert found.hold.duration == "P6D"


def test_dabigatran_is_not_drafted_without_a_creatinine_clearance():
    assert (proposed("dabigatran").hold, asked(proposed("dabigatran"))) == (None, ["clearance-needed"])
    assert proposed("dabigatran", patient=clearance("90", days_ago=120)).hold is None  # too old to go by


@pytest.mark.parametrize(
    ("value", "length", "shortest"), [("90", "P4D", ""), ("50", "P4D", ""), ("49.9", "P6D", "P5D")]
)
def test_impaired_kidneys_lengthen_the_hold_of_dabigatran(value: str, length: str, shortest: str):
    found = proposed("dabigatran", patient=clearance(value)).hold
    assert found is not None
    assert (found.duration, found.shortest) == (length, shortest)


def test_very_low_clearance_is_for_the_prescriber():
    found = proposed("dabigatran", patient=clearance("29"))
    assert (found.hold, asked(found)) == (None, ["hold-decision"])


@pytest.mark.parametrize("drug", ["clopidogrel", "prasugrel", "ticagrelor"])
def test_until_somebody_says_there_is_no_stent_cardiology_has_to_agree(drug: str):
    unknown, stent, none = (proposed(drug, has_stent=known) for known in (None, True, False))
    assert unknown.hold
    assert unknown.hold.needs_cardiology
    assert asked(unknown) == ["ask-stent"]
    assert stent.hold
    assert stent.hold.needs_cardiology
    assert not stent.asks
    assert none.hold
    assert not none.hold.needs_cardiology
    assert not none.asks


def test_dipyridamole_beside_aspirin_follows_the_aspirin_rule():
    alone = proposed("dipyridamole").hold
    assert alone is not None
    assert (alone.duration, alone.restart_when) == ("P2D", "clinician")
    primary = proposed("dipyridamole", Medicine("aspirin", variant="primary-prevention")).hold
    assert primary is not None
    assert (primary.drug, primary.duration) == ("dipyridamole", "P6D")
    assert proposed("dipyridamole", Medicine("aspirin", variant="secondary-prevention")).hold is None
    unsettled = proposed("dipyridamole", Medicine("aspirin"))
    assert (unsettled.hold, asked(unsettled)) == (None, ["medicine-unclear"])


def test_one_tablet_with_two_medicines_is_never_held_in_part():
    found = proposed("Synjardy")
    assert (found.hold, asked(found)) == (None, ["hold-decision"])
    assert "empagliflozin, metformin" in found.asks[0].why


def test_a_code_that_contradicts_the_name_is_asked_about():
    found = proposed("apixaban", rxcui="1114195")
    assert (found.hold, asked(found)) == (None, ["medicine-unclear"])
    assert "rivaroxaban" in found.asks[0].why


def test_a_draft_by_its_code_alone_tells_the_signer_what_the_list_says():
    found = proposed("pravastatin", rxcui="32968", has_stent=False).hold
    assert found is not None
    assert "the list says “pravastatin”" in found.note


def test_celecoxib_is_not_held_and_nobody_is_bothered():
    assert proposed("Celebrex") == Proposal()


def test_a_glp1_goes_on_and_its_risk_flags_are_asked_about():
    found = proposed("Ozempic")
    assert found.hold is None
    assert found.asks[0].routine
    assert "24 hours of liquid diet" in found.asks[0].why
    assert proposed("Ozempic", has_risk_flag=False) == Proposal()
    assert not proposed("Ozempic", has_risk_flag=True).asks[0].routine


def test_an_ssri_goes_on_and_is_flagged_beside_aspirin_or_in_old_age():
    assert proposed("sertraline", patient=YOUNG, has_risk_flag=False) == Proposal()
    beside = proposed("sertraline", Medicine("naproxen"), patient=YOUNG, has_risk_flag=False)
    assert asked(beside) == ["medicine-flag"]
    assert "taken with naproxen" in beside.asks[0].why
    assert "78 years old" in proposed("Zoloft").asks[0].why


def test_insulin_is_written_by_the_prescriber():
    assert (proposed("Lantus").hold, asked(proposed("Lantus"))) == (None, ["hold-decision"])


@pytest.mark.parametrize(
    ("name", "length", "when"),
    [
        ("Jardiance", "P3D", "eating-normally"), ("Steglatro", "P4D", "eating-normally"),
        ("metformin", "P0D", "eating-again"), ("ginkgo biloba", "PT36H", "clinician"),
    ],
)  # fmt: skip
def test_a_restart_that_is_no_length_of_time_has_no_date(name: str, length: str, when: str):
    found = proposed(name).hold
    assert found is not None
    assert (found.duration, found.restart_after, found.restart_when) == (length, "", when)
