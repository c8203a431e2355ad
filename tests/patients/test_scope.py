"""Views reach patient data through `queries.visible` and never through a model's default manager."""

import ast
from pathlib import Path

import pytest

from config.settings import BASE_DIR

VIEWS = sorted(path for app in ("patients", "pathway", "notifications") for path in (BASE_DIR / app).glob("views/*.py"))


def managers_in(source: str) -> list[int]:
    """Lines on which a default manager or a related manager of everything is named."""
    names = {"objects", "_default_manager", "_base_manager"}
    return [
        node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr in names
    ]


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_no_view_touches_a_default_manager(path: Path) -> None:
    assert managers_in(path.read_text()) == []


def test_the_check_finds_a_manager() -> None:
    assert managers_in("rows = (\n    Patient.objects.all())") == [2]
