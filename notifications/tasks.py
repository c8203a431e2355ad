"""Celery's way in. A task only wakes the dispatcher: the database holds every due time."""

import logging
from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from notifications.dispatcher import drain

logger = logging.getLogger(__name__)


@shared_task(name="notifications.dispatch_due", ignore_result=True)
def dispatch_due() -> dict[str, int]:
    """Send what is due; the counts, none when it broke off. Two at once share the rows out; a lost one only delays."""
    try:
        return asdict(drain(clock=timezone.now))
    except Exception as error:
        # The next tick tries again. Celery would log the exception's words, which could hold the patient's.
        logger.error("sending broke off, and is tried again at the next tick: %s", type(error).__name__)
        return {}
