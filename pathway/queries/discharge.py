"""What is there and what is missing before a patient goes home: the scores, the checklist, each with its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pathway.models import (
    FIRM,
    DischargeAnswer,
    Escort,
    Journey,
    MedicationHold,
    Milestone,
    MilestoneStatus,
    RecoveryScore,
    TherapyReferral,
)
from pathway.planner import TimeError, parse_duration
from pathway.planner.day import DischargeItem, DischargeSpec, Score
from pathway.queries.protocols import protocol_of
from pathway.states import HoldState

Row = TypeVar("Row", RecoveryScore, DischargeAnswer)


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score with all its scorings of this stay, oldest first; the last one counts."""

    spec: Score
    scorings: tuple[RecoveryScore, ...]

    @property
    def last(self) -> RecoveryScore | None:
        return self.scorings[-1] if self.scorings else None

    @property
    def lacks(self) -> str:
        """What is missing, in words; empty when it is passed."""
        if self.last is None:
            return f"{self.spec.title}: not scored"
        if not self.spec.passes(self.last.total):
            return f"{self.spec.title}: {self.last.total} of {self.spec.best}, needs {self.spec.pass_at}"
        return ""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of the checklist: `value` is what is known of it, `lacks` what is missing, empty when it is there."""

    spec: DischargeItem
    value: str
    lacks: str


@dataclass(frozen=True, slots=True)
class GoingHome:
    """The whole checklist of one journey."""

    scores: tuple[ScoreRow, ...]
    items: tuple[ItemRow, ...]
    escort: Escort | None

    @property
    def missing(self) -> tuple[str, ...]:
        """All that is missing, each by name; empty when the patient may go home."""
        lacking = [*(row.lacks for row in self.scores), *(row.lacks for row in self.items)]
        return tuple(lacks for lacks in lacking if lacks)


def going_home(journey: Journey) -> GoingHome | None:
    """The checklist of a journey whose `clinic` and `protocol_version` should be loaded.

    None where the protocol has none. What was written down before this procedure counts for nothing, but for the escort
    who was named on its day.
    """
    spec = protocol_of(journey.protocol_version).day.discharge
    if spec is None:
        return None
    milestones = {row.key: row for row in Milestone.objects.filter(journey=journey)}
    procedure = milestones.get("procedure")
    since = procedure.at if procedure is not None and procedure.status == MilestoneStatus.DONE else None
    escort = _escort(journey, procedure)
    scorings = list(_since(RecoveryScore.objects.filter(journey=journey).order_by("at", "id"), since))
    answers = {row.item_key: row.answer for row in _since(_answers(journey), since)}
    answers |= _referrals(journey, spec)
    facts = _Facts(journey, spec, milestones, escort, answers)
    return GoingHome(
        scores=tuple(
            ScoreRow(score, tuple(row for row in scorings if row.score_key == score.key)) for score in spec.scores
        ),
        items=tuple(facts.row(item) for item in spec.items),
        escort=escort,
    )


def restart_lacks(holds: Iterable[MedicationHold]) -> tuple[str, ...]:
    """The held medicines of which nobody has said when they start again, each in words.

    A draft has no date that anybody stands behind: it is signed or declined first.
    """
    return tuple(
        f"{hold.drug}: {'its plan is not signed' if hold.state == HoldState.DRAFTED else 'no restart is set'}"
        for hold in sorted(holds, key=lambda hold: hold.drug)
        if hold.state != HoldState.DECLINED and (hold.state == HoldState.DRAFTED or not _has_restart(hold))
    )


def _has_restart(hold: MedicationHold) -> bool:
    if hold.restart_at is not None or hold.state == HoldState.RESTARTED:
        return True
    try:
        parse_duration(hold.restart_after)
    except TimeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the lines of the checklist are read from."""

    journey: Journey
    spec: DischargeSpec
    milestones: Mapping[str, Milestone]
    escort: Escort | None
    answers: Mapping[str, str]

    def row(self, item: DischargeItem) -> ItemRow:
        if item.is_answered:
            return self._answered(item)
        value, lacks = {
            "escort": self._escort,
            "restart-dates": self._restarts,
            "visits": lambda: self._visits(item),
            "clinic-number": self._number,
        }[item.kind]()
        return ItemRow(item, value, f"{item.title}: {lacks}" if lacks else "")

    def _answered(self, item: DischargeItem) -> ItemRow:
        value = self.answers.get(item.key, "")
        if not value:
            return ItemRow(item, "", f"{item.title}: not answered")
        return ItemRow(item, value, f"{item.title}: no" if item.kind == "yes" and value != "yes" else "")

    def _escort(self) -> tuple[str, str]:
        if self.escort is None:
            return "", "nobody is named"
        if not self.escort.is_adult_who_stays:
            return str(self.escort), "not confirmed as an adult who stays with the patient"
        return str(self.escort), "" if self.escort.is_present else f"{self.escort} is not here yet"

    def _restarts(self) -> tuple[str, str]:
        holds = list(MedicationHold.objects.filter(journey=self.journey).exclude(state=HoldState.DECLINED))
        return ", ".join(sorted(hold.drug for hold in holds)) or "no medicine is held", ", ".join(restart_lacks(holds))

    def _visits(self, item: DischargeItem) -> tuple[str, str]:
        titles = {spec.key: spec.title["en"] for spec in protocol_of(self.journey.protocol_version).milestones}
        booked = {key for key, row in self.milestones.items() if row.status in FIRM}
        missing = [titles.get(key, key) for key in item.milestones if key not in booked]
        there = [titles.get(key, key) for key in item.milestones if key in booked]
        return ", ".join(there), f"still to book: {', '.join(missing)}" if missing else ""

    def _number(self) -> tuple[str, str]:
        number = self.journey.clinic.phone_any_hour
        return (number.as_national, "") if number else ("", "the clinic has none: enter it in the back office")


def _referrals(journey: Journey, spec: DischargeSpec) -> dict[str, str]:
    """What was decided about physical therapy, wherever and whenever it was written down, by the line that asks it."""
    referral = TherapyReferral.objects.filter(journey=journey).first()
    if referral is None:
        return {}
    return {item.key: "yes" if referral.is_referred else "no" for item in spec.items if item.kind == "therapy"}


def _answers(journey: Journey) -> Iterable[DischargeAnswer]:
    return DischargeAnswer.objects.filter(journey=journey).order_by("at", "id")


def _since(rows: Iterable[Row], since: datetime | None) -> Iterable[Row]:
    """Rows from then on; none without a procedure that took place."""
    return [row for row in rows if since is not None and row.at >= since]


def _escort(journey: Journey, procedure: Milestone | None) -> Escort | None:
    """Who was named last, on the local day of the procedure or after it."""
    last = Escort.objects.filter(journey=journey).order_by("-at", "-id").first()
    if last is None or procedure is None:
        return None
    zone = journey.clinic.tz
    return last if last.at.astimezone(zone).date() >= procedure.at.astimezone(zone).date() else None
