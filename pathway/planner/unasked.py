"""What a correction tells anew and does not ask anew: somebody has to ask."""

from collections.abc import Mapping

from pathway.planner.corrections import UNBOOKED
from pathway.planner.facts import Plan, PlannedReminder, Says, Told
from pathway.planner.spec import Protocol


def left_unasked(protocol: Protocol, told: Mapping[str, Told], wanted: Plan) -> tuple[PlannedReminder, ...]:
    """Reminders of a plan that the patient was asked about for another day, and has only been told of for this one.

    So it is when one correction speaks for several: its words are those of the message that matters most, and leave out
    what the others asked. An answer about the day before says nothing of the new one. Left out is what a text of its
    own is still to ask, what has happened, and what its own correction would not ask again either.
    """
    last = {key: (one.text, one.says) for key, one in told.items()}
    for correction in wanted.reminders:
        if correction.corrects:
            last |= {key: (correction.text, says) for key, says in correction.covers.items()}
    return tuple(
        reminder
        for reminder in wanted.reminders
        if reminder.key in last
        and not reminder.corrects
        and (reminder.told or reminder.late is not None)
        and UNBOOKED not in reminder.says
        and _is_unasked(protocol, wanted, reminder, *last[reminder.key])
    )


def _is_unasked(protocol: Protocol, wanted: Plan, reminder: PlannedReminder, text: str, says: Says) -> bool:
    """Whether what is right was told in words that ask nothing, though its own correction asks."""
    spec = protocol.reminder(reminder.key)
    if spec is None or not spec.answers or spec.correction not in spec.asked_in:
        return False
    about = wanted.milestones.get(spec.about)
    has_happened = about is not None and about.done
    return not has_happened and says == reminder.says and text not in spec.asked_in
