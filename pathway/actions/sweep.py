"""The net: every journey under way planned again, put-off items woken, and spent questions closed."""

import logging
from datetime import datetime, timedelta

from pathway.actions.check_in_rows import tell_silent_check_ins
from pathway.actions.close_questions import close_spent_questions
from pathway.actions.replan import replan
from pathway.actions.work_items import NewItem, open_items, wake_snoozed
from pathway.models import Journey, Milestone, MilestoneStatus, Priority
from pathway.states import JOURNEY_ENDED, JourneyState

log = logging.getLogger(__name__)

RECORD_WITHIN = timedelta(hours=2)
"""How long after its time a procedure should have been recorded, moved or cancelled."""


def sweep(*, now: datetime) -> int:
    """Plan every journey that has not ended again; the number that changed. One that fails does not stop the others."""
    wake_snoozed(now=now)
    ask_what_happened(now=now)
    close_spent_questions(now=now)
    tell_silent_check_ins(now=now)
    changed = 0
    for journey in Journey.objects.exclude(state__in=JOURNEY_ENDED).iterator(chunk_size=500):
        try:
            changed += bool(replan(journey, by=None, now=now))
        except Exception:
            log.exception("journey %s could not be planned", journey.pk)
    return changed


def ask_what_happened(*, now: datetime) -> None:
    """A task for each procedure whose time is over and of which nobody recorded anything.

    The texts for going home and the day after go out at the expected time all the same: without them a patient who was
    treated would have no word. Somebody has to say whether it took place.
    """
    silent = Milestone.objects.filter(
        key="procedure",
        status=MilestoneStatus.BOOKED,
        at__lte=now - RECORD_WITHIN,
        journey__state=JourneyState.SCHEDULED,
    ).select_related("journey")
    open_items(
        [
            NewItem(
                journey=milestone.journey,
                kind="record-procedure",
                cause=f"record:procedure:{milestone.at:%Y%m%dT%H%MZ}",
                why="Did the procedure take place? Record it, move it or cancel it: texts for after it are going out.",
                due_at=milestone.at + 2 * RECORD_WITHIN,
                priority=Priority.SOON,
            )
            for milestone in silent
        ],
        now=now,
    )
