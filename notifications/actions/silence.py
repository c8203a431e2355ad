"""What to do about a question that nobody has answered: decided from facts that are loaded, nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pathway.actions.close_questions import has_happened
from pathway.actions.questions import question_times
from pathway.models import Question
from pathway.planner import ReminderSpec
from pathway.queries.protocols import protocol_of
from pathway.states import JOURNEY_ENDED, REMINDER_PENDING, REMINDER_TOLD, ReminderState
from patients.models import ContactPoint


class Next(Enum):
    """What happens to a question whose time has come."""

    CLOSE = "nothing is left to ask"
    WAIT = "its text is being sent another way"
    ASK = "asked once more"
    TELL = "a nurse is told"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next, and why, as staff read it."""

    question: Question
    what: Next
    why: str = ""


def next_step(question: Question, *, now: datetime, kinds: frozenset[str]) -> Step:
    """What to do about an open question at `now`. `kinds` are the kinds of contact that a channel exists for."""
    reminder = question.reminder
    correction = reminder.superseded_by
    if question.journey.state in JOURNEY_ENDED or has_happened(question, question.journey):
        return Step(question, Next.CLOSE)
    if correction is not None and correction.state not in (*REMINDER_PENDING, ReminderState.WITHDRAWN):
        return Step(question, Next.CLOSE)
    if reminder.state in REMINDER_PENDING or (correction is not None and correction.state in REMINDER_PENDING):
        return Step(question, Next.WAIT)
    if reminder.state not in REMINDER_TOLD:
        return Step(question, Next.CLOSE)  # it never arrived, and a person has the call in its place
    if reminder.sent_at is not None and reminder.sent_at > question.asked_at:
        _count_anew(question, reminder.sent_at)
    if question.tell_at is not None and question.tell_at <= now:
        return Step(question, Next.TELL)
    if question.asked_again_at is not None or question.ask_again_at is None or question.ask_again_at > now:
        return Step(question, Next.WAIT)
    obstacle = _why_not_asked_again(question, now=now, kinds=kinds)
    return Step(question, Next.TELL, obstacle) if obstacle else Step(question, Next.ASK)


def _why_not_asked_again(question: Question, *, now: datetime, kinds: frozenset[str]) -> str:
    """Why no text can ask once more; empty when one can."""
    patient, reminder = question.journey.patient, question.reminder
    if now >= reminder.useful_until:
        return "It is of no use any more."
    if patient.stopped_at is not None:
        return "The patient stopped the messages."
    if not any(
        one.given_at <= now and (one.revoked_at is None or one.revoked_at > now) for one in patient.consents.all()
    ):
        return "The patient has not agreed to messages."
    used = {(message.channel, message.address) for message in reminder.told}  # type: ignore[attr-defined]
    if not other_contacts(patient.ranked_contacts, used=used, kinds=kinds):  # type: ignore[attr-defined]
        return "No other way to ask is left."
    return ""


def other_contacts(
    ranked: Iterable[ContactPoint], *, used: set[tuple[str, str]], kinds: frozenset[str]
) -> list[ContactPoint]:
    """Contacts on which a question can be asked once more, best first: usable, and none that it was asked on.

    `used` are channel and address of every message that asked it; `ranked` are the patient's contacts by rank.
    """
    return [
        contact
        for contact in ranked
        if contact.kind in kinds
        and contact.opted_out_at is None
        and contact.undeliverable_at is None
        and (contact.kind, contact.address) not in used
    ]


def _count_anew(question: Question, sent_at: datetime) -> None:
    """Its text went out once more, since the first try did not arrive: the silence begins then."""
    until, zone = question.reminder.useful_until, question.journey.patient.tz
    times = question_times(spec_of(question), sent_at=sent_at, useful_until=until, zone=zone)
    question.asked_at = sent_at
    question.ask_again_at, question.tell_at = times["ask_again_at"], times["tell_at"]


def spec_of(question: Question) -> ReminderSpec:
    """What the protocol says about the reminder that asked; a question comes from such a spec."""
    spec = protocol_of(question.journey.protocol_version).reminder(question.reminder.base_key)
    if spec is None:
        raise LookupError(f"the protocol has no reminder {question.reminder.base_key!r}")
    return spec
