"""Units that measures are entered and stored in, and exact conversions between them."""

from decimal import Decimal

IN_BASE: dict[str, tuple[str, Decimal]] = {
    "m": ("m", Decimal(1)),
    "ft": ("m", Decimal("0.3048")),  # exact by definition (international foot, 1959)
    "min": ("min", Decimal(1)),
    "h": ("min", Decimal(60)),
}
"""Unit to its base unit and how many of those it is. Any other unit is a base of its own: points, %."""

WORDS = {"m": "meters", "ft": "feet", "min": "minutes", "h": "hours", "%": "%"}
KEPT = Decimal("0.000001")
"""A millionth: as exact as values are kept. A hundredth of a foot is exact in it."""


class UnitError(ValueError):
    """Two units that are not of one kind."""


def same_kind(first: str, second: str) -> bool:
    """Whether one of these units can be told in the other."""
    return _base(first)[0] == _base(second)[0]


def convert(amount: Decimal, before: str, after: str) -> Decimal:
    """An amount in another unit of its kind, exact to a millionth. Raises `UnitError`."""
    if before == after:
        return amount
    if not same_kind(before, after):
        raise UnitError(f"{before} cannot be told in {after}")
    return (amount * _base(before)[1] / _base(after)[1]).quantize(KEPT)


def unit_words(unit: str) -> str:
    """`ft` as `feet`; a unit without other words as it is."""
    return WORDS.get(unit, unit)


def in_unit(amount: Decimal, unit: str) -> str:
    """`1,240 ft`, `45 %`, `2.1 m`: an amount as it is shown, to a hundredth at most."""
    text = f"{amount.quantize(Decimal('0.01')):,f}".rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} {unit}"


def _base(unit: str) -> tuple[str, Decimal]:
    return IN_BASE.get(unit, (unit, Decimal(1)))
