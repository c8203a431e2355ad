"""When the newest message went out."""

from datetime import datetime

from notifications.models import Message


def last_sent_at() -> datetime | None:
    """When (UTC) the newest message that a provider took was taken; None before the first.

    Read from the newest backwards until one was sent: the first entry of an index, almost always.
    """
    sent = Message.objects.filter(sent_at__isnull=False).order_by("-created_at")
    return sent.values_list("sent_at", flat=True).first()
