"""The clinic's table: every row as clinical.md has it, and what its check says of a slip of the pen."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pathway.holds.loading import TableError, read_table
from pathway.holds.proposing import LabValue, Medicine, Patient, Proposal, propose
from pathway.holds.rows import Row
from pathway.holds.shipped import PATH, hold_table
from tests.builders import NOW

SOURCE = PATH.read_text()

ROWS = {
    # row: what is drafted, its shorter end, the restart, what has to be known first
    "warfarin": ("P5D", "", "PT6H", ("inr",)),
    "acenocoumarol": ("P3D", "", "PT24H", ("inr",)),
    "apixaban": ("P3D", "", "PT24H", ()),
    "rivaroxaban": ("P3D", "", "PT24H", ()),
    "edoxaban": ("P3D", "", "PT24H", ()),
    "dabigatran": ("P4D", "", "PT24H", ("creatinine-clearance",)),
    "clopidogrel": ("P7D", "", "PT24H", ("stent",)),
    "prasugrel": ("P10D", "P7D", "PT24H", ("stent",)),
    "ticagrelor": ("P5D", "", "PT24H", ("stent",)),
    "aspirin-primary": ("P6D", "", "PT24H", ()),
    "dipyridamole": ("P2D", "", "clinician", ()),
    "cilostazol": ("P2D", "", "PT24H", ()),
    "enoxaparin-prophylactic": ("PT12H", "", "PT24H", ()),
    "enoxaparin-treatment": ("PT24H", "", "PT24H", ()),
    "dalteparin": ("PT24H", "", "PT24H", ()),
    "fondaparinux": ("P4D", "", "PT24H", ()),
    "heparin-iv": ("PT6H", "", "PT2H", ()),
    "heparin-sc": ("PT24H", "", "PT6H", ()),
    "ibuprofen": ("P1D", "", "PT24H", ()),
    "diclofenac": ("P1D", "", "PT24H", ()),
    "ketorolac": ("P1D", "", "PT24H", ()),
    "indomethacin": ("P2D", "", "PT24H", ()),
    "etodolac": ("P2D", "", "PT24H", ()),
    "naproxen": ("P4D", "", "PT24H", ()),
    "meloxicam": ("P4D", "", "PT24H", ()),
    "nabumetone": ("P6D", "", "PT24H", ()),
    "oxaprozin": ("P10D", "", "PT24H", ()),
    "piroxicam": ("P10D", "", "PT24H", ()),
    "garlic": ("P7D", "", "clinician", ()),
    "ginkgo": ("PT36H", "", "clinician", ()),
    "fish-oil": ("P6D", "", "clinician", ()),
    "canagliflozin": ("P3D", "", "eating-normally", ()),
    "dapagliflozin": ("P3D", "", "eating-normally", ()),
    "empagliflozin": ("P3D", "", "eating-normally", ()),
    "ertugliflozin": ("P4D", "", "eating-normally", ()),
    "metformin": ("P0D", "", "eating-again", ()),
}
CODES = {
    "warfarin": "11289", "acenocoumarol": "154", "apixaban": "1364430", "rivaroxaban": "1114195",
    "edoxaban": "1599538", "dabigatran": "1037042", "clopidogrel": "32968", "prasugrel": "613391",
    "ticagrelor": "1116632", "aspirin": "1191", "enoxaparin": "67108", "dalteparin": "67109",
    "fondaparinux": "321208", "heparin": "5224", "ibuprofen": "5640", "diclofenac": "3355", "ketorolac": "35827",
    "indomethacin": "5781", "naproxen": "7258", "meloxicam": "41493", "nabumetone": "31448", "piroxicam": "8356",
    "celecoxib": "140587", "semaglutide": "1991302", "liraglutide": "475968", "dulaglutide": "1551291",
    "tirzepatide": "2601723", "canagliflozin": "1373458", "dapagliflozin": "1488564", "empagliflozin": "1545653",
    "ertugliflozin": "1992672", "metformin": "6809",
}  # fmt: skip
NOT_DRAFTED = {
    "aspirin-secondary": "decide",
    "celecoxib": "none",
    "ssri": "continue",
    "semaglutide-weekly": "continue",
    "semaglutide-daily": "continue",
    "liraglutide": "continue",
    "dulaglutide": "continue",
    "tirzepatide": "continue",
    "insulin": "decide",
}


@pytest.mark.parametrize("key", ROWS)
def test_a_row_drafts_what_the_clinical_facts_say(key: str):
    row = hold_table().row(key)
    assert row is not None
    assert (row.hold, row.hold_from, row.restart or row.restart_when, row.gates) == ROWS[key]
    assert row.action == "hold"


HEALTHY = Patient(60, ZoneInfo("America/New_York"), LabValue(Decimal(90), NOW))


def drafts(row: Row, name: str, rxcui: str = "") -> Proposal:
    medicine = Medicine(name, rxcui, row.variant, has_stent=True)
    return propose(hold_table(), medicine, patient=HEALTHY, now=NOW)


@pytest.mark.parametrize("key", [*ROWS, *NOT_DRAFTED])
def test_by_any_of_its_names_or_its_code_a_row_drafts_its_own_length_and_no_other(key: str):
    row = hold_table().row(key)
    assert row is not None
    names = [(name, "") for name in (row.name, *row.brands, *row.spellings, *row.decides) if name != "SSRI"]
    for name, code in [*names, *([("an unknown word", row.rxcui)] if row.rxcui else [])]:
        found = drafts(row, name, code)
        if key in NOT_DRAFTED:
            assert found.hold is None, name
            continue
        assert found.hold is not None, name
        assert (found.hold.drug, found.hold.row) == (row.name, key)
        told = (found.hold.duration, found.hold.shortest, found.hold.restart_after or found.hold.restart_when)
        assert told == ROWS[key][:3], name
        assert found.hold.needs_inr == ("inr" in ROWS[key][3])
        assert found.hold.needs_cardiology == ("stent" in ROWS[key][3]), "there is a stent"


@pytest.mark.parametrize("key", NOT_DRAFTED)
def test_a_row_that_drafts_nothing_never_has_days(key: str):
    row = hold_table().row(key)
    assert row is not None
    assert (row.action, row.hold) == (NOT_DRAFTED[key], "")


def test_the_table_has_these_rows_and_no_other():
    assert {row.key for row in hold_table().rows} == ROWS.keys() | NOT_DRAFTED.keys()


def test_each_code_is_that_of_its_medicine_and_of_no_other():
    assert {row.name: row.rxcui for row in hold_table().rows if row.rxcui} == CODES
    assert len(set(CODES.values())) == len(CODES)


def test_with_impaired_kidneys_dabigatran_is_held_for_five_to_six_days():
    row = hold_table().row("dabigatran")
    assert row is not None
    assert (row.hold_impaired_from, row.hold_impaired) == ("P5D", "P6D")


def test_the_shipped_table_says_that_nobody_has_reviewed_it():
    assert hold_table().review == "not yet reviewed"


def test_every_row_has_its_source_and_confidence():
    assert all(row.source and row.confidence in "SRD" for row in hold_table().rows)


def findings(old: str, new: str) -> list[str]:
    assert old in SOURCE
    with pytest.raises(TableError) as caught:
        read_table(SOURCE.replace(old, new, 1), file="mine.toml")
    return [str(one) for one in caught.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('hold = "P5D"', 'hold = "five days"', 'mine.toml: rows[0] "warfarin": hold: "five days"'),
        ('hold = "P5D"', 'hold = "-P5D"', "without a sign"),
        ('hold = "P5D"', 'hold = "P50D"', "from nothing to 30 days"),
        ('hold = "P5D"\n', "", 'hold: is missing: an action of "hold" needs its length'),
        ('restart = "PT6H"\n', "", "restart: give either restart, such as PT24H, or restart_when"),
        ('action = "hold"', 'action = "wait"', 'action: "wait" is not one of hold, none, continue, decide'),
        ('rxcui = "11289"', 'rxcui = "1364430"', "1364430 is the code of another medicine as well"),
        ('rxcui = "11289"', 'rxcui = "x"', "not a code: digits only"),
        ('"Jantoven"]', '"Eliquis"]', '"Eliquis" already means warfarin: one name, one medicine.'),
        ('variant = "primary-prevention"', 'variant = "secondary-prevention"', "give each its own"),
        ('gates = ["inr"]', 'gates = ["imr"]', 'gates: "imr" is not one of inr'),
        ('normal_up_to = "1.2"', 'normal_up_to = "high"', "gates.inr: normal_up_to: \"high\" is not a number"),
        ('decide_below = "30"', 'decide_below = "60"', "must be the lower of the two"),
        ('confidence = "S"', 'confidence = "sure"', "is not one of S, R, D"),
        ('class = "VKA"', 'klass = "VKA"', 'Did you mean "class"?'),
        ('follows_beside = "aspirin"', 'follows_beside = "aspirine"', "is no name of this table"),
        ('parts = ["aspirin", "dipyridamole"]', 'parts = ["aspirin"]', "needs at least two medicines"),
        ('key = "apixaban"', 'key = "warfarin"', "is there already"),
        ("[table]", "[table", "TOML: cannot be read"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_told_with_its_place_and_how_to_mend_it(old: str, new: str, told: str):
    assert any(told in finding for finding in findings(old, new)), findings(old, new)


def test_everything_that_is_wrong_is_told_at_once():
    broken = SOURCE.replace('hold = "P5D"', 'hold = "soon"', 1).replace('confidence = "S"', 'confidence = "sure"', 1)
    with pytest.raises(TableError) as caught:
        read_table(broken, file="mine.toml")
    assert len(caught.value.findings) == 2
