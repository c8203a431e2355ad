"""The tests that a document names as `tests/…/test_x.py::test_that_it_is_so`, and whether they are there."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a file's tests; none where there is no such file."""
    path = ROOT / file
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def rows(document: str) -> list[str]:
    """The rows of a document's tables, without their heads and rules."""
    lines = (ROOT / document).read_text().splitlines()
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"\|[-|]+\|", line)}
    heads = {number - 1 for number in rules}
    return [line for number, line in enumerate(lines) if line.startswith("|") and number not in rules | heads]


def missing_tests(document: str) -> list[str]:
    """What a document names and nobody has written."""
    return [
        f"{file}::{test}" for row in rows(document) for file, test in NAMED.findall(row) if test not in names_in(file)
    ]
