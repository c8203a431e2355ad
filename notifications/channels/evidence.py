"""Which of the messages that a provider shows is the one that is sought, where it keeps no name of ours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.channels.base import NoAnswer, Receipt, Sought
from notifications.models import Message, MessageState
from pathway.states import ReminderState

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How long before it was offered, by our clock, a message may have been made by the provider's."""

UNPROVEN = (MessageState.SENDING, MessageState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a provider made for the sought number: when (UTC), from which number, with which words if it kept them."""

    provider_reference: str
    made_at: datetime
    sender: str
    body: str


def receipt_for(
    sought: Sought, traces: Sequence[Trace], *, kind: str, words_tell: bool, is_like: Callable[[Trace], bool]
) -> Receipt | None:
    """The receipt of the sought message, or `None` when none of the traces can be it.

    A trace is no evidence when it is older than the offer, when it is known to be another message's, or when it is not
    like what is sought. What is left may belong to one of several messages of ours, to the same number, of which nobody
    knows. Where the traces hold the words (`words_tell`), those others have the same words, and it does not matter
    which trace is whose: the oldest message gets the oldest trace, so no two get the same. Calls hold no words, so then
    nobody can tell, and `NoAnswer` is raised; so it is while one of the others is only now being sent, since its answer
    is still to come.
    """
    since = sought.offered_since - CLOCKS_DIFFER_BY
    young = sorted((trace for trace in traces if trace.made_at >= since), key=lambda trace: trace.made_at)
    taken = known_as_others(sought, young, since=since)
    free = [trace for trace in young if trace.provider_reference not in taken and is_like(trace)]
    if not free:
        return None
    rivals = unproven_besides(sought, kind=kind, same_words=words_tell)
    if rivals and (not words_tell or any(rival.state == MessageState.SENDING for rival in rivals)):
        raise NoAnswer("another message to the same number is as unproven")
    place = sum((rival.created_at, rival.pk) < (sought.offered_since, sought.reference) for rival in rivals)
    if place >= len(free):
        return None
    return Receipt(free[place].made_at, free[place].provider_reference)


def known_as_others(sought: Sought, traces: Sequence[Trace], *, since: datetime) -> set[str]:
    """The traces that are recorded as another message's. Narrowed by time, which has an index."""
    names = [trace.provider_reference for trace in traces]
    if not names:
        return set()
    others = Message.objects.filter(sent_at__gte=since - CLOCKS_DIFFER_BY, provider_reference__in=names)
    return set(others.exclude(pk=sought.reference).values_list("provider_reference", flat=True))


def unproven_besides(sought: Sought, *, kind: str, same_words: bool) -> list[Message]:
    """Our other messages to the same number of which nobody knows whether they were taken."""
    others = Message.objects.filter(
        reminder__state__in=[ReminderState.CLAIMED, ReminderState.UNKNOWN],
        state__in=UNPROVEN,
        incoming=False,
        channel=kind,
        address=sought.address,
        provider_reference="",
    ).exclude(pk=sought.reference)
    return list(others.filter(body=sought.body) if same_words else others)
