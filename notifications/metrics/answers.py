"""Providers' answers as figures: their kind and the name of the refusal, never the provider's words."""

from collections.abc import Iterable

from notifications.channels.base import Answer, ChannelError, NoAnswer, NotOffered, Receipt
from notifications.metrics import counters

OUTCOMES: dict[type, str] = {Receipt: "accepted", NoAnswer: "unanswered", NotOffered: "not-offered"}


def count_answers(answered: Iterable[tuple[str, Answer]]) -> None:
    """Count the answers of a group, each with the channel of its message. Costs nothing where nobody looks."""
    if counters.Counting.on:
        counters.count_answers((channel, *outcome_of(answer)) for channel, answer in answered)


def outcome_of(answer: Answer) -> tuple[str, str]:
    """How an offer ended, and the name of the refusal if it was one."""
    if isinstance(answer, ChannelError):
        return "refused-for-good" if answer.permanent else "refused-for-now", answer.what.name.lower()
    return OUTCOMES[type(answer)], ""
