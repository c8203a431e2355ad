"""Whether a patient is ready for the procedure: each check of the protocol, its verdict, why, and who said so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from django.db.models import Model, QuerySet

from pathway.answers import ANSWER_SETS, MEANINGS
from pathway.holds.watching import Missing
from pathway.models import (
    Journey,
    LastIntake,
    MedicationHold,
    ProcedureDay,
    Question,
    ReadinessMark,
)
from pathway.planner.day import ReadinessCheck
from pathway.planner.readiness import Evidence, Verdict, decide, still_stands
from pathway.queries.fasting import fast_from
from pathway.queries.holds import MedicineFacts
from pathway.queries.protocols import protocol_of
from pathway.staff_words import clock_words, moment_words

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check as a nurse reads it. `by` is empty where no person said it."""

    key: str
    title: str
    satisfied_by: str
    verdict: Verdict
    why: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """All checks of one journey, in the protocol's order; none where the protocol asks for none."""

    checks: tuple[CheckRow, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The titles of what is not known to be so."""
        return tuple(check.title for check in self.checks if check.verdict != "yes")

    @property
    def shape(self) -> Literal["done", "part", "alert", "none"]:
        """How it looks at a glance: all there, something said to be wrong, or something still open."""
        if not self.checks:
            return "none"
        if any(check.verdict == "no" and check.satisfied_by != "arrival" for check in self.checks):
            return "alert"
        return "part" if self.missing else "done"


def readiness_of(journey: Journey, *, now: datetime) -> Readiness:
    """The checks of one journey, whose `clinic`, `patient` and `protocol_version` should be loaded."""
    return readiness_by_journey([journey], now=now)[journey.pk]


def readiness_by_journey(journeys: Iterable[Journey], *, now: datetime) -> Mapping[int, Readiness]:
    """The checks of many journeys by their id, in ten reads however many they are."""
    journeys = list(journeys)
    known = _Known(journeys, now)
    return {journey.pk: Readiness(tuple(known.checks(journey))) for journey in journeys}


class _Known:
    """The rows of several journeys, read once."""

    def __init__(self, journeys: list[Journey], now: datetime) -> None:
        self.now = now
        self.medicines = MedicineFacts(journeys)
        self.procedures = self.medicines.procedures
        self.intakes = _last(LastIntake.objects.filter(journey__in=journeys).order_by("said_at", "id"))
        self.days = _all(ProcedureDay.objects.filter(journey__in=journeys).order_by("date"))
        marks = ReadinessMark.objects.filter(journey__in=journeys).select_related("by").order_by("at", "id")
        self.marks = _all(marks)
        answered = Question.objects.filter(journey__in=journeys, answered_at__isnull=False)
        self.answers = _all(answered.select_related("reminder").order_by("answered_at", "id"))

    def checks(self, journey: Journey) -> Iterable[CheckRow]:
        procedure = self.procedures.get(journey.pk)
        for check in protocol_of(journey.protocol_version).day.readiness if procedure else ():
            assert procedure is not None  # noqa: S101 - no check is looked at without one
            shown = self._shown(journey, check, procedure.at)
            found = decide(check, said=self._said(journey, check, procedure.at), shown=shown)
            yield CheckRow(check.key, check.title, check.satisfied_by, found.verdict, found.why, found.by, found.at)

    def _said(self, journey: Journey, check: ReadinessCheck, procedure_at: datetime) -> Evidence | None:
        """What a person said last, as far as it still stands."""
        marks = [mark for mark in self.marks.get(journey.pk, ()) if mark.check_key == check.key]
        if not marks:
            return None
        mark, zone = marks[-1], journey.clinic.tz
        if not still_stands(check.stands, said_for=mark.said_for, procedure_at=procedure_at, zone=zone):
            return None
        why = mark.note or f"{mark.get_verdict_display()}, {moment_words(mark.at, zone)}"
        return Evidence(mark.verdict, mark.at, why, by=str(mark.by))  # type: ignore[arg-type]

    def _shown(self, journey: Journey, check: ReadinessCheck, procedure_at: datetime) -> Evidence:
        """What is known without a person's word."""
        if check.satisfied_by == "fast":
            fast = fast_from(journey, self.intakes.get(journey.pk), procedure_at=procedure_at)
            return Evidence(fast.verdict, fast.said_at, fast.words)
        if check.satisfied_by == "holds":
            return self._holds(journey)
        if check.satisfied_by == "arrival":
            return self._arrival(journey, procedure_at)
        if check.satisfied_by == "answer":
            return self._answer(journey, check, procedure_at)
        return Evidence("unknown", None, "Nobody has said so yet.")

    def _holds(self, journey: Journey) -> Evidence:
        """Whether nothing is missing about the medicines: signatures, stops, results, facts and decisions."""
        missing = self.medicines.missing(journey, now=self.now)
        holds = self.medicines.holds.get(journey.pk, [])
        return holds_evidence(missing, holds, lists_any=bool(self.medicines.listed.get(journey.patient_id)))

    def _arrival(self, journey: Journey, procedure_at: datetime) -> Evidence:
        date = procedure_at.astimezone(journey.clinic.tz).date()
        for day in self.days.get(journey.pk, ()):
            if day.date == date:
                at = clock_words(day.arrived_at, journey.clinic.tz, procedure_at)
                return Evidence("yes", day.arrived_at, f"Arrived {at}.")
        return Evidence("no", None, "Not recorded as arrived.")

    def _answer(self, journey: Journey, check: ReadinessCheck, procedure_at: datetime) -> Evidence:
        """The last answer that was about the day of the procedure as it is booked."""
        day = procedure_at.astimezone(journey.patient.tz).date().isoformat()
        about = [
            question
            for question in self.answers.get(journey.pk, ())
            if question.answers == check.answers and question.reminder.says.get("day") == day
        ]
        if not about:
            return Evidence("unknown", None, "The patient has not answered for this day.")
        last, answer_set = about[-1], ANSWER_SETS[check.answers]
        assert last.answered_at is not None  # noqa: S101 - only answered ones were read
        said = MEANINGS[last.answer].said
        verdict: Verdict = "unknown"  # a question, for example
        for key, means in ((answer_set.yes, "yes"), (answer_set.no, "no")):
            if key and last.answer == answer_set.meaning(key).slug:
                verdict = means  # type: ignore[assignment]
        return Evidence(verdict, last.answered_at, f"The patient answered: {said}.")


def holds_evidence(missing: Iterable[Missing], holds: Iterable[MedicationHold], *, lists_any: bool) -> Evidence:
    """The verdict on the medicines by what is `missing`. Without any hold only a person can say that all is well.

    `lists_any`: somebody has written down what the patient takes.
    """
    at = max((hold.signed_at or hold.drafted_at for hold in holds), default=None)
    facts = [one.words for one in missing if not one.can_be_said]
    unsaid = [one.words for one in missing if one.can_be_said]
    if facts or unsaid:
        words = " ".join(f"{words[0].upper()}{words[1:]}." for words in facts + unsaid)
        return Evidence("no" if facts else "unknown", at, words)
    if at is None:
        words = "No medicine is on record: ask what the patient takes."
        if lists_any:
            words = "Nothing on the list of medicines is to be held: ask whether the list is complete."
        return Evidence("unknown", None, words)
    return Evidence("yes", at, "Every held medicine is signed and stopped, and nothing is missing.")


def _all(rows: "QuerySet[Row]") -> dict[int, list[Row]]:
    """Rows by journey, in their order."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.journey_id, []).append(row)  # type: ignore[attr-defined]
    return found


def _last(rows: "QuerySet[Row]") -> dict[int, Row]:
    """The last row of each journey."""
    return {row.journey_id: row for row in rows}  # type: ignore[attr-defined]
