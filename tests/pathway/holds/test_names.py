"""Which row a medicine on a list means: by code, name or brand, and never by guess."""

import pytest

from pathway.holds.names import Match, match
from pathway.holds.shipped import hold_table


def matched(name: str, rxcui: str = "", variant: str = "") -> Match:
    return match(hold_table(), name=name, rxcui=rxcui, variant=variant)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("apixaban", "apixaban"), ("Eliquis", "apixaban"), ("ELIQUIS 5 mg", "apixaban"), ("apixabán", "apixaban"),
        ("warfarin sodium", "warfarin"), ("Warfarin Sodium 5 MG Oral Tablet", "warfarin"), ("Coumadin", "warfarin"),
        ("warfarin (Coumadin)", "warfarin"), ("warfarina", "warfarin"), ("clopidogrel bisulfate 75mg", "clopidogrel"),
        ("dabigatran etexilate mesylate", "dabigatran"), ("Pradaxa 150 mg capsules", "dabigatran"),
        ("diclofenac potassium", "diclofenac"), ("naproxen sodium 220 mg", "naproxen"), ("Omega-3", "fish-oil"),
        ("heparin SC", "heparin-sc"), ("IV heparin", "heparin-iv"), ("Ozempic", "semaglutide-weekly"),
        ("Rybelsus", "semaglutide-daily"), ("Insulin glargine", "insulin"), ("sertraline", "ssri"), ("ajo", "garlic"),
    ],
)  # fmt: skip
def test_a_name_means_its_row(name: str, row: str):
    found = matched(name)
    assert (found.kind, found.row.key) == ("found", row)


@pytest.mark.parametrize(
    ("name", "variant", "row"),
    [
        ("aspirin", "secondary-prevention", "aspirin-secondary"),
        ("Aspirin EC 81 mg", "primary-prevention", "aspirin-primary"),
        ("Lovenox", "treatment", "enoxaparin-treatment"),
        ("enoxaparin", "prophylactic", "enoxaparin-prophylactic"),
        ("heparin", "intravenous", "heparin-iv"),
        ("semaglutide", "weekly", "semaglutide-weekly"),
    ],
)
def test_a_fact_decides_between_two_rows_and_nothing_else_does(name: str, variant: str, row: str):
    assert matched(name).kind == "undecided"
    assert matched(name, variant="something-else").kind == "undecided"
    assert matched(name, variant=variant).row.key == row


@pytest.mark.parametrize("name", ["turmeric", "apix", "blood thinner", "war farin", "ginseng", "tablet", "", "5 mg"])
def test_what_is_not_in_the_table_is_never_guessed(name: str):
    assert matched(name).kind == "unknown"


def test_a_code_alone_finds_its_row_and_says_so():
    found = matched("the new blood thinner", "1364430")
    assert (found.row.key, found.by) == ("apixaban", "code")


@pytest.mark.parametrize(("name", "code"), [("apixaban", "1114195"), ("Xarelto", "1364430"), ("Aggrenox", "32968")])
def test_a_code_that_contradicts_the_name_is_for_a_person(name: str, code: str):
    assert matched(name, code).kind == "contradiction"


def test_a_code_of_a_whole_product_that_the_table_does_not_have_leaves_the_name_to_decide():
    assert matched("warfarin sodium 5 mg tablet", "855332").row.key == "warfarin"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Synjardy", ("empagliflozin", "metformin")),
        ("empagliflozin-metformin", ("empagliflozin", "metformin")),
        ("naproxen / esomeprazole", ("naproxen", "esomeprazole")),
        ("ibuprofen and hydrocodone", ("ibuprofen", "hydrocodone")),
        ("Alka-Seltzer", ("aspirin", "citric acid", "sodium bicarbonate")),
    ],
)
def test_a_combination_is_named_honestly_by_its_parts(name: str, parts: tuple[str, ...]):
    found = matched(name)
    assert (found.kind, found.parts) == ("combination", parts)


def test_aspirin_with_dipyridamole_follows_the_aspirin_rule():
    assert {row.key for row in matched("Aggrenox").rows} == {"aspirin-primary", "aspirin-secondary"}
    assert matched("aspirin/dipyridamole", variant="secondary-prevention").row.key == "aspirin-secondary"
