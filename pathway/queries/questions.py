"""Which questions wait for an answer, and which a second answer may still be about."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from pathway.models import Origin, Question, Reminder
from pathway.queries.protocols import protocol_of
from pathway.states import ReminderState


def open_questions(patient_ids: Iterable[int]) -> list[Question]:
    """What these patients were asked and have not answered, the newest first.

    Journey, patient, clinic and the reminder that asked are loaded.
    """
    return list(_loaded(patient_ids).filter(closed_at=None).order_by("-asked_at", "-id"))


def unrecorded_questions(patient_ids: Iterable[int]) -> list[Question]:
    """What reminders ask these patients whose sending has begun and is not recorded, the newest first: no rows yet.

    Somebody may answer a text before its worker has written down that the provider took it. Loaded as above.
    """
    rows = (
        Reminder.objects.filter(
            journey__patient__in=list(patient_ids), origin=Origin.PLAN, started_at__isnull=False, question=None,
            superseded_by=None, state__in=[ReminderState.CLAIMED, ReminderState.UNKNOWN],
        )
        .select_related("journey__clinic", "journey__patient__clinic", "journey__protocol_version")
        .defer("journey__protocol_version__source")
        .order_by("-started_at", "-pk")
    )  # fmt: skip
    found = []
    for row in rows:
        spec = protocol_of(row.journey.protocol_version).reminder(row.base_key)
        if spec is not None and spec.answers and row.text in spec.asked_in and row.started_at is not None:
            found.append(Question(journey=row.journey, reminder=row, answers=spec.answers, asked_at=row.started_at))
    return found


def answered_questions(patient_ids: Iterable[int], *, since: datetime) -> list[Question]:
    """What these patients answered at or after `since` (UTC), the last answered first, loaded as above.

    Somebody who answers C and then R means the same question, though it is closed.
    """
    return list(_loaded(patient_ids).filter(answered_at__gte=since).order_by("-answered_at", "-id"))


def next_follow_up_at() -> datetime | None:
    """When (UTC) the next question is to be asked once more or told to a nurse; None when none is."""
    still_open = Question.objects.filter(closed_at=None, told_at=None)
    ask = still_open.filter(asked_again_at=None, ask_again_at__isnull=False).order_by("ask_again_at")
    tell = still_open.filter(tell_at__isnull=False).order_by("tell_at")
    found = [
        ask.values_list("ask_again_at", flat=True).first(),
        tell.values_list("tell_at", flat=True).first(),
    ]
    return min((at for at in found if at is not None), default=None)


def _loaded(patient_ids: Iterable[int]) -> QuerySet[Question]:
    return (
        Question.objects.filter(journey__patient__in=list(patient_ids))
        .select_related("journey__clinic", "journey__patient__clinic", "journey__protocol_version", "reminder")
        .defer("journey__protocol_version__source")
    )
