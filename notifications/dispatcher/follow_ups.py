"""What a reminder sets off once it has gone out, or could not: its question is open, and who helps gets a copy.

Each of these belongs in the transaction that records what became of the reminders. A group that asks nothing, of
patients without a caregiver, costs no statement.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from notifications.dispatcher.due import Due
from notifications.dispatcher.recheck import protocol_behind
from pathway.actions.calls import close_calls, promise_calls
from pathway.actions.copies import copy_to_caregivers
from pathway.actions.questions import ask_questions, tell_soon
from pathway.actions.sent_reminders import CORRECTIONS, SentReminder
from pathway.models import Origin
from pathway.queries.protocols import published_protocol


def after_sending(sent: Iterable[tuple[Due, datetime]], *, now: datetime) -> None:
    """Open the questions of reminders that providers took at these instants (UTC), and queue copies and calls."""
    sent = [(due, at) for due, at in sent if due.origin == Origin.PLAN]
    asking = [(due, at) for due, at in sent if matters_to_questions(due)]
    if asking:
        told = [sent_reminder(due, at) for due, at in asking]
        ask_questions(sent=told, now=now)
        promise_calls(sent=told, now=now)
    retried = [due for due, _ in sent if due.tries]
    if retried:
        close_calls(through=[(due.journey_id, due.base_key.partition("/")[0], due.text) for due in retried], now=now)
    tell_caregivers((due for due, _ in sent), now=now)


def after_failing(unsent: Iterable[Due], *, now: datetime) -> None:
    """Queue copies of what could not be sent, and let a nurse hear soon of a question that could not be asked again."""
    unsent = list(unsent)
    tell_caregivers(unsent, now=now)
    repeats = [due.pk for due in unsent if due.origin == Origin.AGAIN]
    if repeats:
        tell_soon(followers=repeats, now=now)


def tell_caregivers(ended: Iterable[Due], *, now: datetime) -> None:
    """Queue a copy of each reminder of the plan whose patient has a caregiver who may be told."""
    helped = [due.pk for due in ended if due.origin == Origin.PLAN and due.caregiver and due.caregiver.may_be_told]
    if helped:
        copy_to_caregivers(sent=helped, now=now)


def matters_to_questions(due: Due) -> bool:
    """Whether a reminder asks something, takes back what was asked, or leads to a signed medicine plan."""
    if due.base_key.endswith(CORRECTIONS) or asked_by(due):
        return True
    return tells_a_plan(due.protocol_version_id, due.protocol_digest, due.base_key)


@lru_cache(maxsize=4096)
def tells_a_plan(version_id: int, digest: str, base_key: str) -> bool:
    """Whether a reminder of a published protocol, which never changes, belongs to a medicine hold."""
    spec = published_protocol(version_id, digest).reminder(base_key)
    return spec is not None and spec.for_each_hold


def asked_by(due: Due) -> str:
    """The set of answers that a reminder's text asks for; empty where it asks nothing, as every copy."""
    if due.origin not in {Origin.PLAN, Origin.AGAIN}:
        return ""
    return answers_asked(due.protocol_version_id, due.protocol_digest, due.base_key, due.text)


@lru_cache(maxsize=4096)
def answers_asked(version_id: int, digest: str, base_key: str, text: str) -> str:
    """The set of answers that a text of a published protocol, which never changes, asks for; empty for none."""
    return published_protocol(version_id, digest).asked_by(base_key, text)


def sent_reminder(due: Due, at: datetime) -> SentReminder:
    """One sent reminder as questions see it."""
    protocol, zone = protocol_behind(due), ZoneInfo(due.zone)
    return SentReminder(due.pk, due.journey_id, due.base_key, due.text, protocol, zone, at, due.useful_until)
