"""Changes of reminder rows that others may be changing too: allowed by the state table, applied conditionally."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from pathway.models import Reminder
from pathway.states import ReminderState, check_transition

Values = dict[str, object]
"""Field names of `Reminder` to their new values."""


def becoming(before: ReminderState, after: ReminderState, **values: object) -> Values:
    """The values that take a row from one state to the next and end its claim; `TransitionError` where not allowed."""
    check_transition(before, after)
    return {"state": after.value, "claim_token": None, "claimed_until": None, **values}


def planned_again(before: ReminderState, **values: object) -> Values:
    """The values that put a row back in the queue as if its sending had never started; a replan may move it again."""
    return becoming(before, ReminderState.PLANNED, started_at=None, **values)


def lock_ours(reminder_ids: Iterable[int], *, token: UUID, state: ReminderState) -> dict[int, int]:
    """Lock those of the rows that are still ours, in the order of their ids; `{id: plan_version}`.

    Everyone who locks several reminders does it in that order, so nobody waits in a circle.
    """
    rows = Reminder.objects.select_for_update().filter(id__in=list(reminder_ids), claim_token=token, state=state)
    return dict(rows.order_by("id").values_list("id", "plan_version"))


def apply_changes(changes: Mapping[int, Values], *, token: UUID, state: ReminderState) -> None:
    """Write each row's values where it is still ours: one statement for all rows that get the same values."""
    alike: dict[frozenset[tuple[str, object]], list[int]] = defaultdict(list)
    for reminder_id, values in changes.items():
        alike[frozenset(values.items())].append(reminder_id)
    for values_of_all, reminder_ids in alike.items():
        Reminder.objects.filter(id__in=reminder_ids, claim_token=token, state=state).update(**dict(values_of_all))
