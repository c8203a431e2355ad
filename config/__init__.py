"""Settings, addresses and the process entry points: the top of the house."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
