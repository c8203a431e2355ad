"""How far a patient has come on the day of the procedure, with the time of each step."""

from dataclasses import dataclass
from datetime import datetime

from pathway.models import Journey, Milestone, MilestoneStatus, ProcedureDay

STAGES = (("Arrived", "arrived_at"), ("Admitted", "admitted_at"), ("Began", "started_at"), ("Ended", "ended_at"))


@dataclass(frozen=True, slots=True)
class DayTimes:
    """When (UTC) the procedure is or was, None while nobody booked it, and the steps of that day so far."""

    procedure_at: datetime | None
    stages: tuple[tuple[str, datetime], ...]


def day_times(journey: Journey) -> DayTimes:
    """The times of one journey; of its last day where there were several."""
    firm = Milestone.objects.filter(journey=journey).exclude(status=MilestoneStatus.EXPECTED)
    rows = {row.key: row for row in firm.filter(key__in=("procedure", "discharge"))}
    procedure, discharge = rows.get("procedure"), rows.get("discharge")
    day = ProcedureDay.objects.filter(journey=journey).order_by("date").last()
    stages = [(label, at) for label, name in STAGES if day is not None and (at := getattr(day, name)) is not None]
    if discharge is not None and discharge.status == MilestoneStatus.DONE:
        stages.append(("Went home", discharge.at))
    return DayTimes(procedure.at if procedure is not None else None, tuple(stages))
