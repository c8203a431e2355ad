"""A message that cannot go out becomes a task for a person: what to call about, why, and what to say."""

from datetime import datetime, timedelta

from pathway.actions.work_items import NewItem
from pathway.models import Journey, Priority
from pathway.planner import AT_THE_LATEST, Protocol
from pathway.staff_words import call_cause, follow_up_cause, step_title

CALL_WITHIN = {Priority.URGENT: timedelta(hours=1), Priority.SOON: timedelta(hours=4)}
"""How soon somebody should call: a safety message was about to matter, anything else can wait for a while (D)."""

LEADS = {"book-visit": "Book the visit"}


def call_item(
    *,
    journey: Journey,
    protocol: Protocol,
    base_key: str,
    step: str,
    text: str,
    safety: bool,
    reason: str,
    now: datetime,
    kind: str = "call",
) -> NewItem:
    """The task for one message, whoever finds that it cannot be sent: the planner or a dispatcher.

    Messages of one step that say the same share one task. The words to say are the protocol's, in the patient's
    language.
    """
    spec = protocol.reminder(base_key)
    calls = spec.call if spec is not None else {}
    priority = Priority.URGENT if safety else Priority.SOON
    cause = call_cause(step, text)
    if kind == "book-visit" and spec is not None and protocol.kind_of(spec.about) == "follow-up":
        cause = follow_up_cause(spec.about, AT_THE_LATEST)  # the same task that the visit's window opens
    return NewItem(
        journey=journey,
        kind=kind,
        cause=cause,
        why=f"{LEADS.get(kind, 'Call')}: the text “{step_title(protocol, step)}” was not sent. {_sentence(reason)}",
        say=calls.get(journey.patient.language) or next(iter(calls.values()), ""),
        due_at=now + CALL_WITHIN[priority],
        priority=priority,
    )


def _sentence(reason: str) -> str:
    """A reason with a capital and a full stop."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
