"""Numbers, and the source of a clinical fact, in a protocol file."""

from decimal import Decimal

from pathway.protocol_file.table import MISSING, Table

CONFIDENCE = ("S", "R", "D")
"""S seen in a source, R recalled and to be checked before release, D our own decision."""


def read_amount(table: Table, field: str, needed: str, *, required: bool = True) -> Decimal | None:
    """A number, with or without a decimal point, as it is written; None when it is missing or wrong."""
    value = table.take(field, object, needed, required=required)
    if value is MISSING:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not Decimal(str(value)).is_finite():
        table.wrong(field, f"will not do: give {needed}.")
        return None
    return Decimal(str(value))


def read_range(table: Table) -> tuple[Decimal, Decimal]:
    """`lowest` and `highest`: between them lies everything that can be meant, and nothing else is taken."""
    lowest = read_amount(table, "lowest", "the lowest value that can be meant, such as 0")
    highest = read_amount(table, "highest", "the highest value that can be meant, such as 100")
    if lowest is None or highest is None:
        return Decimal(0), Decimal(0)
    if not lowest < highest:
        table.wrong("highest", "must be more than lowest: give a higher value.")
    return lowest, highest


def read_source(table: Table) -> tuple[str, str]:
    """Where a clinical fact comes from, and how sure it is."""
    source = table.text("source", "where this comes from", longest=300)
    return source, table.choice("confidence", CONFIDENCE)
