"""One emergency told twice, by text and on the page, is one task: as long as nobody has taken it, the news joins it."""

from dataclasses import dataclass

from django.db.models import Q

from pathway.models import WorkItem
from pathway.planner.spec import Level
from pathway.staff_words import CHECK_IN, DANGER, check_in_cause
from pathway.states import WORK_ITEM_UNDONE, WorkItemState

ALSO = " Also: "
"""Stands between what was said on the page and what was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """The task in which an alarm stands, with the words that it has so far; empty words for a new one."""

    cause: str
    why: str = ""
    say: str = ""

    def with_signs(self, why: str, *, lead: str) -> str:
        """The words with what was said on the page first, in place of what was said there before (after its `lead`)."""
        kept = [part for part in self.why.split(ALSO) if part and not part.startswith(lead)]
        return ALSO.join([why, *kept])

    def with_words(self, why: str) -> str:
        """The words with what was written last: its quote may be cut, and stands on the journey's page."""
        return ALSO.join(part for part in (self.why, why) if part)

    def saying(self, say: str) -> str:
        """What to say, the words of both where two alarms stand in one task."""
        return "\n".join([say, *(line for line in self.say.split("\n") if line not in say)])


def place_of_signs(*, journey_id: int, check_in: str, level: Level) -> Place:
    """Where the signs of a check-in go: its own task of that level, else that of a message which nobody has taken.

    Locks the task. Belongs in the transaction that opens it.
    """
    own = check_in_cause(check_in, level)
    written = Q(state=WorkItemState.OPEN, cause__startswith=f"{DANGER}{level}:")
    return _place(journey_id, Q(cause=own) | written, own)


def place_of_words(*, journey_id: int, name: str, level: Level) -> Place:
    """Where a message goes that names danger: the task of a check-in of that level which nobody has taken, and which
    holds no other message yet, so that none hides in another; else its own (`name`)."""
    answered = Q(state=WorkItemState.OPEN, cause__startswith=CHECK_IN, cause__endswith=f":{level}")
    return _place(journey_id, answered & ~Q(why__contains=ALSO), f"{DANGER}{level}:{name}")


def _place(journey_id: int, wanted: Q, own: str) -> Place:
    waiting = WorkItem.objects.select_for_update().filter(wanted, journey=journey_id, state__in=WORK_ITEM_UNDONE)
    found = {item.cause: item for item in waiting.order_by("pk")}
    item = found.get(own) or next(iter(found.values()), None)
    return Place(item.cause, item.why, item.say) if item is not None else Place(own)
