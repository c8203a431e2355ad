"""Celery entry points of the pathway."""

from celery import shared_task
from django.utils import timezone

from pathway.actions.sweep import sweep as sweep_journeys


@shared_task(name="pathway.sweep")
def sweep() -> int:
    """Plan every journey under way again, as a net under every other cause; the number that changed."""
    return sweep_journeys(now=timezone.now())
