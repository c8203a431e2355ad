"""Which milestones of a journey can be recorded: somebody has to say that they happened."""

from dataclasses import dataclass
from datetime import datetime

from pathway.models import Journey, MilestoneStatus
from pathway.queries.protocols import protocol_of
from pathway.queries.timeline import expected_visits, known_milestones, milestone_titles
from pathway.states import JOURNEY_ENDED


@dataclass(frozen=True, slots=True)
class Recordable:
    """One milestone that somebody can say has happened; `is_today`: it was to be on this day of the clinic."""

    key: str
    title: str
    is_today: bool


def recordable_milestones(journey: Journey, *, now: datetime) -> list[Recordable]:
    """Each milestone that is booked or expected for today, on the clinic's clock, or for earlier.

    By time. None of a journey that has ended. Where the protocol has a checklist for going home, the discharge is
    recorded with it, on the page of the procedure's day.
    """
    if journey.state in JOURNEY_ENDED:
        return []
    protocol = protocol_of(journey.protocol_version)
    known = known_milestones(journey)
    times = {key: row.at for key, row in known.items() if row.status == MilestoneStatus.BOOKED}
    times |= expected_visits(journey, protocol, known)
    today = now.astimezone(journey.clinic.tz).date()
    days = {key: at.astimezone(journey.clinic.tz).date() for key, at in times.items()}
    due = {key: at for key, at in times.items() if days[key] <= today}
    if protocol.day.discharge is not None:
        due.pop("discharge", None)
    titles = milestone_titles(protocol)
    return [Recordable(key, titles.get(key, key), days[key] == today) for key in sorted(due, key=lambda key: due[key])]
