"""What became of a question, as a nurse would say it."""

from zoneinfo import ZoneInfo

from pathway.answers import ANSWER_SETS, MEANINGS
from pathway.models import JourneyEvent, Question, Reminder
from pathway.staff_words import clock_words
from pathway.states import REMINDER_PENDING, REMINDER_TOLD


def question_words(question: Question, *, name: str, again: Reminder | None, zone: ZoneInfo) -> str:
    """`Alma answered C: has a ride, 6:02 PM`, or how far the silence has come.

    `name` is the patient's given name, `again` the reminder that asked once more, if any; times are on the clock of
    `zone`, with the day where it is not that of the question.
    """
    if question.answered_at is not None:
        said = answer_words(key_of(question), question.answer, name=name)
        return f"{said}, {clock_words(question.answered_at, zone, question.asked_at)}"
    if question.told_at is not None:
        return f"No answer: a nurse was told, {clock_words(question.told_at, zone, question.asked_at)}"
    if question.closed_at is not None:
        return "No answer, and none is needed any more"
    if again is not None and again.state in REMINDER_TOLD and again.sent_at is not None:
        return f"No answer yet; asked again {clock_words(again.sent_at, zone, question.asked_at)}"
    if again is not None and again.state in REMINDER_PENDING:
        return f"No answer yet; asks again {clock_words(again.run_at, zone, question.asked_at)}"
    if question.ask_again_at is not None and question.asked_again_at is None:
        return f"No answer yet; asks again {clock_words(question.ask_again_at, zone, question.asked_at)}"
    if question.tell_at is not None:
        return f"No answer yet; a nurse is told {clock_words(question.tell_at, zone, question.asked_at)}"
    return "No answer yet"


def key_of(question: Question) -> str:
    """The reply key of the answer that stands; empty for a question of the patient's own."""
    meanings = ANSWER_SETS[question.answers].meanings
    return next((key for key, meaning in meanings.items() if meaning.slug == question.answer), "")


def answer_words(key: str, slug: str, *, name: str) -> str:
    """`Alma answered C: has a ride`; `Alma has a question` where no key was given."""
    said = MEANINGS[slug].said if slug in MEANINGS else slug
    return f"{name} answered {key}: {said}" if len(key) == 1 else f"{name} {said}"


def answered_event_words(event: JourneyEvent, *, name: str) -> str:
    """The same of the line of history, with the patient's words where they were others than the key."""
    detail = event.detail if isinstance(event.detail, dict) else {}
    key = str(detail.get("choice", ""))
    said = answer_words(key, str(detail.get("meaning", "")), name=name)
    return said if event.why.casefold() in ("", key.casefold()) else f"{said} (“{event.why}”)"
