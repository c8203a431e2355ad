"""The file itself: encodings, delimiters, headers, broken lines, and cells read as values. No database."""

import csv
import io
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathway.schedule_file import CancelledCase, CellError, Drug, Phone, ScheduleFileError, open_schedule, read_case
from pathway.schedule_file.columns import BY_NAME, SYNONYMS, Column, plain
from tests.builders import NOW
from tests.pathway.schedules import GOOD, HEADER, row, text_of

NEW_YORK = ZoneInfo("America/New_York")
SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "schedule.csv"


def rows_of(content: str | bytes, **options):
    data = content.encode() if isinstance(content, str) else content
    return list(open_schedule(io.BytesIO(data), **options).rows)


def case_of(**cells):
    (only,) = rows_of(text_of(row(**cells)))
    return read_case(only, zone=NEW_YORK, region="US", now=NOW)


def refusal_of(**cells) -> CellError:
    with pytest.raises(CellError) as caught:
        case_of(**cells)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_export_reads_the_same(delimiter: str, end: str, encoding: str):
    content = text_of(row(name="Muñoz Peña, José", escort="Lucía"), row(2), delimiter=delimiter, end=end)
    first, second = rows_of(content.encode(encoding))
    assert first.cells[Column.NAME] == "Muñoz Peña, José"
    assert first.cells[Column.ESCORT] == "Lucía"
    assert (first.number, second.number) == (2, 3)


def test_empty_lines_are_ignored_and_still_counted():
    content = text_of(row(), row(2)).replace("\nC2", "\n\n  \n,,,,,,,,,,,,,,,\nC2")
    assert [found.number for found in rows_of("\n" + content)] == [3, 7]


def test_a_line_break_in_quotation_marks_belongs_to_its_cell():
    content = text_of(row(medications="Apixaban 5 mg\nmetformin"), row(2))
    first, second = rows_of(content)
    assert first.cells[Column.MEDICATIONS] == "Apixaban 5 mg\nmetformin"
    assert second.number == 3


def test_the_line_by_which_excel_names_its_delimiter_is_left_out():
    assert len(rows_of("sep=;\r\n" + text_of(row(), delimiter=";", end="\r\n"))) == 1


@pytest.mark.parametrize("place", ["name", "escort"])
def test_a_quotation_mark_that_is_never_closed_costs_its_own_row(place: str):
    lines = text_of(row(1), row(2), row(3), row(4)).splitlines()
    lines[2] = ",".join('"' + value if name == place else value.replace(",", "") for name, value in row(2).items())
    found = rows_of("\n".join(lines))
    assert [bool(each.broken) for each in found] == [False, True, False, False]
    assert [each.number for each in found] == [2, 3, 4, 5]


@pytest.mark.parametrize("change", [lambda line: line + ",more", lambda line: line.rsplit(",", 2)[0]])
def test_a_row_with_lost_or_added_cells_is_broken(change):
    header, line = text_of(row()).splitlines()
    (found,) = rows_of(f"{header}\n{change(line)}\n")
    assert "cells and the header has 16" in found.broken


def test_header_names_are_known_by_their_synonyms():
    content = (
        text_of(row()).replace("case number", "CASE_NO.").replace("record number", "MRN").replace("phones", "Cell")
    )
    (found,) = rows_of(content)
    assert found.cells[Column.CASE_NUMBER] == "C1"
    assert found.cells[Column.PHONES] == GOOD["phones"]


def test_no_name_means_two_columns():
    for column in Column:
        assert {BY_NAME[plain(name)] for name in (column.value, *SYNONYMS.get(column, ()))} == {column}


def test_names_and_time_may_stand_in_two_columns():
    header = "case no,mrn,first name,last name,dob,procedure,surgery date,start time,home phone\n"
    (found,) = rows_of(header + "C1,R1,Alma,Ruiz,5/2/1948,mild,3/15/2027,7:30 PM,212-555-0143\n")
    case = read_case(found, zone=NEW_YORK, region="US", now=NOW)
    assert (case.given_name, case.family_name) == ("Alma", "Ruiz")
    assert case.at == datetime(2027, 3, 15, 23, 30, tzinfo=UTC)
    assert case.phones == (Phone("+12125550143", texts=False),)


