"""Every fault that other systems have names a test of ours, and that test exists."""

from tests.house.named_tests import NAMED, missing_tests, rows

TABLE = "docs/peers.md"


def test_every_fault_of_a_peer_names_a_test_that_exists():
    faults = rows(TABLE)
    assert len(faults) >= 40
    assert [row for row in faults if not NAMED.search(row)] == []
    assert missing_tests(TABLE) == []
