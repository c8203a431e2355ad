"""Which question an answer is for. Nothing is guessed: no question that takes it, and a person reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.models import Message
from notifications.queries.senders import Writer
from notifications.replies.understand import Intent, Kind, Plainly
from pathway.actions.questions import ask_before_recorded
from pathway.answers import ANSWER_SETS, QUESTION, AnswerSet
from pathway.models import Question
from pathway.queries.questions import answered_questions, open_questions, unrecorded_questions

SECOND_THOUGHTS = timedelta(days=1)
"""How long after an answer another one means the same question, when no open one takes it."""

BARE = {Plainly.YES.value, Plainly.NO.value}
"""Answers that say nothing of what they answer; a text never asks for them."""

ABOUT: Mapping[str, frozenset[str]] = {
    "read": frozenset({"reading"}),
    "done": frozenset({"reading"}),
    "confirm": frozenset({"visit"}),
    "ride": frozenset({"ride"}),
    "check-in": frozenset(),
}
"""The topics (`vocabulary.TOPICS`) of each answer set."""


@dataclass(frozen=True, slots=True)
class Match:
    """An answer and its question: the key it stands for, what that means, and the message that asked."""

    writer: Writer
    question: Question
    choice: str
    meaning: str
    asked_by: Message | None


def match(intent: Intent, found: Sequence[Writer], *, now: datetime) -> Match | None:
    """The question that an intent answers: of one patient, the newest open one that takes it; else None.

    What the answer names must be what the question is about. Where open questions of two kinds could be meant, a person
    reads it. Where several patients share the number, only one of them may have such a question. A caregiver's word is
    never the patient's answer.
    """
    if intent.kind is not Kind.ANSWER:
        return None
    patients = {writer.patient.pk: writer for writer in found if writer.caregiver is None}
    waiting = [*unrecorded_questions(patients), *open_questions(patients)]
    fitting = [one for one in waiting if fits(one, intent)]
    if not waiting_besides(waiting, fitting, intent) and not fitting and len(patients) == 1:
        again = answered_questions(patients, since=now - SECOND_THOUGHTS)
        fitting = waiting = [one for one in again if fits(one, intent) and now < one.reminder.useful_until]
    if len({one.journey.patient_id for one in fitting}) != 1:
        return None
    if len({one.answers for one in [*fitting, *waiting_besides(waiting, fitting, intent)]}) > 1:
        return None
    question = recorded(fitting[0], now=now)
    return matched(patients[question.journey.patient_id], question, intent.choice) if question is not None else None


def recorded(question: Question, *, now: datetime) -> Question | None:
    """The question as a row; None where its reminder was taken back meanwhile."""
    return question if question.pk is not None else ask_before_recorded(reminder=question.reminder, now=now)


def waiting_besides(waiting: Sequence[Question], fitting: Sequence[Question], intent: Intent) -> list[Question]:
    """The open questions that a bare yes or no could be meant for as well, though they do not take it."""
    is_bare = intent.choice in BARE and not intent.topics
    return [one for one in waiting if one not in fitting] if is_bare else []


def fits(question: Question, intent: Intent) -> bool:
    """Whether a question takes an answer, and is about what it names, if it names something."""
    return intent.topics <= ABOUT[question.answers] and bool(key_for(question, intent.choice))


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
