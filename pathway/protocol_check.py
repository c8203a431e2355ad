"""What a protocol file must satisfy before it is published, beyond being well formed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pathway.medical_words import medical_words
from pathway.planner.spec import Protocol
from pathway.protocol_file import Finding, ProtocolError, load
from pathway.protocol_file.places import steps_of
from pathway.reading import HIGHEST_GRADE, grade
from pathway.wording import GSM_SINGLE, Segments, fill, segments, spoken, unspeakable

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
        protocol = load(source, name=name)
    except ProtocolError as error:
        report.errors.extend(error.findings)
        return report
    for key, wording in protocol.texts.items():
        for language, words in wording.items():
            check_text(protocol, key, language, words, report, name=name)
    for language, words in protocol.subject.items():
        check_words(words, language, report, Finding(name, "messages", f"subject.{language}", ""))
    for table, language, words in details(protocol):
        check_grade(words, language, report, Finding(name, table, f"detail.{language}", ""))
    check_number(protocol, report, name=name)
    if "es" in protocol.languages and not protocol.spanish_checked_by.strip():
        told = "no native reader has checked the Spanish: have it read before clinical use, and name the reader."
        report.warnings.append(Finding(name, "protocol", "spanish_checked_by", told))
    return report


def check_text(protocol: Protocol, key: str, language: str, words: str, report: Report, *, name: str) -> None:
    """One text in one language: words, grade and length."""
    place = Finding(name, f"texts.{key}", language, "")
    check_words(words, language, report, place, allows=protocol.allows.get(key, ()))
    check_grade(words, language, report, place)
    filled = fill(words, SAMPLE_CLINIC | spoken(LONGEST_SAYS, language))
    cost = segments(filled)
    report.texts.append(TextReport(key, language, cost, grade(words, language)))
    if cost.count == 1:
        return
    told = f"takes {cost.count} messages ({cost.encoding}, {cost.units})"
    if foreign := unspeakable(filled):
        told += f": {' '.join(foreign)} is not in the plain alphabet, word it without"
    else:
        told += f": take away {cost.units - GSM_SINGLE} characters"
    over = report.errors if cost.count > MOST_SEGMENTS else report.warnings
    over.append(at(place, f"{told}."))


def check_words(words: str, language: str, report: Report, place: Finding, *, allows: tuple[str, ...] = ()) -> None:
    """No drug, diagnosis, procedure or body part."""
    for found in medical_words(words, language, allows=allows):
        told = f'names {found.names}, "{found.word}": say it on the patient\'s page, or list it in allows.'
        report.errors.append(at(place, told))


def check_grade(words: str, language: str, report: Report, place: Finding) -> None:
    """Grade 6 or easier. Titles are not graded: a formula says nothing of two or three words."""
    found = grade(words, language)
    if found > HIGHEST_GRADE:
        told = f"reads at grade {found}: use shorter sentences and words, grade {HIGHEST_GRADE:.0f} or easier."
        report.errors.append(at(place, told))


def check_number(protocol: Protocol, report: Report, *, name: str) -> None:
    """About twelve texts for the whole journey."""
    number = sum(len(step.reminders) for step in protocol.steps)
    if number > USUAL_TEXTS:
        told = f"{number} messages for one journey: stay within about {USUAL_TEXTS}, more are not read."
        over = report.errors if number > MOST_TEXTS else report.warnings
        over.append(Finding(name, "steps", "reminders", told))


def details(protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    """What the patient's page says of each step: table, language, words."""
    for table, step in steps_of(protocol):
        for language, words in step.detail.items():
            yield table, language, words


def at(place: Finding, message: str) -> Finding:
    """A finding with this message at the place of another."""
    return Finding(place.file, place.table, place.field, message)
