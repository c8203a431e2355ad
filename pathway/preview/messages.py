"""The messages of a plan as the patient would read them, with a sample clinic's name, phone and link."""

from dataclasses import dataclass

from pathway.planner import PlannedReminder, Protocol
from pathway.protocol_check import SAMPLE_CLINIC
from pathway.reading import grade
from pathway.wording import Segments, fill, segments, spoken


@dataclass(frozen=True, slots=True)
class Message:
    """One planned message in words. The grade is that of the words alone, whatever the clinic is called."""

    reminder: PlannedReminder
    language: str
    text: str
    segments: Segments
    grade: float


def message_of(protocol: Protocol, reminder: PlannedReminder, language: str) -> Message:
    """The message in that language."""
    template = protocol.texts[reminder.text][language]
    text = fill(template, {**SAMPLE_CLINIC, **spoken(reminder.says, language)})
    return Message(reminder, language, text, segments(text), grade(template, language))
