"""Every hazard of the log names a test that proves its control, and that test exists."""

from tests.house.named_tests import NAMED, missing_tests, rows

LOG = "docs/safety.md"


def test_every_hazard_names_its_cause_its_control_and_a_test_that_exists():
    hazards = rows(LOG)
    assert len(hazards) >= 30
    assert [row for row in hazards if len(row.strip("|").split(" | ")) != 4] == []
    assert [row for row in hazards if not NAMED.search(row)] == []
    assert missing_tests(LOG) == []
