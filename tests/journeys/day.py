"""The words in which the procedure's day is told, on top of those of `world`."""

from pathway.actions.day_tasks import watch_procedure_days
from pathway.actions.discharge import answer_item, discharge, name_escort, score_recovery
from pathway.actions.fasting import attest_intake
from pathway.actions.journeys import cancel
from pathway.actions.procedure_day import admit, arrive, end_procedure, mark_check, start_procedure
from pathway.actions.stays import stay_in_hospital
from pathway.models import CancelReason, Food, ReadinessMark, SaidBy
from pathway.queries.discharge import going_home
from pathway.queries.protocols import protocol_of
from pathway.queries.readiness import readiness_of
from pathway.states import JourneyState
from tests.journeys.world import Story, at

STAGES = {"arrives": arrive, "is admitted": admit, "goes in": start_procedure, "comes out": end_procedure}
BEST = {"aldrete": 10, "padss": 10}


class DayStory(Story):
    """A clinic with a number for any hour, and a patient whose procedure is at 10:00 on May 20."""

    def __init__(self, until: str = "2027-05-20 08:50", procedure: str = "2027-05-20 10:00", **visits: str) -> None:
        super().__init__("2027-05-03 09:00")
        self.clinic.phone_any_hour = "+12025550199"
        self.clinic.save()
        self.given_a_procedure(procedure, **visits)
        self.given_a_patient_who_answers()
        self.when_time_passes_until(until)

    def when_the_patient_says(self, *, ate: str, drank: str = "", food: Food = Food.LIGHT) -> None:
        attest_intake(
            journey=self.journey, ate_at=at(ate), food=food, drank_at=at(drank or ate), said_by=SaidBy.PATIENT,
            by=self.nurse, now=self.now,
        )  # fmt: skip

    def when_the_nurse_confirms(self, *checks: str, verdict: str = "yes") -> None:
        for key in checks:
            mark_check(
                journey=self.journey, key=key, verdict=ReadinessMark.Verdict(verdict), by=self.nurse, now=self.now
            )

    def when_the_patient(self, stage: str, **named: object) -> None:
        self.journey = STAGES[stage](journey=self.journey, at=self.now, by=self.nurse, now=self.now, **named)

    def when_the_procedure_is_over(self) -> None:
        """From the door to the recovery room, everything as it should be."""
        self.when_the_patient("arrives")
        self.when_the_patient_says(ate="2027-05-19 20:00", drank="2027-05-20 07:00")
        self.when_the_nurse_confirms("holds", "consent")
        self.when_the_patient("is admitted")
        self.when_time_passes_until("2027-05-20 10:05")
        self.when_the_patient("goes in")
        self.when_time_passes_until("2027-05-20 11:00")
        self.when_the_patient("comes out")

    def when_scored(self, key: str, *, weakest: int = 2) -> None:
        """Every item is best but the first."""
        items = self.protocol.day.discharge.score(key).items
        points = {item.key: weakest if item == items[0] else 2 for item in items}
        score_recovery(journey=self.journey, key=key, points=points, by=self.nurse, now=self.now)

    def when_the_escort_is_named(self, *, here: bool = True, stays: bool = True) -> None:
        name_escort(
            journey=self.journey, name="Lucía Ruiz", phone="+12025550177", is_present=here,
            is_adult_who_stays=stays, by=self.nurse, now=self.now,
        )  # fmt: skip

    def when_the_checklist_is_answered(self) -> None:
        for item in self.protocol.day.discharge.items:
            if item.is_answered:
                answer = item.choices[0] if item.choices else "yes"
                answer_item(journey=self.journey, key=item.key, answer=answer, by=self.nurse, now=self.now)

    def when_the_patient_goes_home(self, **named: object) -> None:
        by = named.pop("by", self.nurse)
        self.journey = discharge(journey=self.journey, at=self.now, by=by, now=self.now, **named)

    def when_the_patient_stays(self, why: str) -> None:
        self.journey = stay_in_hospital(
            journey=self.journey, state=JourneyState.STAYING, why=why, by=self.nurse, now=self.now
        )

    def when_called_off_because(self, because: CancelReason, reason: str = "") -> None:
        self.journey = cancel(journey=self.journey, because=because, reason=reason, by=self.nurse, now=self.now)

    def when_somebody_looks(self) -> None:
        watch_procedure_days(now=self.now)

    @property
    def protocol(self):
        return protocol_of(self.journey.protocol_version)

    def missing(self) -> list[str]:
        """What is not ready yet."""
        return list(readiness_of(self.journey, now=self.now).missing)

    def lacking(self) -> list[str]:
        """What going home lacks."""
        return list(going_home(self.journey).missing)

    def window(self, step: str) -> list[str]:
        """From when until when a step is, on the patient's clock."""
        row = self.journey.steps.get(key=step)
        return [f"{one.astimezone(self.patient.tz):%m-%d %H:%M}" for one in (row.starts_at, row.ends_at)]
