"""What came in on one journey, for its timeline: who wrote, and what it was taken for."""

from dataclasses import dataclass
from datetime import datetime

from notifications.models import Message, Recipient
from pathway.answers import MEANINGS
from pathway.models import Journey
from pathway.queries.timeline import Entry, Tone
from patients.models import Caregiver, ContactKind, Patient


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message was taken for, in words, and the tone of it."""

    words: str
    tone: Tone = ""


TAKEN: dict[str, Taken] = {
    "stop": Taken("Taken as: no more texts", "warn"),
    "start": Taken("Taken as: texts again", "live"),
    "help": Taken("Asked for help: answered", "live"),
    "danger": Taken("Words of danger: urgent task", "bad"),
    "answer": Taken("Answers no open question: task to read it", "warn"),
    "words": Taken("Task to read it", "warn"),
    "": Taken("Not understood", "warn"),
}
"""By `Message.meaning`; an answer's words are those of its meaning in `pathway.answers`."""


def incoming_messages(journey: Journey) -> list[tuple[Entry, str]]:
    """The messages that came in, by time, each as an entry of the timeline and the words that were written."""
    rows = Message.objects.filter(journey=journey, incoming=True).order_by("created_at", "id")
    caregiver = str(Caregiver.objects.filter(patient=journey.patient_id).first() or "Caregiver")
    return [(_entry(row, "Patient" if row.recipient == Recipient.PATIENT else caregiver), row.body) for row in rows]


def copies_stopped_at(patient: Patient, phone: str) -> datetime | None:
    """When (UTC) whoever has this number (E.164) asked for no more copies; None if never, or if wanted again since."""
    wrote = Message.objects.filter(
        journey__patient=patient, incoming=True, recipient=Recipient.CAREGIVER, address=phone,
        meaning__in=["stop", "start"],
    )  # fmt: skip
    last = wrote.order_by("-created_at", "-id").first()
    return last.created_at if last is not None and last.meaning == "stop" else None


def _entry(row: Message, who: str) -> Entry:
    taken = taken_for(row.meaning)
    did = {ContactKind.VOICE.value: f"pressed {row.body}", ContactKind.EMAIL.value: "used the link in an email"}
    return Entry(
        kind="message",
        key=f"message-{row.pk}",
        at=row.created_at,
        title=f"{who} {did.get(row.channel, 'wrote')}",
        state=taken.words,
        tone=taken.tone,
    )


def taken_for(meaning: str) -> Taken:
    """What a message was taken for, as staff read it."""
    answer = MEANINGS.get(meaning)
    if answer is not None:
        return Taken(f"Answer: {answer.said}", "good" if answer.acknowledges else "warn")
    return TAKEN.get(meaning, TAKEN[""])
