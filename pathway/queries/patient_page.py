"""What the patient reads: the next thing first, then the plan, then the signed medicine plan.

A time that is only our own expectation is never told, and neither is a hold that no prescriber has signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pathway.models import FIRM, Journey, MedicationHold, MilestoneStatus, Step
from pathway.planner.clock import hold_anchors, told_wall
from pathway.planner.spec import Protocol, StepSpec
from pathway.queries.fasting import fasts_since
from pathway.queries.page_words import clock, long_date, page_words, weekday
from pathway.queries.plan_facts import reckoned
from pathway.queries.protocols import protocol_of
from pathway.states import HOLD_SIGNED, JOURNEY_ENDED, JourneyState

TOGETHER = timedelta(hours=24)
"""What comes within a day of the very next thing is told with it: when to stop eating, and when to come."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do, in words, at an instant (UTC); `holds_now`: since then."""

    at: datetime
    text: str
    detail: str = ""
    holds_now: bool = False


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of the plan; `when` is empty as long as no date is a promise."""

    title: str
    detail: str
    when: str
    state: Literal["over", "current", "ahead"]
    state_word: str


@dataclass(frozen=True, slots=True)
class HeldMedicine:
    """A signed hold as dates. Empty dates: no procedure is booked, so there is nothing to count from."""

    drug: str
    last_dose: str
    restart: str
    signed: str


@dataclass(frozen=True, slots=True)
class PatientPage:
    """All that the page shows, in the patient's language and zone."""

    now_lines: tuple[Line, ...]
    next_lines: tuple[Line, ...]
    closing: str
    steps: tuple[PlanStep, ...]
    medicines: tuple[HeldMedicine, ...]
    escort: str
    zone_words: str


def patient_page(journey: Journey, *, language: str, now: datetime) -> PatientPage:
    """The page of one journey. Needs its patient and clinic loaded."""
    reader = _Reader(journey, language, now)
    closing = _closing(journey, language)
    lines = [] if closing else sorted(reader.lines(), key=lambda line: line.at)
    ahead = [line for line in lines if not line.holds_now]
    soon = [line for line in ahead if line.at < ahead[0].at + TOGETHER]
    zone = journey.patient.tz
    elsewhere = zone.key != journey.clinic.zone
    words = page_words(language)
    return PatientPage(
        now_lines=tuple(line for line in lines if line.holds_now),
        next_lines=tuple(soon),
        closing=closing,
        steps=() if closing else tuple(reader.plan_steps()),
        medicines=() if closing else tuple(reader.medicines),
        escort=journey.escort,
        zone_words=words["zone"].format(zone=zone.key.split("/")[-1].replace("_", " ")) if elsewhere else "",
    )


def _closing(journey: Journey, language: str) -> str:
    """What an ended journey says instead of a plan; empty while it is under way."""
    if journey.state not in JOURNEY_ENDED:
        return ""
    words = page_words(language)
    return words["cancelled"] if journey.state == JourneyState.CANCELLED else words["ended"]


