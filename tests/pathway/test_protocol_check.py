"""`manage.py protocol check`: what must be right before patients get texts from a file."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

from pathway.medical_words import medical_words
from pathway.protocol_check import SAMPLE_CLINIC, check_protocol
from pathway.protocol_file import read_shipped

ROOT = Path(__file__).resolve().parent.parent.parent
MILD = read_shipped("mild")


def report_of(old: str, new: str, *, after: str = ""):
    """The report on the MILD file with one thing changed, behind the place where `after` stands."""
    head, mark, tail = MILD.partition(after) if after else ("", "", MILD)
    assert old in tail
    return check_protocol(head + mark + tail.replace(old, new, 1), name="x.toml")


def manage(*arguments: str) -> tuple[int, list[str], list[str]]:
    """Run a command in this process: its exit code and the lines it printed and complained."""
    stdout, stderr, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as error:
            code = int(error.code or 0)
    return code, stdout.getvalue().splitlines(), stderr.getvalue().splitlines()


def test_the_shipped_protocol_passes_but_for_a_native_reader():
    report = check_protocol(MILD, name="mild.toml")
    assert report.errors == []
    assert [warning.field for warning in report.warnings] == ["spanish_checked_by"]
    read = MILD.replace('spanish_checked_by = ""', 'spanish_checked_by = "Ana Ruiz, RN"')
    assert check_protocol(read, name="mild.toml").warnings == []


def test_every_shipped_text_is_one_plain_message():
    for text in check_protocol(MILD, name="mild.toml").texts:
        assert (text.segments.encoding, text.segments.count) == ("GSM-7", 1), text


def test_the_sample_link_is_as_long_as_a_real_one():
    assert len(SAMPLE_CLINIC["link"]) == len("https://oak.example/p/") + 11


@pytest.mark.parametrize(
    ("text", "language", "word", "names"),
    [
        ("Stop your Warfarin today", "en", "warfarin", "a drug"),
        ("Take no ELIQUIS.", "en", "eliquis", "a drug"),
        ("No tome apixaban ni aspirina", "es", "apixaban", "a drug"),
        ("No tome Advil", "es", "advil", "a drug"),
        ("Your stenosis", "en", "stenosis", "a diagnosis"),
        ("Su infección", "es", "infeccion", "a diagnosis"),
        ("Before your surgery", "en", "surgery", "a procedure"),
        ("Antes de la cirugía", "es", "cirugia", "a procedure"),
        ("Rest your knees", "en", "knees", "a body part"),
        ("Le duele la espalda", "es", "espalda", "a body part"),
        ("No fish  oil", "en", "fish oil", "a drug"),
        ("For back-pain", "en", "back-pain", "a body part"),
        ("Take clopidogrel75 today", "en", "clopidogrel", "a drug"),
        ("Take 75_clopidogrel", "en", "clopidogrel", "a drug"),
        ("2knees", "en", "knees", "a body part"),
        ("No clopi\u00addogrel", "en", "clopidogrel", "a drug"),
        ("No war\u200bfarin", "en", "warfarin", "a drug"),
        ("No war\u2060\u034ffarin", "en", "warfarin", "a drug"),
        ("No \uff21\uff53\uff50\uff49\uff52\uff49\uff4e", "en", "aspirin", "a drug"),
        ("Your xray", "en", "xray", "a procedure"),
        ("Your x\u2011ray", "en", "x-ray", "a procedure"),
        ("Keep the wound dry", "en", "wound", "a diagnosis"),
        ("Cuide la herida", "es", "herida", "a diagnosis"),
        ("La m\u00e9dula", "es", "medula", "a body part"),
        ("La me\u0301dula", "es", "medula", "a body part"),
        ("Votre spine", "fr", "spine", "a body part"),
    ],
)
def test_medical_words_are_found_in_any_case_and_spelling(text, language, word, names):
    assert [(found.word, found.names) for found in medical_words(text, language)][0] == (word, names)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Your procedure is today. We will call you back.", "en"),
        ("Bring a list of your medicines and your scan.", "en"),
        ("Please do not be late, it is important", "en"),  # no "arm", "hip" or "toe" inside other words
        ("Su procedimiento es hoy. Responda C.", "es"),
        ("Feel free to ask", "en"),
        ("We will call you back. Pain? Call us back - pain is not normal.", "en"),
        ("Ojo: llame si tiene dudas", "es"),
        ("Bonjour", "fr"),
    ],
)
def test_plain_words_pass(text, language):
    assert medical_words(text, language) == []


def test_a_text_may_allow_named_words_only():
    assert medical_words("A weak leg or knee", "en", allows=["leg"]) == medical_words("knee", "en")
    assert medical_words("Piernas débiles", "es", allows=["pierna"]) == []


@pytest.mark.parametrize(
    ("old", "new", "after", "said"),
    [
        ("your medicines", "your warfarin", "[texts.consult]", 'texts.consult: en: names a drug, "warfarin"'),
        ("Un mensaje de", "Su cirugía en", "", 'messages: subject.es: names a procedure, "cirugia"'),
        ('allows = ["leg", "pierna"]', 'allows = ["pierna"]', "", 'texts.day-1: en: names a body part, "leg"'),
        (
            "Keep the small cut dry today.",
            "Subsequently maintain appropriate incisional hygiene and avoid contamination continuously.",
            "",
            'steps[7] "bathing": detail.en: reads at grade',
        ),
        ("Rest.", "Rest. " + "Rest a lot and then some more. " * 7, "[texts.home]", "texts.home: en: takes 3 messages"),
    ],
)
def test_what_must_not_reach_a_patient_is_an_error(old, new, after, said):
    errors = [str(finding) for finding in report_of(old, new, after=after).errors]
    assert any(said in line for line in errors), errors


def test_a_text_of_two_messages_is_a_warning():
    report = report_of("Rest.", "Rest a lot, then rest some more.", after="[texts.home]")
    assert report.errors == []
    assert "texts.home: en: takes 2 messages (GSM-7, 172): take away 12 characters" in str(report.warnings[0])


def test_an_accent_that_makes_a_text_three_messages_is_named():
    (error,) = report_of("No maneje", "Así no maneje", after="[texts.ride]").errors
    assert "texts.ride: es: takes 3 messages (UCS-2, 162): í is not in the plain alphabet" in str(error)


def test_more_than_about_twelve_messages_are_too_many():
    start = MILD.index('[[steps.reminders]]\nkey = "how-are-you"')
    reminder = MILD[start : MILD.index("\n[[steps]]", start)]
    many = [reminder.replace("how-are-you", f"again-{number}") for number in "abcdef"]
    added = MILD[:start] + "\n".join([*many, MILD[start:]])
    assert any("messages for one journey" in str(finding) for finding in check_protocol(added, name="x.toml").errors)
    one = MILD[:start] + many[0] + "\n" + MILD[start:]
    assert any("messages for one journey" in str(finding) for finding in check_protocol(one, name="x.toml").warnings)


def test_every_finding_is_given_although_the_file_does_not_load():
    source = (
        MILD.replace("daily_cap = 1", "daily_cap = 0")
        .replace("Bring a list of your medicines and your scan. Reply", "Bring your {warfarin} warfarin. Reply")
        .replace("Un mensaje de", "Su cirugía en")
        .replace("Rest.", "Rest. " + "Rest a lot and then some more. " * 7)
        .replace("Keep the small cut dry today.", "Subsequently maintain appropriate incisional hygiene continuously.")
    )
    report = check_protocol(source, name="x.toml")
    found = [str(finding) for finding in report.errors]
    for said in (
        "messages: daily_cap: 0 is too small",
        "texts.consult: en: {warfarin} cannot be filled in",
        'texts.consult: en: names a drug, "warfarin"',
        'messages: subject.es: names a procedure, "cirugia"',
        "texts.home: en: takes 3 messages",
        'steps[7] "bathing": detail.en: reads at grade',
    ):
        assert sum(said in line for line in found) == 1, (said, found)
    assert len(set(found)) == len(found)
    assert any(finding.field == "spanish_checked_by" for finding in report.warnings)


def test_texts_are_checked_in_a_file_that_has_nothing_else():
    report = check_protocol(
        "steps = [1, {detail = 2}]\n[messages]\nsubject = 3\n[texts]\nb = 4\n"
        '[texts.a]\nen = "Your knee"\nes = 5\nfr = "Your spine"\nallows = "knee"\n',
        name="x.toml",
    )
    found = [str(finding) for finding in report.errors]
    assert 'x.toml: texts.a: en: names a body part, "knee": ' in " ".join(found)
    assert 'x.toml: texts.a: fr: names a body part, "spine": ' in " ".join(found)
    assert len(set(found)) == len(found)


def test_a_file_that_is_no_toml_has_one_finding():
    (finding,) = check_protocol("[texts.a\nen = 1", name="x.toml").errors
    assert finding.field == "syntax"


def test_the_command_checks_every_shipped_protocol():
    code, printed, complained = manage("protocol", "check")
    assert (code, complained) == (0, [])
    assert any("good to publish" in line for line in printed)


def test_the_command_prints_every_finding_on_its_own_line(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MILD.replace("daily_cap = 1", "daily_cap = 0").replace('kind = "ride"', 'kind = "rid"'))
    code, printed, _ = manage("protocol", "check", str(path))
    assert code == 1
    assert len(printed) == 3
    assert ["warning: " in line for line in printed] == [False, False, True]
    assert all(line.startswith(f"{path}: ") and line.count(": ") >= 3 for line in printed)


@pytest.mark.parametrize("name", ["missing.toml", ".", "latin.toml"])
def test_a_file_that_cannot_be_read_ends_with_two_and_one_line(tmp_path, name):
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe1"')
    code, printed, complained = manage("protocol", "check", str(tmp_path / name))
    assert (code, printed, len(complained)) == (2, [], 1)
    assert "FILE" in complained[0]


def test_a_wrong_action_ends_with_two_and_one_line():
    code, _, complained = manage("protocol", "chek")
    assert (code, len(complained)) == (2, 1)


def test_the_whole_program_checks_without_any_database(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "protocol", "check"],
        cwd=ROOT,
        env=os.environ | {"MILEPOST_DATA": "/nonexistent", "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
