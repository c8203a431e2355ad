"""Whether a patient is ready for the procedure: each check of the protocol, its verdict, why, and who said so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from django.db.models import Model, QuerySet

from pathway.answers import ANSWER_SETS, MEANINGS
from pathway.models import (
    Journey,
    LastIntake,
    MedicationHold,
    Milestone,
    ProcedureDay,
    Question,
    ReadinessMark,
)
from pathway.planner.day import ReadinessCheck
from pathway.planner.readiness import Evidence, Verdict, decide, still_stands
from pathway.queries.fasting import fast_from
from pathway.queries.protocols import protocol_of
from pathway.staff_words import clock_words, moment_words
from pathway.states import HoldState

Row = TypeVar("Row", bound=Model)
STILL_TO_STOP = frozenset({HoldState.APPROVED.value, HoldState.RELEASED.value, HoldState.ACKNOWLEDGED.value})


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


def readiness_of(journey: Journey) -> Readiness:
    """The checks of one journey, whose `clinic`, `patient` and `protocol_version` should be loaded."""
    return readiness_by_journey([journey])[journey.pk]


def readiness_by_journey(journeys: Iterable[Journey]) -> Mapping[int, Readiness]:
    """The checks of many journeys by their id, in six reads however many they are."""
    journeys = list(journeys)
    known = _Known(journeys)
    return {journey.pk: Readiness(tuple(known.checks(journey))) for journey in journeys}


class _Known:
    """The rows of several journeys, read once."""

    def __init__(self, journeys: list[Journey]) -> None:
        self.procedures = _last(Milestone.objects.filter(journey__in=journeys, key="procedure").order_by("id"))
        self.intakes = _last(LastIntake.objects.filter(journey__in=journeys).order_by("said_at", "id"))
        self.days = _all(ProcedureDay.objects.filter(journey__in=journeys).order_by("date"))
        self.holds = _all(MedicationHold.objects.filter(journey__in=journeys).exclude(state="declined"))
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
            return holds_evidence(self.holds.get(journey.pk, []))
        if check.satisfied_by == "arrival":
            return self._arrival(journey, procedure_at)
        if check.satisfied_by == "answer":
            return self._answer(journey, check, procedure_at)
        return Evidence("unknown", None, "Nobody has said so yet.")

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


def holds_evidence(holds: Iterable[MedicationHold]) -> Evidence:
    """Whether every medicine hold is signed and its last dose behind. Without any, only a person can say so."""
    holds = sorted(holds, key=lambda hold: hold.drug)
    if not holds:
        return Evidence("unknown", None, "No hold is on record: ask what the patient takes.")
    at = max(hold.signed_at or hold.drafted_at for hold in holds)
    for state, verdict, words in (
        (frozenset({HoldState.DRAFTED.value}), "no", "not signed"),
        (frozenset({HoldState.RESTARTED.value}), "no", "restarted already"),
        (STILL_TO_STOP, "unknown", "last dose not confirmed"),
    ):
        drugs = [hold.drug for hold in holds if hold.state in state]
        if drugs:
            return Evidence(verdict, at, f"{', '.join(drugs).capitalize()}: {words}.")  # type: ignore[arg-type]
    return Evidence("yes", at, "Every held medicine is signed and stopped.")


def _all(rows: "QuerySet[Row]") -> dict[int, list[Row]]:
    """Rows by journey, in their order."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.journey_id, []).append(row)  # type: ignore[attr-defined]
    return found


def _last(rows: "QuerySet[Row]") -> dict[int, Row]:
    """The last row of each journey."""
    return {row.journey_id: row for row in rows}  # type: ignore[attr-defined]
