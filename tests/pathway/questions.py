"""Questions as rows, so that each test says all that it depends on."""

from datetime import timedelta

from pathway.models import Question, Reminder
from tests.builders import NOW


def make_question(reminder: Reminder, **fields) -> Question:
    """A question about a ride that a sent reminder put: asked again after a day, a nurse told after another half."""
    asked_at = fields.pop("asked_at", reminder.sent_at or NOW)
    fields = {
        "journey": reminder.journey,
        "answers": "ride",
        "asked_at": asked_at,
        "ask_again_at": asked_at + timedelta(days=1),
        "tell_at": asked_at + timedelta(days=1, hours=12),
        **dict.fromkeys(("asked_again_at", "told_at", "answered_at", "closed_at")),
        "answer": "",
        **fields,
    }
    question, _ = Question.objects.update_or_create(reminder=reminder, defaults=fields)
    return question
