"""The Celery application. Its beat only wakes the dispatcher: the database holds every due time."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.checks import refuse_unsafe_production

app = Celery("milepost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def stop_unless_safe(**named: Any) -> None:
    """Refuse to start in production without its secrets. `SystemExit`, since Celery only logs other exceptions here."""
    try:
        refuse_unsafe_production()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
