"""`manage.py plan`: what it prints, and one line for every argument that cannot be used."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

ROOT = Path(__file__).resolve().parent.parent.parent
FIELDS = {
    "milestones": {"key", "at"},
    "steps": {"key", "kind", "starts_at", "ends_at"},
    "reminders": {
        "key",
        "step",
        "send_at",
        "useful_until",
        "moved",
        "late",
        "reason",
        "language",
        "text",
        "segments",
        "grade",
    },
    "conflicts": {"kind", "drug", "needed", "available", "earliest_procedure_at"},
}
STEPS = {
    "consult", "medication-plan", "ride", "fasting", "procedure", "discharge", "bathing", "activity", "driving",
    "day-1", "follow-up-weeks", "follow-up-6-weeks",
}  # fmt: skip


@dataclass
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def manage(*arguments: str) -> Done:
    """Run a command in its own process, with a database that cannot be opened."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | {"MILEPOST_DATA": "/nonexistent", "DATABASE_URL": "", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def manage_here(*arguments: str) -> Done:
    """Run a command in this process: a second sooner, and the tests' ban on databases holds."""
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as error:
            code = int(error.code or 0)
    return Done(code, stdout.getvalue(), stderr.getvalue())


def plan(*arguments: str, procedure: str = "2027-03-14T07:30", zone: str = "America/New_York", run=manage_here) -> Done:
    """Run `plan mild` for one procedure."""
    return run("plan", "mild", "--procedure", procedure, "--zone", zone, *arguments)


