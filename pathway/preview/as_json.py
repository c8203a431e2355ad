"""A preview as one JSON object; instants are UTC with `Z`, every list is ordered by time."""

from datetime import UTC, datetime
from typing import Any

from pathway.preview.messages import message_of
from pathway.preview.request import Preview


def as_json(preview: Preview) -> dict[str, Any]:
    """The object that `manage.py plan --json` prints."""
    found = preview.plan
    milestones = sorted(found.milestones.items(), key=lambda entry: (entry[1].at, entry[0]))
    return {
        "protocol": preview.protocol.key,
        "version": preview.protocol.version,
        "zone": preview.facts.zone.key,
        "milestones": [{"key": key, "at": instant(milestone.at)} for key, milestone in milestones],
        "steps": [
            {"key": step.key, "kind": step.kind, "starts_at": instant(step.starts_at), "ends_at": instant(step.ends_at)}
            for step in found.steps
        ],
        "reminders": [reminder_row(preview, index) for index in range(len(found.reminders))],
        "conflicts": [
            {
                "kind": conflict.kind,
                "drug": conflict.drug,
                "needed": conflict.needed,
                "available": conflict.available,
                "earliest_procedure_at": instant(conflict.earliest_procedure_at),
            }
            for conflict in found.conflicts
        ],
    }


def reminder_row(preview: Preview, index: int) -> dict[str, Any]:
    """One reminder of the plan, with its words."""
    reminder = preview.plan.reminders[index]
    message = message_of(preview.protocol, reminder, preview.facts.language)
    return {
        "key": reminder.key,
        "step": reminder.step,
        "send_at": instant(reminder.send_at),
        "useful_until": instant(reminder.useful_until),
        "moved": reminder.moved,
        "late": reminder.late,
        "reason": reminder.reason,
        "language": message.language,
        "text": message.text,
        "segments": message.segments.count,
        "grade": message.grade,
    }


def instant(at: datetime) -> str:
    """`2027-03-14T11:30:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
