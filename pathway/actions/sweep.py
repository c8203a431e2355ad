"""The net: every journey under way planned again, put-off items woken, and spent questions closed."""

import logging
from datetime import datetime

from pathway.actions.check_in_rows import tell_silent_check_ins
from pathway.actions.close_questions import close_spent_questions
from pathway.actions.day_tasks import watch_procedure_days
from pathway.actions.replan import replan
from pathway.actions.work_items import wake_snoozed
from pathway.models import Journey
from pathway.states import JOURNEY_ENDED

log = logging.getLogger(__name__)


def sweep(*, now: datetime) -> int:
    """Plan every journey that has not ended again; the number that changed. One that fails does not stop the others."""
    wake_snoozed(now=now)
    watch_procedure_days(now=now)
    close_spent_questions(now=now)
    tell_silent_check_ins(now=now)
    changed = 0
    for journey in Journey.objects.exclude(state__in=JOURNEY_ENDED).iterator(chunk_size=500):
        try:
            changed += bool(replan(journey, by=None, now=now))
        except Exception:
            log.exception("journey %s could not be planned", journey.pk)
    return changed