def planned(*arguments: str, **options: str) -> dict:
    """The JSON object of `plan mild`."""
    done = plan("--json", *arguments, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_object_has_exactly_the_promised_fields_in_order_of_time():
    found = planned("--hold", "clopidogrel=P7D", "--now", "2027-03-11T09:00")
    assert list(found) == ["protocol", "version", "zone", *FIELDS]
    assert (found["protocol"], found["zone"]) == ("mild", "America/New_York")
    for name, fields in FIELDS.items():
        assert found[name], name
        assert all(set(row) == fields for row in found[name])
    for name, at in (("milestones", "at"), ("steps", "starts_at"), ("reminders", "send_at")):
        times = [row[at] for row in found[name]]
        assert times == sorted(times)
        assert all(time.endswith("Z") and datetime.fromisoformat(time) for time in times)
    assert {row["key"] for row in found["steps"]} >= STEPS
    assert all(row["key"].startswith(row["step"] + "/") and row["text"] for row in found["reminders"])


def test_six_hours_of_fasting_are_six_hours_in_the_night_the_clocks_change():
    fast = next(step for step in planned()["steps"] if step["key"] == "fasting")
    assert (fast["starts_at"], fast["ends_at"]) == ("2027-03-14T05:30:00Z", "2027-03-14T11:30:00Z")


def test_every_text_is_one_plain_message_of_grade_six_or_easier():
    for language in ("en", "es"):
        for reminder in planned("--language", language, "--hold", "apixaban=P3D")["reminders"]:
            assert reminder["segments"] == 1, reminder["text"]
            assert reminder["grade"] <= 6
            assert reminder["language"] == language


def test_a_hold_that_no_longer_fits_is_a_conflict_that_names_the_drug_and_the_earliest_day():
    conflict = planned("--hold", "clopidogrel=P7D", "--now", "2027-03-11T07:30")["conflicts"][0]
    assert (conflict["kind"], conflict["drug"], conflict["needed"]) == ("hold-too-short", "clopidogrel", "P7D")
    assert conflict["earliest_procedure_at"] == "2027-03-18T11:30:00Z"


def test_people_read_what_does_not_fit_first_and_what_was_assumed():
    done = plan("--hold", "clopidogrel=P7D", "--now", "2027-03-11T07:30")
    assert done.returncode == 0
    head, _, days = " ".join(done.stdout.split()).partition("Sun, Feb 21, 2027 10:00 AM")
    assert "clopidogrel needs 7 days; the time left is" in head
    assert "Earliest safe procedure: Thu, Mar 18, 2027, 7:30 AM" in head
    assert "assumed (marked *): First visit" in head
    assert "Do not eat after 12:30 AM Sun" in days


def test_what_happens_late_in_the_evening_stands_under_its_own_local_day():
    shown = plan("--now", "2027-03-12T22:30").stdout
    under = shown[shown.index("\nFri, Mar 12, 2027") :]
    assert under.index("10:30 PM  welcome") < under.index("\nSat, Mar 13, 2027")


def test_given_times_are_used_and_an_offset_is_understood():
    found = planned("--consult", "2027-02-25T09:00", "--discharge", "2027-03-14T12:00-04:00")
    at = {row["key"]: row["at"] for row in found["milestones"]}
    assert at["consult"] == "2027-02-25T14:00:00Z"
    assert at["discharge"] == "2027-03-14T16:00:00Z"


def test_the_clinic_policy_can_be_given():
    found = planned("--fasting", "PT8H", "--arrival", "PT2H", "--window", "09:00-18:00", procedure="2027-05-04T10:00")
    fast = next(step for step in found["steps"] if step["key"] == "fasting")
    assert fast["starts_at"] == "2027-05-04T06:00:00Z"
    evening = next(row for row in found["reminders"] if row["key"] == "fasting/evening-before")
    assert "8:00 AM" in evening["text"]
    assert evening["moved"] == "earlier"


def test_a_restart_after_two_days_can_be_given_with_the_hold():
    found = planned("--hold", "apixaban=P3D/P2D")
    restart = next(row for row in found["reminders"] if row["key"] == "medication-plan/restart/apixaban")
    assert restart["send_at"].startswith("2027-03-16")


def test_a_clock_time_that_is_skipped_is_said_to_be():
    done = plan(procedure="2027-03-14T02:30")
    assert done.returncode == 0
    assert "Note: --procedure: clocks skip that time on that day; 03:00 is meant" in done.stdout


def test_after_the_procedure_what_is_still_to_come_is_planned_and_people_are_told_that_it_is_past():
    found = planned("--now", "2027-03-14T10:00")
    late = {row["key"]: row["late"] for row in found["reminders"]}
    assert late["fasting/evening-before"] == "skip"
    for key in ("bathing/going-home", "day-1/how-are-you", "follow-up-weeks/three-days-before"):
        assert late[key] is None, key
    assert "The procedure is past" in plan("--now", "2027-03-14T10:00").stdout
    assert "The procedure is past" not in plan("--now", "2027-03-14T07:30").stdout


@pytest.mark.parametrize("now", ["2027-03-16T10:00", "2027-06-01T10:00", "2031-01-01T00:00"])
def test_any_later_now_gives_a_plan(now):
    assert planned("--now", now, "--hold", "apixaban=P3D")["steps"]


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Etc/GMT+5", "US/Eastern", "Asia/Kathmandu"])
def test_places_and_named_offsets_are_zones(zone):
    assert planned(zone=zone)["zone"] == zone


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--zone", "America/NewYork"], "--zone: .*America/New_York"),
        (["--zone", "new york"], "--zone: .*America/New_York"),
        (["--zone", "../etc/passwd"], "--zone: "),
        (["--zone", ""], "--zone: "),
        (["--zone", "localtime"], "--zone: .*not the time zone of a place"),
        (["--zone", "Factory"], "--zone: .*not the time zone of a place"),
        (["--zone", "EST5EDT"], "--zone: .*not the time zone of a place"),
        (["--procedure", "tomorrow"], "--procedure: .*2027-03-14T07:30"),
        (["--procedure", "2027-03-14"], "--procedure: "),
        (["--procedure", "2027-02-30T07:30"], "--procedure: "),
        (["--procedure", "0001-01-01T00:00"], "--procedure: .*year 1 "),
        (["--procedure", "9999-12-31T23:59"], "--procedure: .*year 9999"),
        (["--procedure", "0001-01-01T00:00+14:00"], "--procedure: "),
        (["--now", "x\ny"], "--now: "),
        (["--consult", "2027-03-15T07:30"], "--consult: .*before the procedure"),
        (["--discharge", "2027-03-14T06:00"], "--discharge: .*after the procedure"),
        (["--follow-up-weeks", "2027-03-13T06:00"], "--follow-up-weeks: "),
        (["--follow-up-6-weeks", "2027-03-14T08:00"], "--follow-up-6-weeks: "),
        (["--hold", "apixaban"], "--hold: .*apixaban=P3D"),
        (["--hold", "apixaban=3 days"], "--hold: .*ISO 8601"),
        (["--hold", "apixaban=P1M"], "--hold: .*months"),
        (["--hold", "apixaban=P0D"], "--hold: "),
        (["--hold", "apixaban=-P3D"], "--hold: "),
        (["--hold", "apixaban=P99999D"], "--hold: "),
        (["--hold", "apixaban=P3D/"], "--hold: "),
        (["--hold", "apixaban=P3D/-P1D"], "--hold: "),
        (["--hold", "=P3D"], "--hold: "),
        (["--hold", "a/b=P3D"], "--hold: .*drug"),
        (["--hold", "apixaban=P3D", "--hold", "Apixaban=P2D"], "--hold: .*twice"),
        (["--window", "20:00-08:00"], "--window: .*closes before"),
        (["--window", "8-20"], "--window: "),
        (["--fasting", "PT5H"], "--fasting: .*six hours"),
        (["--fasting", "P1D"], "--fasting: "),
        (["--fasting", "8h"], "--fasting: "),
        (["--arrival", "PT30H"], "--arrival: "),
        (["--language", "fr"], "--language: .*en, es"),
        (["--nonsense"], "--nonsense"),
        (["--hold"], "--hold"),
    ],
)
def test_bad_arguments_get_one_line_that_names_them(arguments, said):
    done = plan(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert re.search(said, done.stderr), done.stderr


def test_an_unknown_protocol_lists_the_shipped_ones():
    done = manage_here("plan", "milld", "--procedure", "2027-03-14T07:30", "--zone", "UTC")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert 'protocol: "milld"' in done.stderr
    assert "mild" in done.stderr.split("shipped protocol")[1]


def test_a_missing_argument_gets_one_line():
    done = manage_here("plan", "mild", "--zone", "UTC")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "--procedure" in done.stderr


def test_a_file_with_findings_gets_one_line(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("[protocol]\n")
    done = manage_here("plan", str(path), "--procedure", "2027-03-14T07:30", "--zone", "UTC")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "broken.toml: protocol: " in done.stderr


def test_a_protocol_can_be_given_by_its_path():
    done = manage_here(
        "plan", str(ROOT / "pathway/protocols/mild.toml"), "--procedure", "2027-03-14T07:30", "--zone", "UTC", "--json"
    )
    assert json.loads(done.stdout)["protocol"] == "mild"


def test_the_whole_program_prints_an_object_without_any_database():
    done = plan("--json", run=manage)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["protocol"] == "mild"


@pytest.mark.parametrize("arguments", [["--zone", "Mars/Base"], ["--hold"], ["--hold", "x=1"], ["--fasting", "PT1H"]])
def test_the_whole_program_ends_with_two_and_one_line(arguments):
    done = plan(*arguments, run=manage)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert arguments[0] in done.stderr
