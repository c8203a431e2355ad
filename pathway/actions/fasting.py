"""What was last eaten and drunk, written down: the plan says at once whether the procedure's time is safe with it."""

from datetime import datetime

from django.db import transaction

from pathway.actions.day_tasks import long_fasts
from pathway.actions.replan import replan
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Food, Journey, JourneyEvent, LastIntake, Milestone, MilestoneStatus, Priority, SaidBy
from pathway.queries.fasting import fast_from
from patients.models import Staff

UNKNOWN = "last-meal-unknown"


class NotAnIntake(ValueError):
    """A last meal that cannot have been; `str()` says why."""


@transaction.atomic
def attest_intake(
    *,
    journey: Journey,
    ate_at: datetime | None,
    food: Food | None,
    drank_at: datetime | None,
    said_by: SaidBy,
    by: Staff | None,
    now: datetime,
) -> LastIntake:
    """Write down when the patient last ate and drank (UTC; None for not known), and plan again.

    Where the booked time is not safe with it, or something is not known, a nurse has a task: nothing is cancelled by
    itself, and nobody is told to eat. Raise `NotAnIntake` for a time to come, or food without its kind.
    """
    if any(at is not None and at > now for at in (ate_at, drank_at)):
        raise NotAnIntake("This is still to come: enter when it was.")
    if (ate_at is None) != (food is None):
        raise NotAnIntake("Say when the patient last ate and what kind of food, or neither.")
    journey = Journey.objects.select_for_update(no_key=True).select_related("clinic").get(pk=journey.pk)
    row = LastIntake.objects.create(
        journey=journey, said_at=now, said_by=said_by, recorded_by=by, ate_at=ate_at, food=food or "",
        drank_at=drank_at,
    )  # fmt: skip
    procedure = Milestone.objects.filter(journey=journey, key="procedure", status=MilestoneStatus.BOOKED).first()
    at = procedure.at if procedure is not None else None
    words = fast_from(journey, row, procedure_at=at).words
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind="last-meal", why=words[:300], detail={"intake": row.pk},
        plan_version=journey.plan_version,
    )  # fmt: skip
    replan(journey, by=by, now=now)
    _tell_unknown(journey, row, now)
    if at is not None:
        open_items(long_fasts(journey, at, now), now=now)
    return row


def _tell_unknown(journey: Journey, row: LastIntake, now: datetime) -> None:
    """A nurse asks again for what nobody knew, until somebody does."""
    if row.as_planned.is_known:
        close_items(journey=journey, causes=[UNKNOWN], outcome="It is known now.", now=now, by=None)
        return
    missing = " and ".join(
        what for what, at in (("the last meal", row.ate_at), ("the last drink", row.drank_at)) if at is None
    )
    open_items(
        [
            NewItem(
                journey=journey,
                kind="ask-last-meal",
                cause=UNKNOWN,
                why=f"Ask again about {missing}: the time is not known, so no start can be called safe.",
                say="Nothing to eat or drink until the doctor here decides.",
                due_at=now,
                priority=Priority.URGENT,
            )
        ],
        now=now,
    )
