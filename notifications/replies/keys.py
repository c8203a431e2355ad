"""Keys pressed in a call: each stands for what the call said it does, and for nothing else."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from notifications.models import Message, MessageState, Recipient
from notifications.replies.receipts import apply_receipt
from pathway.actions.calls import CALL_WITHIN
from pathway.actions.questions import answer_question
from pathway.actions.work_items import open_item
from pathway.answers import ANSWER_SETS, HAS_QUESTION, WORSE, Meaning
from pathway.call_keys import call_keys
from pathway.models import Priority, Question
from pathway.queries.protocols import protocol_of
from pathway.staff_words import step_title
from patients.models import ContactKind


class Heard(Enum):
    """What a key was taken for."""

    UNDERSTOOD = "understood"
    QUESTION = "question"
    CALL = "call"
    WORSE = "worse"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was pressed: the question that the call put, if one waits, and what the key says in it.

    `meaning` is None for a key that the call did not offer, and for "I understand" where nothing was asked.
    """

    digits: str
    heard: Heard
    question: Question | None = None
    choice: str = ""
    meaning: Meaning | None = None


def press_key(*, message_id: UUID, digits: str, call: str, now: datetime) -> tuple[Heard, str]:
    """Take a key (`digits`, empty when none was pressed) that answers our call; what it was taken for, and a language.

    `call` is the provider's name for the call. The same key of the same call counts once. A key proves that somebody
    took the call. A caregiver's key is kept and never counts as the patient's answer.
    """
    calls = Message.objects.filter(incoming=False, channel=ContactKind.VOICE, reminder__isnull=False)
    calls = calls.select_related("reminder", "journey__patient__clinic", "journey__protocol_version")
    asked = calls.filter(pk=message_id).first()
    if asked is None:
        return Heard.NOTHING, ""
    if not digits:
        return Heard.NOTHING, asked.language
    apply_receipt(message_id=message_id, status="answered", code="", reference=call, now=now)
    key = key_of(asked, digits)
    try:
        with transaction.atomic():
            act_on(asked, key, call=call, now=now)
    except IntegrityError:
        if not Message.objects.filter(incoming=True, provider_reference=reference_of(call, digits)).exists():
            raise
    return key.heard, asked.language


def key_of(asked: Message, digits: str) -> Key:
    """What a key says in this call, just as the call spoke it."""
    question = question_of(asked) if asked.recipient == Recipient.PATIENT else None
    answers = question.answers if question is not None else answers_spoken(asked)
    offered = next((key for key in call_keys(answers) if key.digit == digits), None)
    if offered is None:
        return Key(digits, Heard.NOTHING)
    if not offered.choice:
        return Key(digits, Heard.UNDERSTOOD)
    meaning = ANSWER_SETS[answers].meaning(offered.choice) if answers else HAS_QUESTION
    heard = {HAS_QUESTION.slug: Heard.QUESTION, WORSE.slug: Heard.WORSE}.get(meaning.slug)
    heard = heard or (Heard.CALL if meaning.task is not None else Heard.UNDERSTOOD)
    return Key(digits, heard, question, offered.choice, meaning)


def answers_spoken(asked: Message) -> str:
    """The set of answers that a call asked for; empty where it asked nothing, as every copy."""
    reminder = asked.reminder
    if reminder is None or asked.recipient != Recipient.PATIENT:
        return ""
    spec = protocol_of(asked.journey.protocol_version).reminder(reminder.base_key)
    return spec.answers if spec is not None and reminder.text in spec.asked_in else ""


def act_on(asked: Message, key: Key, *, call: str, now: datetime) -> None:
    """Keep the key in the conversation, and settle the question that the call put.

    Without a question that waits, a key that has somebody call has them called all the same.
    """
    meaning = key.meaning.slug if key.meaning is not None and key.question is not None else key.heard.value
    Message.objects.create(
        journey=asked.journey, incoming=True, channel=asked.channel, address=asked.address, recipient=asked.recipient,
        language=asked.language, body=key.digits, state=MessageState.RECEIVED, created_at=now,
        provider_reference=reference_of(call, key.digits), meaning=meaning, answers=asked,
    )  # fmt: skip
    if key.question is not None and key.meaning is not None:
        words = f"pressed {key.digits}"
        answer_question(question=key.question, choice=key.choice, words=words, by=None, now=now)
    elif key.meaning is not None and key.meaning.task is not None:
        ask_to_call_back(asked, key, key.meaning, now=now)


def question_of(asked: Message) -> Question | None:
    """What the call asked, unless a correction has replaced it."""
    reminder = asked.reminder
    asks = Q(reminder=asked.reminder_id) | Q(reminder__followers=reminder)
    settled_unanswered = Q(closed_at__isnull=False, answered_at=None)
    return Question.objects.filter(asks).exclude(settled_unanswered).select_related("reminder", "journey").first()


def ask_to_call_back(asked: Message, key: Key, meaning: Meaning, *, now: datetime) -> None:
    """Have somebody call whoever pressed a key that no question waits for."""
    assert asked.reminder is not None  # noqa: S101 - `press_key` looks for calls with a reminder only
    who = "The patient" if asked.recipient == Recipient.PATIENT else "The caregiver"
    title = step_title(protocol_of(asked.journey.protocol_version), asked.reminder.step)
    priority = Priority.URGENT if meaning == WORSE else Priority.SOON
    open_item(
        journey=asked.journey,
        kind="patient-question",
        cause=f"question:{asked.pk}",
        why=f"{who} pressed {key.digits} in the call “{title}”: {meaning.said}. Call back.",
        due_at=now + CALL_WITHIN[priority],
        now=now,
        priority=priority,
    )


def reference_of(call: str, digits: str) -> str:
    """The name under which a key is kept once."""
    return f"{call}:{digits}"
