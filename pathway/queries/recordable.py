"""Which milestones of a journey can be recorded: somebody has to say that they happened."""

from datetime import datetime

from pathway.models import Journey, MilestoneStatus
from pathway.queries.protocols import protocol_of
from pathway.queries.timeline import expected_visits, known_milestones, milestone_titles
from pathway.states import JOURNEY_ENDED


def recordable_milestones(journey: Journey, *, now: datetime) -> list[tuple[str, str]]:
    """Key and title of each milestone that is booked or expected for today, on the clinic's clock, or for earlier.

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
    due = {key: at for key, at in times.items() if at.astimezone(journey.clinic.tz).date() <= today}
    if protocol.day.discharge is not None:
        due.pop("discharge", None)
    titles = milestone_titles(protocol)
    return [(key, titles.get(key, key)) for key in sorted(due, key=lambda key: due[key])]
