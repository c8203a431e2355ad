"""Celery entry points of the pathway."""

from celery import shared_task
from django.utils import timezone

from pathway.actions.day_tasks import watch_procedure_days
from pathway.actions.sweep import sweep as sweep_journeys


@shared_task(name="pathway.sweep")
def sweep() -> int:
    """Plan every journey under way again, as a net under every other cause; the number that changed."""
    return sweep_journeys(now=timezone.now())


@shared_task(name="pathway.watch_procedure_days", ignore_result=True)
def watch_days() -> None:
    """Ask after the patients of the day who did not come or of whom nothing was recorded: an hour would be too late."""
    watch_procedure_days(now=timezone.now())
