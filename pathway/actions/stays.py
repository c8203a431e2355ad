"""A patient who does not go home as planned: stays overnight, or goes to another hospital."""

from datetime import datetime, time

from django.db import transaction

from pathway.actions.day_tasks import IN_HOSPITAL, close_overtaken, stamp
from pathway.actions.procedure_day import NotNow, enter, lock_journey, write_event
from pathway.actions.replan import replan
from pathway.actions.work_items import open_item
from pathway.models import Journey, Milestone, Priority
from pathway.planner.clock import DAY, instant_at
from pathway.states import JOURNEY_IN_HOSPITAL, JourneyState
from patients.models import Caregiver, Staff

ASK_AT = time(9)
"""When somebody asks the next morning how the patient is (wall time of the clinic) (D)."""


@transaction.atomic
def stay_in_hospital(
    *, journey: Journey, state: JourneyState, why: str, by: Staff, now: datetime, where: str = ""
) -> Journey:
    """Record an unplanned night (`STAYING`) or transfer (`TRANSFERRED`, `where` to), and plan again.

    Nothing that is meant for home goes out until the real discharge is recorded, from which it is then counted. Held
    medicines are a matter for the ward and the prescriber. Somebody has the task to stay in touch until then. Raise
    `NotNow` without a reason, and for a transfer without its place.
    """
    if state not in JOURNEY_IN_HOSPITAL:
        raise NotNow("Choose whether the patient stays here or goes to another hospital.")
    if not why.strip():
        raise NotNow("Say why the patient does not go home.")
    if state is JourneyState.TRANSFERRED and not where.strip():
        raise NotNow("Say to which hospital.")
    journey = lock_journey(journey)
    enter(journey, state)
    told = f"{where.strip()}: {why.strip()}" if where.strip() else why.strip()
    write_event(journey, state.value, by, now, told)
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_overtaken(journey=journey, now=now)
    _stay_in_touch(journey, state, told, now)
    return journey


def _stay_in_touch(journey: Journey, state: JourneyState, told: str, now: datetime) -> None:
    """One task until the patient is home: the family now, the ward tomorrow, the discharge when it comes."""
    procedure = Milestone.objects.get(journey=journey, key="procedure")
    zone = journey.clinic.tz
    what = "Stays overnight" if state is JourneyState.STAYING else "Transferred"
    caregiver = Caregiver.objects.filter(patient=journey.patient).first()
    family = journey.escort or (caregiver.name if caregiver else "")
    open_item(
        journey=journey,
        kind="in-hospital",
        cause=f"{IN_HOSPITAL}{stamp(procedure.at)}",
        why=f"{what}. {told}. Tell {family or 'the family'} now. Ask each morning, settle the held medicines with the "
        "prescriber, and record when the patient goes home.",
        say="The patient does not go home today. We will call when we know more.",
        due_at=instant_at(now.astimezone(zone).date() + DAY, ASK_AT, zone),
        now=now,
        priority=Priority.SOON,
    )
