"""When the newest message went out."""

from datetime import datetime

from django.db.models import Max

from notifications.models import Message


def last_sent_at() -> datetime | None:
    """When (UTC) the newest message was taken by a provider; None before the first."""
    newest: datetime | None = Message.objects.aggregate(at=Max("sent_at"))["at"]
    return newest
