"""How findings name the tables of a protocol, and which milestones it has."""

from collections.abc import Iterator

from pathway.planner.spec import MilestoneSpec, Protocol, ReminderSpec, StepSpec


def milestone_keys(protocol: Protocol) -> tuple[str, ...]:
    """The keys of the milestones, in the order of the file."""
    return tuple(one.key for one in protocol.milestones if one.key)


def milestone_table(index: int, milestone: MilestoneSpec) -> str:
    """How findings name a milestone."""
    return f'milestones[{index}] "{milestone.key}"'


def step_table(index: int, step: StepSpec) -> str:
    """How findings name a step."""
    return f'steps[{index}] "{step.key}"'


def reminder_table(step: str, index: int, spec: ReminderSpec) -> str:
    """How findings name a reminder."""
    return f'{step} reminders[{index}] "{spec.key.partition("/")[2]}"'


def steps_of(protocol: Protocol) -> Iterator[tuple[str, StepSpec]]:
    """The steps, each with how findings name it."""
    for index, step in enumerate(protocol.steps):
        yield step_table(index, step), step
