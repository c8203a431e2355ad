"""Questions that need no answer any more: the journey has ended, it has happened, or the text is of no use."""

from datetime import datetime

from django.db.models import Q

from pathway.actions.questions import no_answer_cause, task_cause
from pathway.actions.work_items import close_items
from pathway.answers import CHANGE, NO_RIDE
from pathway.models import OVER, Journey, Question
from pathway.queries.protocols import protocol_of
from pathway.states import JOURNEY_ENDED, JourneyState

MOOT_WITH_IT = tuple(meaning.task for meaning in (CHANGE, NO_RIDE) if meaning.task is not None)
"""Tasks of answers that end with what they are about. Whoever has a question or feels worse is called all the same."""


def close_moot_questions(*, journey: Journey, now: datetime) -> None:
    """Close the questions of an ended journey, or those about what has happened since, and the tasks about them.

    Belongs behind the `replan` of the same transaction, which has locked the journey's reminders: they come first.
    """
    ended = JourneyState(journey.state) in JOURNEY_ENDED
    rows = Question.objects.filter(journey=journey).select_related("reminder").order_by("id")
    moot = [row for row in rows if ended or has_happened(row, journey)]
    Question.objects.filter(pk__in=[row.pk for row in moot], closed_at=None).update(closed_at=now)
    causes = [
        cause for row in moot for cause in (no_answer_cause(row), *(task_cause(row, one) for one in MOOT_WITH_IT))
    ]
    outcome = "The journey has ended: no longer needed." if ended else "It has happened: no longer needed."
    if causes:
        close_items(journey=journey, causes=causes, outcome=outcome, now=now, by=None)


def has_happened(question: Question, journey: Journey) -> bool:
    """Whether the milestone that the text is about is recorded as done, or missed, after it was asked about."""
    spec = protocol_of(journey.protocol_version).reminder(question.reminder.base_key)
    done = {one.key: one.at for one in journey.milestones.all() if one.status in OVER}
    return spec is not None and spec.about in done and done[spec.about] > question.asked_at


def close_spent_questions(*, now: datetime) -> int:
    """Close what is of no use any more and is nobody's to follow up: a nurse has been told, or nobody was to be."""
    followed_up = Q(told_at__isnull=False) | Q(tell_at=None)
    spent = Question.objects.filter(followed_up, closed_at=None, reminder__useful_until__lte=now)
    return Question.objects.filter(pk__in=list(spent.values_list("id", flat=True)), closed_at=None).update(
        closed_at=now
    )
