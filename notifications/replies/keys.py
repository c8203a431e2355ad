"""Keys pressed in a call: 1 = I understand, 2 = I have a question."""

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
from pathway.answers import ANSWER_SETS, QUESTION
from pathway.models import Priority, Question
from pathway.queries.protocols import protocol_of
from pathway.staff_words import step_title
from patients.models import ContactKind


class Heard(Enum):
    """What a key was taken for."""

    UNDERSTOOD = "understood"
    QUESTION = "question"
    NOTHING = ""


KEYS = {"1": Heard.UNDERSTOOD, "2": Heard.QUESTION}


def press_key(*, message_id: UUID, digits: str, call: str, now: datetime) -> tuple[Heard, str]:
    """Take a key (`digits`, empty when none was pressed) that answers our call; what it was taken for, and a language.

    `call` is the provider's name for the call. The same key of the same call counts once. A key proves that somebody
    took the call. A caregiver's key is kept and never counts as the patient's answer.
    """
    calls = Message.objects.filter(incoming=False, channel=ContactKind.VOICE, reminder__isnull=False)
    asked = calls.select_related("reminder", "journey__patient__clinic").filter(pk=message_id).first()
    if asked is None:
        return Heard.NOTHING, ""
    heard = KEYS.get(digits, Heard.NOTHING)
    if not digits:
        return heard, asked.language
    apply_receipt(message_id=message_id, status="answered", code="", reference=call, now=now)
    try:
        with transaction.atomic():
            act_on(asked, digits, heard, call=call, now=now)
    except IntegrityError:
        if not Message.objects.filter(incoming=True, provider_reference=reference_of(call, digits)).exists():
            raise
    return heard, asked.language


def act_on(asked: Message, digits: str, heard: Heard, *, call: str, now: datetime) -> None:
    """Keep the key in the conversation, and settle the question that the call put."""
    by_patient = asked.recipient == Recipient.PATIENT
    question = question_of(asked) if by_patient else None
    choice = {Heard.QUESTION: QUESTION}.get(heard, "")
    if question is not None and heard is Heard.UNDERSTOOD:
        choice = ANSWER_SETS[question.answers].yes
    meaning = ANSWER_SETS[question.answers].meaning(choice).slug if question is not None and choice else heard.value
    Message.objects.create(
        journey=asked.journey, incoming=True, channel=asked.channel, address=asked.address, recipient=asked.recipient,
        language=asked.language, body=digits, state=MessageState.RECEIVED, created_at=now,
        provider_reference=reference_of(call, digits), meaning=meaning, answers=asked,
    )  # fmt: skip
    if question is not None and choice:
        answer_question(question=question, choice=choice, words=f"pressed {digits}", by=None, now=now)
    elif heard is Heard.QUESTION:
        ask_to_call_back(asked, now=now)


def question_of(asked: Message) -> Question | None:
    """What the call asked, unless a correction has replaced it."""
    reminder = asked.reminder
    asks = Q(reminder=asked.reminder_id) | Q(reminder__followers=reminder)
    settled_unanswered = Q(closed_at__isnull=False, answered_at=None)
    return Question.objects.filter(asks).exclude(settled_unanswered).select_related("reminder", "journey").first()


def ask_to_call_back(asked: Message, *, now: datetime) -> None:
    """Have somebody call whoever pressed 2."""
    assert asked.reminder is not None  # noqa: S101 - `press_key` looks for calls with a reminder only
    who = "The patient" if asked.recipient == Recipient.PATIENT else "The caregiver"
    title = step_title(protocol_of(asked.journey.protocol_version), asked.reminder.step)
    open_item(
        journey=asked.journey,
        kind="patient-question",
        cause=f"question:{asked.pk}",
        why=f"{who} pressed 2 in the call “{title}”: has a question. Call back.",
        due_at=now + CALL_WITHIN[Priority.SOON],
        now=now,
    )


def reference_of(call: str, digits: str) -> str:
    """The name under which a key is kept once."""
    return f"{call}:{digits}"
