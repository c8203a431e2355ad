"""From bytes to rows: the encoding, the delimiter and the header of a schedule file."""

import codecs
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from pathway.schedule_file.columns import ScheduleFileError, check_header, known_columns, unknown_columns
from pathway.schedule_file.records import Record, Row, records, rows

DELIMITERS = (",", ";", "\t", "|")
CHUNK = 1 << 20
DENSE_NULS = 0.01
"""The share of NULs from which a file is no text. Exports leave a single one in a cell, which costs its row."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A file that can be read. `rows` is read once, as it is asked for; `lines` says about how many there are."""

    rows: Iterator[Row]
    unknown_columns: tuple[str, ...]
    lines: int
    encoding: str
    delimiter: str


def open_schedule(stream: BinaryIO, *, encoding: str = "auto") -> Schedule:
    """Find encoding, delimiter and columns of a file that can seek, and read no more of it than that.

    The file must stay open while `rows` is read. `auto` means UTF-8, with or without a byte-order mark, UTF-16 with
    one, and else Windows-1252. Raise `ScheduleFileError` for a file that cannot be used.
    """
    encoding, lines = _encoding(stream, encoding)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    source = (line for line in text)
    number, first, delimiter = _first_line(source)
    header = _header(next(records(chain([first], source), delimiter=delimiter)))
    columns = check_header(header)
    body = records(source, delimiter=delimiter, first_number=number + 1, width=len(header))
    return Schedule(
        rows=rows(body, columns, width=len(header)),
        unknown_columns=unknown_columns(header),
        lines=lines,
        encoding=encoding,
        delimiter=delimiter,
    )


def _encoding(stream: BinaryIO, wanted: str) -> tuple[str, int]:
    """The encoding in which the whole file can be read, and its number of lines."""
    stream.seek(0)
    head = stream.read(4)
    if head.startswith(b"PK\x03\x04") or head == b"\xd0\xcf\x11\xe0":
        raise ScheduleFileError("this is a workbook or an archive; save the sheet as CSV (UTF-8) and import that")
    if wanted != "auto":
        candidates = [_named(wanted)]
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    decoders = {name: codecs.getincrementaldecoder(name)() for name in candidates}
    stream.seek(0)
    lines, empty = 0, True
    length, nuls = Counter[str](), Counter[str]()
    while decoders:
        chunk = stream.read(CHUNK)
        lines += chunk.count(b"\n")
        for name, decoder in list(decoders.items()):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError:
                del decoders[name]
                continue
            length[name] += len(text)
            nuls[name] += text.count("\0")
            empty = empty and not text.strip("\ufeff \t\r\n")
        if not chunk:
            break
    if not decoders:
        raise ScheduleFileError(f"this is not text in {' or '.join(candidates)}; name the file's own with --encoding")
    if empty:
        raise ScheduleFileError("the file is empty")
    found = next(iter(decoders))
    if nuls[found] > DENSE_NULS * length[found]:
        raise ScheduleFileError(_not_text(head))
    return found, lines


def _not_text(head: bytes) -> str:
    """Why a file full of NULs cannot be used. Every other byte a NUL is UTF-16 that lost its mark."""
    if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
        return "this looks like UTF-16 without its mark; name it with --encoding utf-16-le"
    if len(head) == 4 and head[1] and head[3] and not head[0] and not head[2]:
        return "this looks like UTF-16 without its mark; name it with --encoding utf-16-be"
    return "this is not a text file; save the schedule as CSV (UTF-8) and import that"


def _named(wanted: str) -> str:
    """An encoding that was asked for by name; UTF-8 with its byte-order mark taken off."""
    try:
        "".encode(wanted)
        name = codecs.lookup(wanted).name
    except (LookupError, ValueError) as error:
        raise ScheduleFileError(f'"{wanted}" is not an encoding; use auto, utf-8 or cp1252') from error
    return "utf-8-sig" if name == "utf-8" else name


def _first_line(source: Iterator[str]) -> tuple[int, str, str]:
    """The first line that holds something, its number, and the delimiter that makes most of it known columns.

    Excel may put `sep=;` before the header: such a line is left out, since the header itself shows the delimiter.
    """
    for number, line in enumerate(source, start=1):
        if line.strip() and not line.lstrip('\ufeff "').casefold().startswith("sep="):
            known = {
                mark: len(known_columns(next(records([line], delimiter=mark)).cells or line.split(mark)))
                for mark in DELIMITERS
            }
            return number, line, max(DELIMITERS, key=lambda mark: known[mark])
    raise ScheduleFileError("the file is empty")


def _header(record: Record) -> list[str]:
    """The names of the columns."""
    if record.broken:
        raise ScheduleFileError(f"the header cannot be read: {record.broken}")
    names = list(record.cells)
    while names and not names[-1].strip():
        names.pop()
    return names
