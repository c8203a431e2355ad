"""What Milepost answers by itself: the confirmation of a STOP, and HELP. A reminder row like any other, so that a
dispatcher sends it with every guarantee.
"""

from datetime import datetime, timedelta

from notifications.models import Message
from notifications.rendering import BUILT_IN
from pathway.actions.questions import WAITS
from pathway.models import Journey, Origin, Reminder
from pathway.queries.protocols import protocol_of
from pathway.states import ReminderState

OF_USE = timedelta(hours=1)
"""An answer that comes later than this is a riddle."""


def answer_back(*, message: Message, text: str, now: datetime) -> Reminder | None:
    """Have the words `text` sent to the address that `message` came from, at any hour; None where nobody has them.

    The row's key names the message (`answer_key`), and so the address and the language.
    """
    journey = message.journey
    if text not in protocol_of(journey.protocol_version).texts and text not in BUILT_IN:
        return None
    return Reminder.objects.create(
        clinic_id=journey.clinic_id, journey=journey, origin=Origin.ANSWER, key=answer_key(message), base_key=text,
        step="answer", text=text, send_at=now, run_at=now, intended_at=now, useful_until=now + OF_USE,
        plan_version=journey.plan_version,
    )  # fmt: skip


def answer_key(message: Message) -> str:
    """The key of the row that answers a message."""
    return f"answer/{message.pk}"


def take_back(*, journey: Journey, text: str) -> None:
    """Take back the answer `text` that still waits to go out, as when a START follows a STOP at once."""
    waits = Reminder.objects.filter(WAITS, journey=journey, origin=Origin.ANSWER, text=text)
    waits.update(
        state=ReminderState.WITHDRAWN, reason="Messages are wanted again.", claim_token=None, claimed_until=None
    )