@pytest.mark.parametrize("column", ["case number", "record number", "name", "birth date", "procedure"])
def test_a_missing_needed_column_is_named(column: str):
    header = tuple(name for name in HEADER if name != column)
    cells = {name: value for name, value in GOOD.items() if name != column}
    with pytest.raises(ScheduleFileError, match=f'missing from the header: the column "{column}"'):
        rows_of(text_of(cells, header=header))


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(ScheduleFileError, match='"clinician" and "Surgeon" both mean "clinician"'):
        rows_of(text_of(row()).replace("room", "Surgeon"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"PK\x03\x04 and so on", "workbook"),
        (b"\x7fELF\x00\x00\x01", "not a text file"),
        (bytes(range(256)), "not a text file|not text in"),
        (b"hello\nworld\n", "missing from the header"),
    ],
)
def test_a_file_that_is_no_schedule_is_refused_in_one_line(content: bytes, told: str):
    with pytest.raises(ScheduleFileError, match=told) as caught:
        rows_of(content)
    assert "\n" not in str(caught.value)


def test_a_nul_in_one_cell_costs_its_row_and_no_other():
    found = rows_of(text_of(row(1), row(2, escort="Mar\0co"), row(3)))
    assert ["NUL" in each.broken for each in found] == [False, True, False]


def test_a_nul_in_a_column_that_is_not_read_costs_nothing():
    (found,) = rows_of(text_of(row(escort="Mar\0co")).replace("escort", "favourite colour"))
    assert not found.broken


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_told_apart_and_read_when_it_is_named(encoding: str):
    content = text_of(row(name="Muñoz, José")).encode(encoding)
    with pytest.raises(ScheduleFileError, match=f"--encoding {encoding}"):
        rows_of(content)
    assert rows_of(content, encoding=encoding)[0].cells[Column.NAME] == "Muñoz, José"


@pytest.mark.parametrize("encoding", ["no-such", "hex", "ascii"])
def test_a_wrong_encoding_is_refused(encoding: str):
    with pytest.raises(ScheduleFileError):
        rows_of(text_of(row(name="Muñoz, José")), encoding=encoding)


@given(st.binary(max_size=400))
def test_no_bytes_do_anything_but_be_refused_or_read(content: bytes):
    with suppress(ScheduleFileError):
        rows_of(content)


@given(st.lists(st.text(max_size=40), min_size=16, max_size=16))
def test_no_cells_do_anything_but_be_rejected_or_read(cells: list[str]):
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, cells])
    for found in rows_of(out.getvalue().encode("utf-8", "replace").replace(b"\0", b"")):
        with suppress(CellError):
            read_case(found, zone=NEW_YORK, region="US", now=NOW)


@given(st.sampled_from(HEADER), st.text(max_size=60))
def test_no_cell_of_a_good_row_does_anything_but_be_rejected_or_read(column: str, value: str):
    content = text_of({**GOOD, column: value}).encode("utf-8", "replace")
    with suppress(ScheduleFileError):
        for found in rows_of(content):
            with suppress(CellError):
                read_case(found, zone=NEW_YORK, region="US", now=NOW)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ruiz, Alma", ("Alma", "Ruiz")),
        ("Alma Ruiz", ("Alma", "Ruiz")),
        ("Muñoz  Peña ,José\u00a0Luis", ("José Luis", "Muñoz Peña")),
        ("Madonna,", ("", "Madonna")),
    ],
)
def test_names_are_read(text: str, names: tuple[str, str]):
    case = case_of(name=text)
    assert (case.given_name, case.family_name) == names


