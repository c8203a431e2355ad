"""`manage.py import_schedule`: arguments, what is printed, exit codes."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from tests.builders import NOW, make_clinic, mild_version
from tests.pathway.schedules import every_row, row, text_of, written

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "schedule.csv"


@pytest.fixture(autouse=True)
def _in_march(monkeypatch):
    """The command reads the clock; the schedules of these tests are of March 2027."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def clinic():
    mild_version()
    return make_clinic(name="Oak Clinic")


def run(*arguments: object) -> int:
    """The exit code."""
    try:
        call_command("import_schedule", *map(str, arguments))
    except SystemExit as ended:
        return int(ended.code or 0)
    except CommandError as error:
        print(error)
        return error.returncode
    return 0


def test_the_sample_is_imported_and_then_says_nothing_new(clinic, capsys):
    assert run(SAMPLE) == 0
    assert "10 rows: 9 created, 0 moved, 0 updated, 1 unchanged, 0 cancelled, 0 rejected" in capsys.readouterr().out
    assert run(SAMPLE) == 0
    assert "10 unchanged" in capsys.readouterr().out


def test_a_dry_run_says_so_and_changes_nothing(clinic, capsys):
    before = every_row()
    assert run(SAMPLE, "--dry-run") == 0
    assert "9 created" in (out := capsys.readouterr().out)
    assert "dry run" in out
    assert every_row() == before


def test_rejected_rows_are_printed_one_to_a_line_and_the_exit_code_is_1(clinic, capsys, tmp_path):
    path = written(tmp_path, text_of(row(1), row(2, birth_date="31.02.1948"), row(3, language="Klingon")))
    assert run(path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('row 3, column "birth date": "31.02.1948" is not a date; write')
    assert lines[1].startswith('row 4, column "language": "Klingon"')
    assert lines[2] == "3 rows: 1 created, 0 moved, 0 updated, 0 unchanged, 0 cancelled, 2 rejected"


def test_json_is_one_object(clinic, capsys, tmp_path):
    content = text_of(row(1), row(2, email="alma at home")).replace("escort", "Favourite colour")
    assert run(written(tmp_path, content), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["created"], told["rejected"], told["dry_run"]) == (2, 1, 1, False)
    assert (told["rejections"][0]["row"], told["rejections"][0]["column"]) == (3, "email")
    assert told["unknown_columns"] == ["Favourite colour"]


def test_windows_files_are_ordinary(clinic, capsys, tmp_path):
    content = text_of(row(1, name="Muñoz Peña, José"), delimiter=";", end="\r\n")
    assert run(written(tmp_path, content.encode("cp1252"))) == 0
    assert run(written(tmp_path, content.encode("utf-8-sig"))) == 0
    assert "1 unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "the file is empty"), (b"\0\1\2\3", "not a text file"), (b"a,b\n1,2\n", 'the columns "case number"')],
)
def test_an_unusable_file_ends_with_2_and_one_line(clinic, capsys, tmp_path, content: bytes, told: str):
    assert run(written(tmp_path, content)) == 2
    out = capsys.readouterr().out
    assert told in out
    assert out.count("\n") == 1


def test_a_missing_file_and_a_directory_end_with_2(clinic, capsys, tmp_path):
    assert run(tmp_path / "none.csv") == 2
    assert "No such file" in capsys.readouterr().out
    assert run(tmp_path) == 2
    assert "is a directory" in capsys.readouterr().out


def test_an_unknown_encoding_ends_with_2(clinic, capsys, tmp_path):
    assert run(written(tmp_path, text_of(row(1))), "--encoding", "no-such") == 2
    assert "is not an encoding" in capsys.readouterr().out


def test_the_clinic_is_asked_for_when_there_is_more_than_one(clinic, capsys):
    make_clinic(name="Elm Clinic")
    assert run(SAMPLE) == 2
    assert "name one of: Elm Clinic, Oak Clinic" in capsys.readouterr().out
    assert run(SAMPLE, "--clinic", "Ash Clinic") == 2
    assert run(SAMPLE, "--clinic", "oak clinic") == 0


def test_without_a_protocol_or_a_clinic_it_says_what_to_do(db, capsys):
    assert run(SAMPLE) == 2
    assert "no clinic yet" in capsys.readouterr().out
    make_clinic()
    assert run(SAMPLE) == 2
    assert "protocol publish" in capsys.readouterr().out


def test_a_database_that_is_busy_or_not_migrated_ends_with_2_and_one_line(clinic, capsys, monkeypatch):
    def busy(*given, **named):
        raise OperationalError("database is locked: UPDATE patient Ruiz")

    monkeypatch.setattr("pathway.actions.import_schedule.decide", busy)
    assert run(SAMPLE) == 2
    out = capsys.readouterr().out
    assert "try again later" in out
    assert "Ruiz" not in out
