"""Call the providers. No transaction is held here, and nothing is written."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from notifications.channels import Routes
from notifications.channels.base import Answer, Channel, Envelope, NoAnswer
from notifications.dispatcher.start import Clock, Started

logger = logging.getLogger(__name__)

OFFER_MARGIN = timedelta(seconds=15)
"""Nothing is offered in the last part of a lease: an offer may take a channel's whole timeout, at most 10 s."""


def send(started: Sequence[Started], *, routes: Routes, clock: Clock) -> list[tuple[Started, Answer]]:
    """Offer a started group to its channels, one channel after the other; every message with its answer.

    Each channel is offered its messages in the order of the group: by due time, and at one time by the reminder's id.
    """
    by_channel: dict[Channel, list[Started]] = defaultdict(list)
    for one in started:
        channel = routes.channel(one.outgoing.message.channel, one.outgoing.reminder.clinic_id)
        assert channel is not None  # noqa: S101 - the re-check leaves only contacts that a channel exists for
        by_channel[channel].append(one)
    answered: list[tuple[Started, Answer]] = []
    for channel, group in by_channel.items():
        answers = offer(group, channel=channel, clock=clock)
        answered.extend(zip(group, answers, strict=True))
    return answered


def offer(group: Sequence[Started], *, channel: Channel, clock: Clock) -> list[Answer]:
    """Offer messages of one channel. A channel that breaks leaves nobody knowing what it took: no answer for each.

    A message's turn may come late, behind others that were slow. Whether there is lease left, and whether the message
    may still go out (its usefulness, the sending hours), is therefore asked when its turn comes.
    """
    last_moment = min(one.leased_until for one in group) - OFFER_MARGIN
    until = {one.outgoing.message.pk: min(last_moment, one.outgoing.until) for one in group}
    envelopes = [envelope_of(one, now=clock()) for one in group]
    try:
        return channel.send_many(envelopes, may_offer=lambda envelope: clock() < until[envelope.reference])
    except Exception as broken:
        # Its words may hold the patient's: only what kind of exception it was is logged and kept.
        logger.error("channel %s broke on %d messages: %s", group[0].outgoing.message.channel, len(group), type(broken))
        return [NoAnswer(f"the channel broke: {type(broken).__name__}") for _ in group]


def envelope_of(one: Started, *, now: datetime) -> Envelope:
    """The message as a channel sees it; our id is the provider's reference."""
    message = one.outgoing.message
    return Envelope(
        reference=message.pk,
        channel=message.channel,
        address=message.address,
        subject=message.subject,
        body=message.body,
        offered_at=now,
        useful_until=one.outgoing.reminder.useful_until,
    )
