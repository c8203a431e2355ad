"""Answers to a checklist: typed, carrying their units, and checked against the items that ask for them.

As JSON an answer is a table: `{"value": true}`, `{"value": "2.1", "unit": "mm"}`, `{"value": "limited"}`,
`{"value": ["physical-therapy"]}`. Numbers are strings, so that 2.1 stays 2.1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pathway.candidacy.spec import ChecklistItem

MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit."""

    amount: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{plain_number(self.amount)} {self.unit}"


Answer = bool | Quantity | str | tuple[str, ...]


class AnswersError(ValueError):
    """Answers that cannot be taken: `problems` is item key to what is wrong and how to mend it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"{key}: {problem}" for key, problem in self.problems.items()))


def plain_number(amount: Decimal) -> str:
    """`2.10` as `2.1`, `1E+2` as `100`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_answers(items: Iterable[ChecklistItem], given: Mapping[str, object]) -> dict[str, Answer]:
    """The answers by item key, from their JSON. What is not in `given` is not answered.

    Raises `AnswersError` with every answer that is wrong.
    """
    by_key = {item.key: item for item in items}
    answers: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for key, raw in given.items():
        item = by_key.get(key)
        if item is None:
            problems[key] = "This checklist does not ask for it."
            continue
        try:
            answers[key] = _read(item, raw)
        except ValueError as error:
            problems[key] = str(error)
    if problems:
        raise AnswersError(problems)
    return answers


def answers_as_json(answers: Mapping[str, Answer]) -> dict[str, dict[str, object]]:
    """The same answers as they are stored."""
    stored: dict[str, dict[str, object]] = {}
    for key, answer in answers.items():
        if isinstance(answer, Quantity):
            stored[key] = {"value": plain_number(answer.amount), "unit": answer.unit}
        else:
            stored[key] = {"value": list(answer) if isinstance(answer, tuple) else answer}
    return stored


def _read(item: ChecklistItem, raw: object) -> Answer:
    """One answer, or a `ValueError` that says what to enter."""
    if not isinstance(raw, Mapping) or "value" not in raw:
        raise ValueError('Give {"value": …}.')
    value = raw["value"]
    if item.kind == "yes-no":
        if not isinstance(value, bool):
            raise ValueError("Answer yes or no.")
        return value
    if item.kind == "number":
        return _read_quantity(item, value, raw.get("unit"))
    known = ", ".join(item.choices.values())
    if item.kind == "choice":
        if not isinstance(value, str) or value not in item.choices:
            raise ValueError(f"Choose one of: {known}.")
        return value
    if not isinstance(value, (list, tuple)) or not value or any(one not in item.choices for one in value):
        raise ValueError(f"Choose at least one of: {known}.")
    return tuple(key for key in item.choices if key in value)


def _read_quantity(item: ChecklistItem, value: object, unit: object) -> Quantity:
    """A number inside the item's bounds. A number without its unit is refused: 25 may be millimetres or inches."""
    if unit != item.unit:
        raise ValueError(f"Give it in {item.unit}.")
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("Enter a number.")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError("Enter a number.") from None
    if not amount.is_finite() or len(amount.as_tuple().digits) > MOST_DIGITS:
        raise ValueError("Enter a number.")
    lowest, highest = item.lowest, item.highest
    if (lowest is not None and amount < lowest) or (highest is not None and amount > highest):
        low, high = plain_number(lowest or Decimal(0)), plain_number(highest or Decimal(0))
        raise ValueError(f"Enter a number from {low} to {high} {item.unit}: check the digits and the unit.")
    return Quantity(amount, item.unit)
