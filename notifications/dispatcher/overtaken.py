"""Rows that a replan could not touch, because they were being sent, and that then came back unsent with old words."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery

from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from pathway.actions.replan import replan
from pathway.models import Journey, Reminder


def is_overtaken(reminder: Reminder) -> bool:
    """Whether its journey was planned anew since this row was: every waiting row rises with its journey's version."""
    return reminder.plan_version < reminder.journey.plan_version


def plan_again(overtaken: Sequence[Reminder], *, now: datetime) -> set[int]:
    """Plan the journeys of these rows anew; the ids of rows whose journey could not be planned.

    A row that is moved or withdrawn loses its claim; one that turns out to be right gets its journey's version. Either
    way it is not sent under this claim.
    """
    failed: set[int] = set()
    for journey in {row.journey_id: row.journey for row in overtaken}.values():
        try:
            replan(journey, by=None, now=now)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception as error:
            # One journey that cannot be planned must not stop the others' messages; a person gets this one.
            of_this = {row.pk for row in overtaken if row.journey_id == journey.pk}
            note_unfit(min(of_this), at="planned again", error=error)
            failed |= of_this
    version = Journey.objects.filter(pk=OuterRef("journey_id")).values("plan_version")
    Reminder.objects.filter(
        id__in=[row.pk for row in overtaken if row.pk not in failed], state__in=["planned", "claimed"], started_at=None
    ).update(plan_version=Subquery(version))
    return failed
