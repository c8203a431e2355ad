"""Celery's way in. A task only wakes the dispatcher: the database holds every due time."""

from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from notifications.dispatcher import drain


@shared_task(name="notifications.dispatch_due", ignore_result=True)
def dispatch_due() -> dict[str, int]:
    """Send what is due. Two of these at once share the rows out; a lost one only delays."""
    return asdict(drain(clock=timezone.now))
