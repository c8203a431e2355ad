"""A value as somebody enters it, checked against its measure."""

from decimal import Decimal

from pathway.outcomes.spec import MeasureSpec
from pathway.outcomes.units import convert, in_unit

FINEST = Decimal("0.01")
"""Nothing is entered finer than a hundredth, so that its conversion is kept exactly."""


class EntryError(ValueError):
    """A value that cannot be meant; `str()` says what to enter."""


def read_value(spec: MeasureSpec, entered: Decimal, unit: str) -> Decimal:
    """What is stored for a value entered in `unit`: the same in the measure's own unit. Raises `EntryError`."""
    if unit not in spec.entered_in:
        raise EntryError(f"{spec.title} is entered in {' or '.join(spec.entered_in)}.")
    if not entered.is_finite():
        raise EntryError("Enter a number.")
    lowest, highest = (convert(limit, spec.unit, unit) for limit in (spec.lowest, spec.highest))
    if not lowest <= entered <= highest:
        raise EntryError(f"Enter a value from {in_unit(lowest, unit)} to {in_unit(highest, unit)}.")
    if spec.whole and entered != entered.to_integral_value():
        raise EntryError("Enter a whole number.")
    if entered != entered.quantize(FINEST):
        raise EntryError("Enter at most two digits after the point.")
    return convert(entered, unit, spec.unit)
