"""Whatever ends a reminder counts it once: a group, a look-up, a rescue, or a receipt; and `/metrics` tells it."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.test import Client

from notifications.channels import Routes
from notifications.channels.base import ChannelError, NoAnswer, Receipt, Refusal
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import LEASE
from notifications.models import Message
from notifications.replies.receipts import apply_receipt
from pathway.models import Reminder
from tests.builders import NOW
from tests.notifications.coming_back import make_sent, state_of
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due
from tests.notifications.figures import told

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
OUTBOX = Routes({"sms": OutboxChannel()})
ENDS = ("sent", "delivered", "failed", "missed", "unknown", "withdrawn", "retried")
Counted = Callable[[], Mapping[str, float]]


@pytest.fixture
def counted(client: Client, counting) -> Counted:
    """Call it for the ends that `/metrics` tells more of than before, over all channels."""

    def ends() -> dict[str, float]:
        text = client.get("/metrics").content
        figures = {
            end: sum(told(text, "milepost_reminders_total", end=end, channel=one) or 0 for one in ("sms", "none"))
            for end in ENDS
        }
        return {end: number - before.get(end, 0) for end, number in figures.items() if number != before.get(end, 0)}

    before: dict[str, float] = {}
    before.update(ends())
    return ends


def receipt(message: Message, status: str, code: str = "") -> bool:
    return apply_receipt(message_id=message.pk, status=status, code=code, now=LATER, routes=OUTBOX)


def unanswered(evidence: Receipt | None, **fields: object) -> ScriptedChannel:
    """A text whose provider did not answer, and says `evidence` of it when it is asked."""
    make_due(**fields)
    channel = ScriptedChannel(NoAnswer("timeout"))
    channel.evidence = lambda _: evidence
    drain_at(NOW, channels={"sms": channel})
    return channel


def test_every_end_of_one_round_of_sending_is_told_once(counted: Counted):
    refused = ChannelError(code="21211", message="no", what=Refusal.NO_SUCH_ADDRESS)
    busy = ChannelError(code="20429", message="slow", what=Refusal.RATE_LIMITED)
    for _ in range(4):
        make_due()
    make_due(send_at=NOW - timedelta(days=2), useful_until=NOW)
    make_due(make_bare_journey(state="cancelled"))
    drain_at(NOW, channels={"sms": ScriptedChannel(None, refused, busy, NoAnswer("timeout"))})
    assert counted() == {"sent": 1, "failed": 1, "retried": 1, "unknown": 1, "missed": 1, "withdrawn": 1}


def test_what_a_look_up_proves_is_sent_once(counted: Counted):
    channel = unanswered(Receipt(NOW))
    assert counted() == {"unknown": 1}
    for minutes in (1, 2):
        drain_at(NOW + timedelta(minutes=minutes), channels={"sms": channel})
    assert counted() == {"unknown": 1, "sent": 1}


def test_what_was_never_taken_is_retried_and_then_sent(counted: Counted):
    channel = unanswered(None)
    drain_at(NOW + timedelta(minutes=1), channels={"sms": channel})
    assert counted() == {"unknown": 1, "retried": 1, "sent": 1}


def test_what_was_never_taken_and_is_of_no_use_any_more_is_missed(counted: Counted):
    channel = unanswered(None, useful_until=NOW + timedelta(minutes=1))
    drain_at(LATER, channels={"sms": channel})
    assert counted() == {"unknown": 1, "missed": 1}


def test_looking_again_and_giving_up_end_nothing_anew(counted: Counted):
    channel = unanswered(None)

    def silent(_: object) -> None:
        raise NoAnswer("down")

    channel.evidence = silent
    for hours in (1, 2, 30):
        drain_at(NOW + timedelta(hours=hours), channels={"sms": channel})
    assert counted() == {"unknown": 1}


def test_what_a_dead_worker_left_behind_is_unknown_and_then_what_the_evidence_says(counted: Counted):
    make_due()

    class Dies(ScriptedChannel):
        def send(self, envelope):
            super().send(envelope)
            raise SystemExit

    with pytest.raises(SystemExit):
        drain_at(NOW, channels={"sms": Dies()})
    assert counted() == {}
    drain_at(NOW + LEASE + timedelta(seconds=1), channels={"sms": OutboxChannel()})
    assert counted() == {"unknown": 1, "sent": 1}


def test_a_receipt_counts_the_phone_once_however_often_it_comes(counted: Counted):
    message = make_sent()
    for status in ("sent", "delivered", "delivered", "undelivered", "sent"):
        receipt(message, status)
    assert counted() == {"sent": 1, "delivered": 1}


@pytest.mark.parametrize(
    ("useful_until", "numbers", "end"),
    [(NOW + timedelta(days=1), 1, "failed"), (LATER, 1, "missed"), (NOW + timedelta(days=1), 2, "retried")],
)
def test_a_receipt_of_what_did_not_arrive_counts_what_became_of_it(counted: Counted, useful_until, numbers, end):
    message = make_sent(useful_until=useful_until)
    if numbers == 2:
        message.journey.patient.contacts.create(kind="sms", phone="+12025550188", rank=2)
    for _ in range(2):
        receipt(message, "undelivered", "30003")
    assert counted() == {"sent": 1, end: 1}


def test_a_receipt_that_settles_what_nobody_knew_counts_it_as_sent(counted: Counted):
    unanswered(None)
    message = Message.objects.get()
    receipt(message, "queued")
    receipt(message, "sent")
    assert (state_of(message.reminder_id), counted()) == ("sent", {"unknown": 1, "sent": 1})


def test_a_receipt_of_a_withdrawn_text_ends_nothing(counted: Counted):
    unanswered(None)
    Reminder.objects.update(state="withdrawn")
    receipt(Message.objects.get(), "delivered")
    assert counted() == {"unknown": 1}
