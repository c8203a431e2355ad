"""A dry run: the counts of the real import, and a database that others use meanwhile and that it leaves as it was."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from pathway.actions.import_schedule import Report, import_schedule
from pathway.schedule_file import open_schedule
from tests.builders import NOW, make_clinic, mild_version
from tests.pathway.schedules import bring_in, counts, every_row, row, text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clinic():
    mild_version()
    return make_clinic()


def several_batches() -> str:
    """Rows of which later ones meet what earlier batches created: patients, case numbers, another birth date."""
    cancelled = "cancelled"
    return text_of(
        *(row(number, status=cancelled if 20 < number < 110 else "") for number in range(1, 121)),
        *(row(number, record_number=f"R{number - 200}", escort="Rosa") for number in range(201, 206)),
        *(row(number, status=cancelled) for number in range(300, 390)),
        row(3),
        row(206, record_number="R4", birth_date="1950-01-01"),
        row(207, name="?"),
    )


def files_beside_the_database() -> set[Path]:
    return set(Path(connection.settings_dict["NAME"]).parent.glob("milepost-dry-run-*"))


def test_over_several_batches_it_counts_what_the_real_import_then_does_and_leaves_nothing(clinic):
    bring_in(clinic, text_of(row(1, room="OR 9"), row(30), row(115, local_date_and_time="2027-03-17 09:00")))
    before = every_row()
    dry = bring_in(clinic, several_batches(), dry_run=True)
    assert every_row() == before
    assert files_beside_the_database() == set()
    real = bring_in(clinic, several_batches())
    assert real == dry
    assert counts(real)["rejected"] == 3
    assert {"created", "moved", "updated", "cancelled", "unchanged"} < set(counts(real))


def test_it_ends_on_the_configured_database_also_when_it_is_broken_off(clinic):
    def broken_off(count: int) -> None:
        raise KeyboardInterrupt

    before, name = every_row(), connection.settings_dict["NAME"]
    with pytest.raises(KeyboardInterrupt):
        dry_run(clinic, broken_off)
    assert connection.settings_dict["NAME"] == name
    assert every_row() == before
    assert files_beside_the_database() == set()


def test_on_sqlite_others_write_while_it_runs(clinic):
    if connection.vendor != "sqlite":
        pytest.skip("elsewhere only rows are locked")
    path = connection.settings_dict["NAME"]
    written = []

    def write(count: int) -> None:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE patients_clinic SET phone = phone")
            other.execute("COMMIT")
        written.append(count)

    assert counts(dry_run(clinic, write)) == {"created": 3}
    assert written == [3]


def dry_run(clinic, on_batch) -> Report:
    """A dry run of three new cases."""
    schedule = open_schedule(io.BytesIO(text_of(row(1), row(2), row(3)).encode()))
    return import_schedule(clinic=clinic, rows=schedule.rows, by=None, now=NOW, dry_run=True, on_batch=on_batch)
