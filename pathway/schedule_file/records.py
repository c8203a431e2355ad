"""Lines of a CSV file put together into rows, so that a broken row costs that row and no other."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pathway.schedule_file.columns import Column

MOST_LINES = 20
"""How many lines one row may span through line breaks in quotes."""
LONGEST_ROW = 20_000
"""Characters. A longer row is not a row of a schedule."""

UNFINISHED = "unexpected end of data"
NOT_CLOSED = "a quotation mark is not closed; close it, or double it"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a spreadsheet numbers it (the header is row 1). `broken` says why its cells cannot be told apart."""

    number: int
    cells: Mapping[Column, str] = field(default_factory=dict)
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row by position; `broken` as in `Row`. An empty line is a record without cells."""

    number: int
    cells: tuple[str, ...] = ()
    broken: str = ""


def records(
    lines: Iterable[str], *, delimiter: str, first_number: int = 1, width: int | None = None
) -> Iterator[Record]:
    """The records of a file, numbered from `first_number`; `width` is how many cells each should have, if known.

    A quotation mark that is never closed breaks its own line; reading goes on after it.
    """
    source = iter(lines)
    waiting: deque[str] = deque()
    number = first_number - 1
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        number += 1
        held = [line]
        record = _parsed(held, number, delimiter)
        while record is None:
            more = waiting.popleft() if waiting else next(source, None)
            if more is not None:
                held.append(more)
            if more is None or len(held) > MOST_LINES or sum(map(len, held)) > LONGEST_ROW:
                record = Record(number, broken=NOT_CLOSED)
                break
            record = _parsed(held, number, delimiter)
        if len(held) > 1 and record.cells and width is not None and len(record.cells) != width:
            record = Record(number, broken=NOT_CLOSED)  # it closed at a quotation mark of another row
        if record.broken:
            waiting.extendleft(reversed(held[1:]))
        yield record


def _parsed(held: list[str], number: int, delimiter: str) -> Record | None:
    """The record in these lines; None while a quotation mark is still open at their end."""
    if len(held[0]) > LONGEST_ROW:
        return Record(number, broken=f"the row is longer than {LONGEST_ROW} characters")
    if '"' not in held[0]:
        cells = held[0].rstrip("\r\n").split(delimiter)
        return Record(number, tuple(cells) if any(cell.strip() for cell in cells) else ())
    try:
        cells = next(csv.reader(held, delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        if UNFINISHED in str(error):
            return None
        return Record(number, broken="a quotation mark stands inside a quoted cell; double it")
    return Record(number, tuple(cells) if any(cell.strip() for cell in cells) else ())


def rows(found: Iterable[Record], columns: Mapping[int, Column], *, width: int) -> Iterator[Row]:
    """The rows under a header of `width` cells; empty ones are left out.

    A row with another number of cells is broken: a delimiter was lost or added, so every cell after it may stand in
    the wrong column, and a status in the column of the escort would remind a patient whose case was cancelled.
    """
    for record in found:
        if record.broken:
            yield Row(record.number, broken=record.broken)
        elif not record.cells:
            continue
        elif len(record.cells) < width or any(cell.strip() for cell in record.cells[width:]):
            yield Row(
                record.number,
                broken=f"it has {len(record.cells)} cells and the header has {width}; put cells that hold a delimiter "
                "in quotation marks, and keep the empty ones",
            )
        elif any("\0" in record.cells[position] for position in columns):
            yield Row(record.number, broken="a cell holds a NUL, a character of no text; type that cell anew")
        else:
            yield Row(record.number, {column: record.cells[position] for position, column in columns.items()})
