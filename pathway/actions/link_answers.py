"""Opening a patient's page: the birth date is asked, and guessing is slow."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction

from pathway.actions.work_items import open_item
from pathway.models import PatientLink, Priority

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
CALL_WITHIN = timedelta(hours=4)


class Answer(StrEnum):
    """What became of one answer."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@transaction.atomic
def answer_birth_date(*, link: PatientLink, answer: date, now: datetime) -> Answer:
    """Check one answer. The fifth wrong one in a row locks the link for 15 minutes and asks the clinic to look.

    The row is locked while it is checked, so that many guesses at once count as many.
    """
    row = PatientLink.objects.select_for_update(of=("self",)).select_related("journey__patient").get(pk=link.pk)
    if row.locked_until is not None and row.locked_until > now:
        return Answer.LOCKED
    if answer == row.journey.patient.birth_date:
        PatientLink.objects.filter(pk=row.pk).update(wrong_answers=0, locked_until=None)
        return Answer.RIGHT
    if row.wrong_answers + 1 < TRIES:
        PatientLink.objects.filter(pk=row.pk).update(wrong_answers=row.wrong_answers + 1)
        return Answer.WRONG
    PatientLink.objects.filter(pk=row.pk).update(wrong_answers=0, locked_until=now + LOCKED_FOR)
    open_item(
        journey=row.journey,
        kind="link-locked",
        cause=f"link-locked/{row.pk}",
        why="Five wrong birth dates on the patient's page: it is locked for 15 minutes",
        say="Ask whether the patient tried to open the page. If not, send a new link.",
        due_at=now + CALL_WITHIN,
        now=now,
        priority=Priority.ROUTINE,
    )
    return Answer.LOCKED