@pytest.mark.parametrize(
    "text", ["2027-03-15 07:30", "2027-03-15T07:30:00", "3/15/2027 7:30 AM", "03/15/2027 0730", "2027-3-15 7:30 a.m."]
)
def test_times_are_the_clinics(text: str):
    assert case_of(local_date_and_time=text).at == datetime(2027, 3, 15, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "column", "told"),
    [
        ({"case_number": " "}, "case number", "is empty"),
        ({"record_number": "9" * 41}, "record number", "at most 40"),
        ({"name": "Alma"}, "name", "one word"),
        ({"birth_date": "31.02.1948"}, "birth date", '"31.02.1948" is not a date; write it like 1948-02-28'),
        ({"birth_date": "2/30/1948"}, "birth date", "is not a date"),
        ({"birth_date": "5/2/48"}, "birth date", "is not a date"),
        ({"birth_date": "2047-05-02"}, "birth date", "between 1900 and today"),
        ({"phones": "555-0143"}, "phones", "is not a phone number"),
        ({"email": "alma at home"}, "email", "is not an email address"),
        ({"language": "Klingon"}, "language", "write English or Spanish"),
        ({"status": "maybe"}, "status", "write scheduled or cancelled"),
        ({"status": "?"}, "status", "write scheduled or cancelled"),
        ({"procedure": ""}, "procedure", "is empty"),
        ({"local_date_and_time": "2027-03-15"}, "local date and time", "is not a date and a time"),
        ({"local_date_and_time": "2027-03-15 25:00"}, "local date and time", "is not a time"),
        ({"local_date_and_time": "2027-03-15 19:30 PM"}, "local date and time", "is not a time"),
        ({"local_date_and_time": "2027-03-15T07:30-05:00"}, "local date and time", "offset from UTC"),
        ({"local_date_and_time": "2027-03-14 02:30"}, "local date and time", "does not exist in America/New_York"),
        ({"local_date_and_time": "2027-11-07 01:30"}, "local date and time", "comes twice in America/New_York"),
        ({"local_date_and_time": "2072-03-15 07:30"}, "local date and time", "two years"),
        ({"local_date_and_time": "9999-12-31 23:59"}, "local date and time", "two years"),
        ({"clinician": "x" * 81}, "clinician", "at most 80"),
        ({"consent": "yes"}, "consent", "is not a date"),
        ({"consent": "2027-03-02"}, "consent", "up to today"),
    ],
)
def test_a_cell_that_cannot_be_read_names_its_column_and_how_to_mend_it(cells, column: str, told: str):
    error = refusal_of(**cells)
    assert error.column == column
    assert told in error.reason


@pytest.mark.parametrize(
    ("text", "language"),
    [("en", "en"), ("English", "en"), ("ES", "es"), ("Spanish", "es"), ("Español", "es"), ("es-MX", "es"), ("", "")],
)
def test_languages_are_read(text: str, language: str):
    assert case_of(language=text).language == language


def test_the_first_number_is_texted_and_a_landline_is_called():
    case = case_of(phones="(212) 555-0143 cell / 212.555.0118 home; +52 55 5555 0101 | 1-718-555-0149 (landline)")
    assert [(phone.number, phone.texts) for phone in case.phones] == [
        ("+12125550143", True),
        ("+12125550118", False),
        ("+525555550101", True),
        ("+17185550149", False),
    ]


def test_medicines_are_told_apart_from_their_doses():
    case = case_of(medications=" APIXABAN  5 mg twice a day;Fish Oil, heparin SC 5,000 units | apixaban 10 mg\nnone")
    assert case.medications == (
        Drug("apixaban", "5 mg twice a day"),
        Drug("fish oil", ""),
        Drug("heparin sc", "5,000 units"),
    )


def test_of_a_cancelled_case_only_its_numbers_are_read():
    case = case_of(status="Canceled", local_date_and_time="?", name="", procedure="", phones="none of your business")
    assert case == CancelledCase(2, "C1", "R1", date(1948, 5, 2))


def test_every_row_of_the_sample_can_be_read_and_its_numbers_are_fictional():
    cases = [read_case(each, zone=NEW_YORK, region="US", now=NOW) for each in rows_of(SAMPLE.read_bytes())]
    assert len(cases) == 10
    assert sum(isinstance(case, CancelledCase) for case in cases) == 1
    numbers = [phone.number for case in cases if not isinstance(case, CancelledCase) for phone in case.phones]
    assert all(number[5:10] == "55501" for number in numbers)
