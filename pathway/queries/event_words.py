"""A journey's history in words, a line at a time."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pathway.models import JourneyEvent
from pathway.queries.question_words import answered_event_words
from pathway.staff_words import moment_words

EVENT_WORDS = {
    "planned": "Texts planned anew",
    "reminder-not-sent": "Text not sent",
    "no-answer": "No answer: a nurse was told",
    "work-item-claimed": "Task claimed",
    "work-item-open": "Task given back",
    "work-item-snoozed": "Task put off",
    "work-item-resolved": "Task done",
    "started": "Journey started",
    "cancelled": "Journey cancelled",
    "messages-stopped": "No more messages",
    "messages-resumed": "Messages again",
    "copies-stopped": "No more copies to the caregiver",
    "copies-resumed": "Copies to the caregiver again",
    "caregiver": "Caregiver",
    "candidacy-assessed": "Candidacy answers recorded",
    "decided-candidate": "Decided: a candidate",
    "decided-not-a-candidate": "Decided: not a candidate",
    "taken-off": "No longer booked",
    "authorisation-draft": "Prior authorisation: draft",
    "authorisation-not-needed": "Prior authorisation: not needed",
    "authorisation-sent": "Prior authorisation: sent to the insurer",
    "authorisation-more-info": "Prior authorisation: the insurer asks for more",
    "authorisation-approved": "Prior authorisation: approved",
    "authorisation-denied": "Prior authorisation: denied",
    "authorisation-appeal": "Prior authorisation: appeal sent",
    "measured": "Measured",
    "measurement-corrected": "Measurement corrected",
    "measurement-retracted": "Measurement taken back",
    "check-in": "Check-in answered",
    "therapy-referral": "Physical therapy",
    "work-item-opened": "Task written down",
    "last-meal": "Last meal",
    "readiness": "Readiness",
    "in-procedure": "Procedure began",
    "recovering": "In the recovery room",
    "admission-overridden": "Admitted all the same",
    "discharge-overridden": "Goes home all the same",
    "recovery-score": "Scored",
    "discharge-item": "For going home",
    "escort": "Escort",
    "staying": "Stays overnight",
    "transferred": "Transferred",
}


def event_words(row: JourneyEvent, titles: Mapping[str, str], zone: ZoneInfo, *, name: str) -> str:
    """One line of history: what happened, to what, for when, what came of it and why.

    `titles` are those of the milestones, `name` is the patient's given name, times are on the clock of `zone`.
    """
    if row.kind == "answered":
        return answered_event_words(row, name=name)
    detail: dict[str, object] = row.detail if isinstance(row.detail, dict) else {}
    words = EVENT_WORDS.get(row.kind, row.kind.replace("-", " ").capitalize())
    milestone = detail.get("milestone")
    if milestone:
        words = f"{titles.get(str(milestone), milestone)} {words.lower()}"
    elif detail.get("drug"):
        words += f", {detail['drug']}"
    moved = detail.get("before") not in (None, detail.get("at"))
    for name, joined in (("before", " from "), ("at", " to ")) if moved else (("at", " for "),):
        instant = _instant(detail.get(name))
        words += joined + moment_words(instant, zone) if instant else ""
    counts = [(name, detail.get(name)) for name in ("created", "moved", "withdrawn", "corrected")]
    changed = ", ".join(f"{count} {'new' if name == 'created' else name}" for name, count in counts if count)
    parts = [words, changed, row.why, str(detail.get("outcome") or "")]
    return ": ".join(part for part in parts if part)


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else None
