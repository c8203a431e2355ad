"""Follow-up visits: what is to be done about each as a task, and what became of it."""

from datetime import datetime

from django.db import transaction

from pathway.actions.close_questions import close_moot_questions
from pathway.actions.journeys import NotBookable, set_milestone
from pathway.actions.replan import replan
from pathway.models import Journey, Milestone, MilestoneStatus
from pathway.queries.protocols import protocol_of
from pathway.states import JOURNEY_ENDED
from patients.models import Staff


@transaction.atomic
def miss_visit(*, journey: Journey, key: str, why: str, by: Staff | None, now: datetime) -> Journey:
    """Record that the patient did not come to a booked follow-up, and have it booked again inside its window.

    The journey comes no further by it. Raise `NotBookable` for a milestone that is no follow-up, was not booked, or
    whose time is still to come.
    """
    journey, visit = _locked(journey, key)
    if visit is None or visit.status != MilestoneStatus.BOOKED:
        raise NotBookable("This visit is not booked, so nobody can have missed it.")
    if visit.at > now:
        raise NotBookable("This visit is still to come: move it, or close it with the reason.")
    set_milestone(journey, key, visit.at, MilestoneStatus.MISSED, by, now, why)
    return _planned_anew(journey, by, now)


@transaction.atomic
def close_visit(*, journey: Journey, key: str, why: str, by: Staff | None, now: datetime) -> Journey:
    """Say that a follow-up is not going to be, and why; the last one to be settled completes the journey.

    What the patient was told of a time to come is taken back. Raise `NotBookable` for a milestone that is no follow-up
    or was kept, and without a reason.
    """
    if not why.strip():
        raise NotBookable("Say why this visit is not needed.")
    journey, visit = _locked(journey, key)
    if visit is not None and visit.status == MilestoneStatus.DONE:
        raise NotBookable("This visit has taken place already.")
    set_milestone(journey, key, now, MilestoneStatus.CLOSED, by, now, why.strip())
    return _planned_anew(journey, by, now)


def _locked(journey: Journey, key: str) -> tuple[Journey, Milestone | None]:
    """The journey, locked, and its visit. Raise `NotBookable` where there can be none."""
    row = Journey.objects.select_for_update(of=("self",), no_key=True).get(pk=journey.pk)
    if row.state in JOURNEY_ENDED:
        raise NotBookable(f"The journey has ended ({row.get_state_display().lower()}).")
    if protocol_of(row.protocol_version).kind_of(key) != "follow-up":
        raise NotBookable(f"“{key}” is no follow-up of this protocol.")
    return row, Milestone.objects.filter(journey=row, key=key).first()


def _planned_anew(journey: Journey, by: Staff | None, now: datetime) -> Journey:
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_moot_questions(journey=journey, now=now)
    return journey
