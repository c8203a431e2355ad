"""The state tables are complete, and say no in words."""

import pytest

from pathway.states import (
    TRANSITIONS,
    HoldState,
    JourneyState,
    ReminderState,
    TransitionError,
    WorkItemState,
    check_transition,
)


@pytest.mark.parametrize("kind", TRANSITIONS)
def test_every_state_has_its_row_and_leads_only_to_states_of_its_kind(kind):
    table = TRANSITIONS[kind]
    assert set(table) == set(kind)
    assert all(after in kind for row in table.values() for after in row)


@pytest.mark.parametrize("kind", TRANSITIONS)
def test_every_state_can_be_reached(kind):
    reached, first = {next(iter(kind))}, next(iter(kind))
    frontier = [first]
    while frontier:
        for after in TRANSITIONS[kind][frontier.pop()]:
            if after not in reached:
                reached.add(after)
                frontier.append(after)
    assert reached == set(kind)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ReminderState.DELIVERED, ReminderState.PLANNED),
        (ReminderState.WITHDRAWN, ReminderState.SENT),
        (ReminderState.MISSED, ReminderState.SENT),
        (ReminderState.DELIVERED, ReminderState.SENT),  # a status never steps back
        (HoldState.DRAFTED, HoldState.RELEASED),  # never past the signature
        (JourneyState.DISCHARGED, JourneyState.CANCELLED),
        (WorkItemState.RESOLVED, WorkItemState.OPEN),
    ],
)
def test_what_must_never_happen_is_not_in_the_tables(before, after):
    with pytest.raises(TransitionError, match=f"{before} cannot become {after}"):
        check_transition(before, after)


def test_states_of_two_kinds_do_not_mix():
    with pytest.raises(TransitionError, match="not states of one kind"):
        check_transition(JourneyState.CANCELLED, HoldState.DECLINED)