class _Reader:
    """The rows of one journey, read once, and turned into words."""

    def __init__(self, journey: Journey, language: str, now: datetime) -> None:
        self.journey, self.language, self.now = journey, language, now
        self.zone = journey.patient.tz
        self.words = page_words(language)
        self.protocol: Protocol = protocol_of(journey.protocol_version)
        firm = journey.milestones.filter(status__in=FIRM)
        self.firm = {milestone.key: milestone for milestone in firm}
        self.steps = list(journey.steps.order_by("starts_at", "key"))
        self.specs = {step.key: step for step in self.protocol.steps}
        self.fasts_since = fasts_since(journey, now=now)
        self.instants: list[Line] = []
        self.medicines = list(self._medicines())

    def wording(self, texts: object) -> str:
        """One text of the protocol in the patient's language."""
        return texts.get(self.language) or texts.get("en", "")  # type: ignore[attr-defined, no-any-return]

    def date(self, instant: datetime) -> str:
        return long_date(instant.astimezone(self.zone).date(), self.language)

    def clock(self, instant: datetime) -> str:
        return clock(instant, self.zone, self.language)

    def lines(self) -> Iterable[Line]:
        """Everything that holds now or comes, unordered."""
        today = self.now.astimezone(self.zone).date()
        yield from (line for line in self.instants if line.at.astimezone(self.zone).date() >= today)
        for key, milestone in self.firm.items():
            if milestone.status == MilestoneStatus.BOOKED and milestone.at >= self.now:
                yield self._visit(key, milestone.at)
        for row in self.steps:
            spec = self.specs.get(row.key)
            if spec and spec.about in self.firm and row.ends_at > self.now:
                yield from self._step_line(row, spec)

    def _visit(self, key: str, at: datetime) -> Line:
        if key == "procedure":
            arrival = at - self.journey.clinic.arrival_lead
            text = self.words["arrive"].format(time=self.clock(arrival), date=self.date(arrival))
            return Line(arrival, text, self.journey.clinic.address)
        titles = {milestone.key: milestone.title for milestone in self.protocol.milestones}
        title = self.wording(titles.get(key, {})) or key
        return Line(at, self.words["visit"].format(title=title, time=self.clock(at), date=self.date(at)))

    def _step_line(self, row: Step, spec: StepSpec) -> Iterable[Line]:
        if spec.kind == "fasting":
            yield from self._fast(row, spec)
        elif spec.kind == "restriction" and row.starts_at <= self.now:
            yield Line(row.starts_at, self.wording(spec.title), self.wording(spec.detail), True)

    def _fast(self, row: Step, spec: StepSpec) -> Iterable[Line]:
        """Until when the patient may eat what, and drink. A fast that goes on has no such times: a nurse decides."""
        starts = self._fast_from(row)
        begun = starts <= self.now
        if self._fast_goes_on(row):
            yield Line(starts, self._from(starts, "no_food_now"), self.words["fast_goes_on"], True)
            return
        clinic, procedure = self.journey.clinic, row.ends_at
        heavy, dry = (told_wall(procedure - one, self.zone) for one in (clinic.fasting_heavy, clinic.clear_liquids))
        if heavy < starts and not begun:
            yield Line(heavy, self._from(heavy, "no_heavy"), holds_now=heavy <= self.now)
        yield Line(starts, self._from(starts, "no_food_now" if begun else "no_food"), self.wording(spec.detail), begun)
        is_dry = dry <= self.now
        yield Line(dry, self._from(dry, "no_drink_now" if is_dry else "no_drink"), holds_now=is_dry)

    def _fast_goes_on(self, row: Step) -> bool:
        """Whether the patient fasts already, though the plan by now says later."""
        told = told_wall(row.starts_at, self.zone).replace(second=0, microsecond=0)  # told to the minute
        return self.fasts_since is not None and self.fasts_since < told

    def _fast_from(self, row: Step) -> datetime:
        """The moment from which the page says not to eat."""
        return self.fasts_since if self.fasts_since and self._fast_goes_on(row) else told_wall(row.starts_at, self.zone)

    def _from(self, instant: datetime, text: str) -> str:
        """A text that tells a clock time and the weekday of it."""
        day = weekday(instant.astimezone(self.zone).date(), self.language)
        return self.words[text].format(time=self.clock(instant), weekday=day)

    def plan_steps(self) -> Iterable[PlanStep]:
        """Steps that have something to say, in the order of time.

        None about medicines: a signed plan stands by itself, and without one only the rule not to change any holds.
        """
        for row in self.steps:
            spec = self.specs.get(row.key)
            if spec is None or not self.wording(spec.detail) or spec.kind == "medication":
                continue
            known = spec.about in self.firm
            state: Literal["over", "current", "ahead"] = "ahead"
            if known and row.ends_at <= self.now:
                state = "over"
            elif known and row.starts_at <= self.now:
                state = "current"
            yield PlanStep(
                title=self.wording(spec.title),
                detail=self.wording(spec.detail),
                when=self._when(row, spec),
                state=state,
                state_word=self.words["procedure_day" if self._is_for_that_day_alone(row, spec, state) else state],
            )

    def _when(self, row: Step, spec: StepSpec) -> str:
        """When a step is, as far as that is a promise. A ride is looked for until the day."""
        if spec.about not in self.firm:
            return self.words["after_procedure" if self._is_same_day(spec) else "no_date"]
        if spec.kind == "ride":
            return self.words["before"].format(date=self.date(self.firm[spec.about].at))
        timed, starts = spec.kind in ("appointment", "fasting"), row.starts_at
        if spec.kind == "fasting":
            starts = self._fast_from(row)
        return self.date(starts) + (f", {self.clock(starts)}" if timed else "")

    def _is_for_that_day_alone(self, row: Step, spec: StepSpec, state: str) -> bool:
        """Whether a restriction that says “today” means the procedure's day: read days ahead, it needs to say so."""
        procedure = self.firm.get("procedure")
        if spec.kind != "restriction" or state != "ahead" or procedure is None:
            return False
        day = procedure.at.astimezone(self.zone).date()
        last = row.ends_at - timedelta(seconds=1)  # midnight ends the day before it
        return row.starts_at.astimezone(self.zone).date() == day == last.astimezone(self.zone).date()

    def _is_same_day(self, spec: StepSpec) -> bool:
        """Whether a step hangs on a milestone that nobody books, since it comes right after a booked procedure."""
        expected = next((one.expected for one in self.protocol.milestones if one.key == spec.about), None)
        if expected is None or "procedure" not in self.firm:
            return False
        return expected.anchor == "procedure" and expected.offset.days == 0

    def _medicines(self) -> Iterable[HeldMedicine]:
        """Signed holds with their dates; fills `instants` with the days on which something is to be done."""
        procedure = self.firm.get("procedure")
        signed = self.journey.holds.filter(state__in=[state.value for state in HOLD_SIGNED])
        for row in signed.select_related("signed_by", "medication").order_by("drug"):
            assert row.signed_at is not None  # noqa: S101 - the database refuses a signed hold without its time
            note = self.words["medicines_signed"].format(name=row.signed_by, date=self.date(row.signed_at))
            drug = _known_as(row)
            if procedure is None:
                yield HeldMedicine(drug, self.words["no_date"], self.words["no_date"], note)
                continue
            hold = reckoned(row, row.signed_at)
            moments = hold_anchors(hold, procedure.at, self.zone)
            days = {name: self.date(moments[name]) for name in ("last-dose", "restart") if name in moments}
            # To the hour, where it is so: the day alone could be read as its morning or its evening.
            if hold.is_to_the_hour:
                last = told_wall(moments["last-dose"], self.zone)
                days["last-dose"] = self.words["at_the_latest"].format(date=self.date(last), time=self.clock(last))
            if "restart" in days and hold.restarts_to_the_hour:
                days["restart"] = f"{days['restart']}, {self.clock(moments['restart'])}"
            for name, text in (("last-dose", "last_dose"), ("restart", "restart")):
                if name in days:
                    line = self.words[text].format(drug=drug, date=days[name])
                    self.instants.append(Line(moments[name], line, self.words["medicines_rule"]))
            yield HeldMedicine(drug, days["last-dose"], days.get("restart", self.words["restart_open"]), note)


def _known_as(hold: MedicationHold) -> str:
    """The drug, with the name on the patient's own list where that is another: `apixaban (Eliquis)`."""
    name = hold.medication.name if hold.medication is not None else hold.drug
    return hold.drug if name.casefold() == hold.drug.casefold() else f"{hold.drug} ({name})"
