"""What a protocol file must satisfy before it is published, beyond being well formed."""

from dataclasses import dataclass, field
from typing import Any

from pathway.medical_words import medical_words
from pathway.protocol_file import Finding, ProtocolError, load, parse_toml
from pathway.protocol_file.readable import (
    ReadableText,
    copy_beginnings_in,
    details_in,
    emails_in,
    list_in,
    number_of_reminders,
    questions_in,
    subjects_in,
    table_in,
    texts_in,
)
from pathway.reading import HIGHEST_GRADE, grade
from pathway.wording import GSM_SINGLE, LANGUAGES, Segments, fill, placeholders, segments, spoken, unspeakable

SAMPLE_CLINIC = {
    "clinic": "Oak Clinic",
    "phone": "(555) 010-0199",
    "link": "https://oak.example/p/Xq3vT8mZr5k",  # as long as a real link
}
LONGEST_SAYS = {"day": "2027-09-30", "time": "12:30", "arrival": "12:30", "fast_from": "2027-09-30T12:30"}
"""Every weekday and month has three letters, so any date with two digits is as long as a text can get."""

MOST_SEGMENTS = 2
USUAL_TEXTS, MOST_TEXTS = 12, 15
"""More texts are not better (RCT, n = 753): about 12 for a whole journey. Each hold reminder counts once."""


@dataclass(frozen=True, slots=True)
class TextReport:
    """One text in one language, filled with sample values: what it costs and how hard it reads."""

    key: str
    language: str
    segments: Segments
    grade: float


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong (`errors` stop a publication, `warnings` do not), and what each text costs."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    texts: list[TextReport] = field(default_factory=list)


def check_protocol(source: str, *, name: str) -> Report:
    """Everything that can be said of a protocol file without a patient; `name` is what findings call the file."""
    report = Report()
    try:
        load(source, name=name)
    except ProtocolError as error:
        report.errors.extend(error.findings)
    try:
        tree = parse_toml(source, name=name)
    except ProtocolError:
        return report  # the finding about the syntax is there; nothing else could be read
    # The words are read from the tables, not from the protocol, so that a fault elsewhere does not hide theirs.
    for text in texts_in(tree):
        check_text(text, report, name=name)
    for email in emails_in(tree):  # as long as it likes: it costs nothing
        check_words(email, report, place_of(email, name))
        check_grade(email, report, place_of(email, name))
    for subject in subjects_in(tree):
        check_words(subject, report, place_of(subject, name))
    check_copies(tree, report, name=name)
    for detail in (*details_in(tree), *questions_in(tree)):
        check_grade(detail, report, place_of(detail, name))
    check_number(number_of_reminders(tree), report, name=name)
    check_reader(table_in(tree, "protocol"), report, name=name)
    return report


def check_text(text: ReadableText, report: Report, *, name: str) -> None:
    """One text in one language: words, grade and length."""
    place = place_of(text, name)
    check_words(text, report, place)
    check_grade(text, report, place)
    if text.language not in LANGUAGES:
        return
    words = filled(text)
    cost = segments(words)
    report.texts.append(TextReport(text.key, text.language, cost, grade(text.words, text.language)))
    if cost.count == 1:
        return
    told = f"takes {cost.count} messages ({cost.encoding}, {cost.units})"
    if foreign := unspeakable(words):
        told += f": {' '.join(foreign)} is not in the plain alphabet, word it without"
    else:
        told += f": take away {cost.units - GSM_SINGLE} characters"
    over = report.errors if cost.count > MOST_SEGMENTS else report.warnings
    over.append(at(place, f"{told}."))


def filled(text: ReadableText) -> str:
    """A text with the longest values it may hold."""
    unknown = {found: f"{{{found}}}" for found in placeholders(text.words)}  # has a finding where it cannot be filled
    return fill(text.words, {**unknown, **SAMPLE_CLINIC, **spoken(LONGEST_SAYS, text.language)})


def check_copies(tree: dict[str, Any], report: Report, *, name: str) -> None:
    """What begins a copy to a caregiver is plain, and leaves room for every text behind it."""
    beginnings: dict[str, str] = {}
    for text in copy_beginnings_in(tree):
        place = place_of(text, name)
        check_words(text, report, place)
        if foreign := unspeakable(text.words):
            report.errors.append(at(place, f"{' '.join(foreign)} is not in the plain alphabet: word it without."))
        beginnings[text.language] = f"{beginnings.get(text.language, '')}{text.words} "
    for text in texts_in(tree):
        if text.language in beginnings and text.language in LANGUAGES:
            words = filled(text)
            cost = segments(beginnings[text.language] + words)
            if cost.count > MOST_SEGMENTS >= segments(words).count:
                told = f"takes {cost.count} messages as a copy to a caregiver: shorten it, or what begins a copy."
                report.errors.append(at(place_of(text, name), told))


def check_words(text: ReadableText, report: Report, place: Finding) -> None:
    """No drug, diagnosis, procedure or body part."""
    for found in medical_words(text.words, text.language, allows=text.allows):
        told = f'names {found.names}, "{found.word}": say it on the patient\'s page, or list it in allows.'
        report.errors.append(at(place, told))


def check_grade(text: ReadableText, report: Report, place: Finding) -> None:
    """Grade 6 or easier. Titles are not graded: a formula says nothing of two or three words."""
    if text.language not in LANGUAGES:
        return
    found = grade(text.words, text.language)
    if found > HIGHEST_GRADE:
        told = f"reads at grade {found}: use shorter sentences and words, grade {HIGHEST_GRADE:.0f} or easier."
        report.errors.append(at(place, told))


def check_number(number: int, report: Report, *, name: str) -> None:
    """About twelve texts for the whole journey."""
    if number > USUAL_TEXTS:
        told = f"{number} messages for one journey: stay within about {USUAL_TEXTS}, more are not read."
        over = report.errors if number > MOST_TEXTS else report.warnings
        over.append(Finding(name, "steps", "reminders", told))


def check_reader(head: dict[str, Any], report: Report, *, name: str) -> None:
    """Spanish has been read by a native reader."""
    if "es" in list_in(head, "languages") and not str(head.get("spanish_checked_by", "")).strip():
        told = "no native reader has checked the Spanish: have it read before clinical use, and name the reader."
        report.warnings.append(Finding(name, "protocol", "spanish_checked_by", told))


def place_of(text: ReadableText, name: str) -> Finding:
    """Where a text stands, as a finding without a message yet."""
    return Finding(name, " ".join(text.table.split()), " ".join(text.field.split()), "")


def at(place: Finding, message: str) -> Finding:
    """A finding with this message at the place of another."""
    return Finding(place.file, place.table, place.field, message)
