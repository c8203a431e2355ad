"""Rows that a replan could not touch, because they were being sent, and that then came back unsent with old words."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery

from notifications.dispatcher.due import Due
from notifications.dispatcher.unfit import NOT_THE_ROWS_FAULT, note_unfit
from pathway.actions.replan import replan
from pathway.models import Journey, Reminder
from pathway.states import ReminderState


def plan_again(overtaken: Sequence[Due], *, now: datetime) -> frozenset[int]:
    """Plan the journeys of these rows anew; the ids of rows whose journey could not be planned.

    Every waiting row rises with its journey's version, so such a row has the plan before. It is moved, withdrawn, or
    turns out to be right and gets its journey's version; nothing of it is sent before.
    """
    failed: set[int] = set()
    rows_of: dict[int, list[int]] = defaultdict(list)
    for due in overtaken:
        rows_of[due.journey_id].append(due.pk)
    for journey_id, rows in rows_of.items():
        try:
            replan(Journey.objects.get(pk=journey_id), by=None, now=now)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception as error:
            # One journey that cannot be planned must not stop the others' messages; a person gets this one.
            note_unfit(min(rows), at="planned again", error=error)
            failed.update(rows)
    version = Journey.objects.filter(pk=OuterRef("journey_id")).values("plan_version")
    right = [due.pk for due in overtaken if due.pk not in failed]
    Reminder.objects.filter(id__in=right, state=ReminderState.PLANNED).update(plan_version=Subquery(version))
    return frozenset(failed)
