"""Which questions wait for an answer, and which a second answer may still be about."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from pathway.models import Question


def open_questions(patient_ids: Iterable[int]) -> list[Question]:
    """What these patients were asked and have not answered, the newest first.

    Journey, patient, clinic and the reminder that asked are loaded.
    """
    return list(_loaded(patient_ids).filter(closed_at=None).order_by("-asked_at", "-id"))


def answered_questions(patient_ids: Iterable[int], *, since: datetime) -> list[Question]:
    """What these patients answered at or after `since` (UTC), the last answered first, loaded as above.

    Somebody who answers C and then R means the same question, though it is closed.
    """
    return list(_loaded(patient_ids).filter(answered_at__gte=since).order_by("-answered_at", "-id"))


def _loaded(patient_ids: Iterable[int]) -> QuerySet[Question]:
    return (
        Question.objects.filter(journey__patient__in=list(patient_ids))
        .select_related("journey__clinic", "journey__patient__clinic", "journey__protocol_version", "reminder")
        .defer("journey__protocol_version__source")
    )
