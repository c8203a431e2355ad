"""Settling a message that belongs to nobody who could be named."""

from datetime import datetime

from notifications.models import StrayMessage
from patients.models import Staff


class AlreadySettled(Exception):
    """Somebody else was first; `str()` says who, and what came of it."""


def settle_stray(*, stray: StrayMessage, outcome: str, by: Staff, now: datetime) -> StrayMessage:
    """Write down what came of it. Raises `ValueError` without an outcome, `AlreadySettled` when it has one."""
    if not outcome.strip():
        raise ValueError("Say what came of it.")
    room = StrayMessage._meta.get_field("outcome").max_length
    settled = StrayMessage.objects.filter(pk=stray.pk, settled_at=None).update(
        settled_at=now, settled_by=by, outcome=outcome.strip()[:room]
    )
    stray.refresh_from_db()
    if not settled:
        raise AlreadySettled(f"{stray.settled_by} has settled this: {stray.outcome}")
    return stray
