"""A stop by the link in an email: the same as a STOP that was texted, for the one person whom the email was for."""

from datetime import datetime

from django.db import transaction

from notifications.models import Message, MessageState
from notifications.queries.stop_pages import StopPage, stop_page
from notifications.replies.keywords import obey_stop
from notifications.replies.understand import Kind
from notifications.stop_links import message_id_in
from patients.models import Patient

HOW = "used the stop link in an email"
PRESSED = "[The link to stop all messages.]"
"""What stands in the conversation, since nobody wrote anything."""


@transaction.atomic
def stop_by_link(*, token: str, now: datetime) -> StopPage | None:
    """Stop what is sent to whoever has this link, and confirm it by email; None for a link that is not ours.

    Nothing happens the second time. It is kept in the conversation like a message that came in.
    """
    message_id = message_id_in(token)
    # Two presses at once are one after the other.
    list(Patient.objects.select_for_update(of=("self",)).filter(journeys__messages=message_id).order_by("pk"))
    page = stop_page(token)
    if page is None or page.reader is None or page.is_stopped:
        return page
    email, reader = page.email, page.reader
    kept = Message.objects.create(
        journey=reader.journey, incoming=True, channel=email.channel, address=email.address,
        recipient=email.recipient, language=email.language, body=PRESSED, state=MessageState.RECEIVED,
        created_at=now, meaning=Kind.STOP, answers=email,
    )  # fmt: skip
    obey_stop([(reader, kept)], now=now, how=HOW)
    return page
