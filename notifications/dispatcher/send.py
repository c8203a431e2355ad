"""Call the providers. No transaction is held here, and nothing is written."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from notifications.channels import Routes
from notifications.channels.base import Answer, Channel, Envelope, NoAnswer
from notifications.clock import Clock
from notifications.dispatcher.follow_ups import asked_by
from notifications.dispatcher.messages import fitting
from notifications.dispatcher.outgoing import Outgoing, Started
from notifications.stop_links import stop_url

logger = logging.getLogger(__name__)

OFFER_MARGIN = timedelta(seconds=15)
"""Nothing is offered in the last part of a lease: an offer may take a channel's whole timeout, at most 10 s."""

Answered = tuple[Outgoing, Answer]


def send(started: Started, *, routes: Routes, clock: Clock) -> list[Answered]:
    """Offer a started group to its channels; every message with its answer.

    Each channel is offered its messages in the order of the group: by due time, and at one time by the reminder's id.
    Channels that take several at once are called beside the others, so that a slow one does not hold them up.
    """
    by_channel: dict[Channel, list[Outgoing]] = defaultdict(list)
    for one in started.outgoing:
        channel = routes.channel(one.way.kind, one.due.clinic_id)
        assert channel is not None  # noqa: S101 - the re-check leaves only ways that a channel exists for
        by_channel[channel].append(one)
    beside = [channel for channel in by_channel if channel.concurrency > 1] if len(by_channel) > 1 else []
    with ThreadPoolExecutor(max_workers=len(beside) or 1, thread_name_prefix="offer") as pool:
        offers = {
            channel: pool.submit(offer, by_channel[channel], started, channel=channel, clock=clock)
            for channel in beside
        }
        answers = {
            channel: offer(group, started, channel=channel, clock=clock)
            for channel, group in by_channel.items()
            if channel not in offers
        }
        answers |= {channel: future.result() for channel, future in offers.items()}
    return [pair for channel, group in by_channel.items() for pair in zip(group, answers[channel], strict=True)]


def offer(group: Sequence[Outgoing], started: Started, *, channel: Channel, clock: Clock) -> list[Answer]:
    """Offer messages of one channel. A channel that breaks leaves nobody knowing what it took: no answer for each.

    A message's turn may come late, behind others that were slow. Whether there is lease left, and whether the message
    may still go out (its usefulness, the sending hours), is therefore asked when its turn comes.
    """
    last_moment = started.leased_until - OFFER_MARGIN
    until = {one.message_id: min(last_moment, one.until) for one in group}
    now = clock()
    envelopes = [envelope_of(one, now=now) for one in group]
    try:
        return channel.send_many(envelopes, may_offer=lambda envelope: clock() < until[envelope.reference])
    except Exception as broken:
        # Its words may hold the patient's: only what kind of exception it was is logged and kept.
        logger.error("channel %s broke on %d messages: %s", group[0].way.kind, len(group), type(broken))
        return [NoAnswer(f"the channel broke: {type(broken).__name__}") for _ in group]


def envelope_of(one: Outgoing, *, now: datetime) -> Envelope:
    """The message as a channel sees it; our id is the provider's reference."""
    return Envelope(
        reference=one.message_id,
        channel=one.way.kind,
        address=one.way.address,
        subject=fitting(one.words.subject),
        body=one.body,
        offered_at=now,
        useful_until=one.due.useful_until,
        language=one.words.language,
        answers=asked_by(one.due),
        unsubscribe=stop_url(one.message_id) if one.words.offers_stop else "",
    )
