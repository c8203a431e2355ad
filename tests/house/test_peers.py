"""Every fault that other systems have names a test of ours, and that test exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a file's tests; none where there is no such file."""
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def rows() -> list[str]:
    """The rows of the tables, without their heads and rules."""
    told = [row for row in ROW.findall((ROOT / "docs" / "peers.md").read_text()) if not set(row) <= set("-|")]
    return [row for row in told if not row.rstrip().endswith(("here", "Test"))]


def test_every_fault_of_a_peer_names_a_test_that_exists():
    assert [row for row in rows() if not NAMED.search(row)] == []
    named = [found for row in rows() for found in NAMED.findall(row)]
    assert len(named) >= 40
    assert [f"{file}::{test}" for file, test in named if test not in names_in(file)] == []
