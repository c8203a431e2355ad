"""How many messages an account may still be handed: a token bucket in the database, shared by all dispatchers."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from notifications.models import SendingBudget

FULL_AFTER = 5.0
"""Seconds. A bucket that nobody drew on holds what its rate gives in this time: a tick of Celery's beat can use it."""


@transaction.atomic
def take_tokens(account: str, *, wanted: int, per_second: float, now: datetime) -> int:
    """Take up to `wanted` tokens of an account at `now` (UTC); how many there were, perhaps none.

    At least one message fits into a bucket, however slow it fills.
    """
    room = max(per_second * FULL_AFTER, 1.0)
    SendingBudget.objects.get_or_create(account=account, defaults={"tokens": room, "counted_at": now})
    row = SendingBudget.objects.select_for_update().get(account=account)
    elapsed = max((now - row.counted_at).total_seconds(), 0.0)
    tokens = min(row.tokens + elapsed * per_second, room)
    granted = min(int(tokens), wanted)
    row.tokens, row.counted_at = tokens - granted, max(now, row.counted_at)
    row.save(update_fields=["tokens", "counted_at"])
    return granted


def give_back(account: str, tokens: int) -> None:
    """Return tokens that were not used."""
    if tokens > 0:
        SendingBudget.objects.filter(account=account).update(tokens=F("tokens") + tokens)
