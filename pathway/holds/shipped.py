"""The hold table that comes with Milepost."""

from functools import lru_cache
from pathlib import Path

from pathway.holds.loading import read_table
from pathway.holds.rows import HoldTable

PATH = Path(__file__).resolve().parent / "table.toml"


@lru_cache(maxsize=1)
def hold_table() -> HoldTable:
    """The table in use, read once. Raises `TableError` for a file that cannot be used."""
    return read_table(PATH.read_text(encoding="utf-8"), file=PATH.name)
