"""Which question an answer is for. Nothing is guessed: no question that takes it, and a person reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.models import Message
from notifications.queries.senders import Writer
from notifications.replies.understand import Intent, Kind, Plainly
from pathway.answers import ANSWER_SETS, QUESTION, AnswerSet
from pathway.models import Question
from pathway.queries.questions import answered_questions, open_questions

SECOND_THOUGHTS = timedelta(days=1)
"""How long after an answer another one means the same question, when no open one takes it."""


@dataclass(frozen=True, slots=True)
class Match:
    """An answer and its question: the key it stands for, what that means, and the message that asked."""

    writer: Writer
    question: Question
    choice: str
    meaning: str
    asked_by: Message | None


def match(intent: Intent, found: Sequence[Writer], *, now: datetime) -> Match | None:
    """The question that an intent answers: of one patient the newest open one that takes it; else None.

    Where several patients share the number, only one of them may have such a question. A caregiver's word is never the
    patient's answer.
    """
    if intent.kind is not Kind.ANSWER:
        return None
    patients = {writer.patient.pk: writer for writer in found if writer.caregiver is None}
    fitting = [one for one in open_questions(patients) if key_for(one, intent.choice)]
    if not fitting and len(patients) == 1:
        again = answered_questions(patients, since=now - SECOND_THOUGHTS)
        fitting = [one for one in again if key_for(one, intent.choice) and now < one.reminder.useful_until]
    if len({one.journey.patient_id for one in fitting}) != 1:
        return None
    return matched(patients[fitting[0].journey.patient_id], fitting[0], intent.choice)


def matched(writer: Writer, question: Question, said: str) -> Match:
    """The match of an answer with a question that takes it."""
    choice = key_for(question, said)
    meaning = ANSWER_SETS[question.answers].meaning(choice).slug
    return Match(writer, question, choice, meaning, message_that_asked(question))


def key_for(question: Question, said: str) -> str:
    """The reply key of a question that an answer stands for; empty when it takes no such answer."""
    answers = ANSWER_SETS[question.answers]
    key = key_in(answers, said)
    return key if key in (*answers.keys, QUESTION) else ""


def key_in(answers: AnswerSet, said: str) -> str:
    """The key that a word stands for in one set of answers, whether the set has it or not."""
    change = answers.meanings.get("R")
    stands_for = {
        Plainly.YES.value: answers.yes,
        Plainly.NO.value: answers.no,
        Plainly.QUESTION.value: QUESTION,
        Plainly.GOOD.value: "1",
        Plainly.WORSE.value: "3",
        Plainly.CHANGE.value: "R" if change is not None and change.slug == "change" else "",
    }
    return stands_for.get(str(said), said)


def message_that_asked(question: Question) -> Message | None:
    """The newest message by which a question was put, the first time or again."""
    asked = Message.objects.filter(incoming=False, reminder__in=[question.reminder_id, *again(question)])
    return asked.order_by("-created_at", "-id").first()


def again(question: Question) -> list[int]:
    """The reminders that asked it again."""
    return list(question.reminder.followers.filter(origin="again").values_list("pk", flat=True))
