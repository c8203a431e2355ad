"""Are providers taking what is handed to them?

What a provider refuses for now is tried again later, so it is not late, and the lag stays nought however long a wrong
password or a provider's breakdown lasts. This is what tells.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from notifications.channels.base import TURN_CAME_TOO_LATE, Refusal
from notifications.models import DeliveryAttempt, Message, Outcome

LOOK_BACK = timedelta(minutes=10)
AT_LEAST = 5
"""Attempts within `LOOK_BACK` of which more than half must have been in vain; fewer prove nothing."""

WORKER_GONE = "The worker that sent it went away."
NOT_THE_PROVIDERS_DOING = (TURN_CAME_TOO_LATE, WORKER_GONE)

NO_ANSWER = "it does not answer"
WORDS = {
    Refusal.ACCOUNT: "it does not accept our account: a wrong password, or one that is blocked or out of credit",
    Refusal.RATE_LIMITED: "more than it allows at once",
    Refusal.DOWN: "it is out of order",
}
CODES = {
    **dict.fromkeys(("20003", "20005", "401", "403", "530", "534", "535", "538"), Refusal.ACCOUNT),
    **dict.fromkeys(("20429", "429", "421", "450", "451", "452"), Refusal.RATE_LIMITED),
    **dict.fromkeys(("500", "502", "503", "504"), Refusal.DOWN),
}
"""Providers' own codes, where the words of the error do not name the refusal: Twilio's, HTTP's, SMTP's."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One kind of message of one clinic that its provider is not taking, and why in plain words."""

    clinic_id: int
    channel: str
    attempts: int
    in_vain: int
    reason: str


def refused_channels(*, now: datetime, clinic_ids: Iterable[int] | None = None) -> list[Refused]:
    """What providers refuse at `now` (UTC), by clinic and channel; of all clinics, or of those given.

    A channel is listed when in the last ten minutes there were at least five attempts, and more than half of them were
    refused for now or not answered. While nothing is refused it reads one empty part of an index.
    """
    since = now - LOOK_BACK
    failed = DeliveryAttempt.objects.filter(
        outcome__in=[Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN], finished_at__gt=since, finished_at__lte=now
    ).exclude(error__in=NOT_THE_PROVIDERS_DOING)
    if clinic_ids is not None:
        failed = failed.filter(message__journey__clinic_id__in=list(clinic_ids))
    rows = failed.order_by().values_list("message__journey__clinic_id", "message__channel", "outcome", "error")
    in_vain: dict[tuple[int, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    total: Counter[tuple[int, str]] = Counter()
    for clinic_id, channel, outcome, error, number in rows.annotate(number=Count("id")):
        total[clinic_id, channel] += number
        if outcome != Outcome.PERMANENT:
            in_vain[clinic_id, channel][outcome, error] += number
    if not in_vain:
        return []
    for clinic_id, channel, number in taken_by_channel(since=since, clinic_ids={clinic_id for clinic_id, _ in in_vain}):
        total[clinic_id, channel] += number
    return [
        Refused(clinic_id, channel, total[clinic_id, channel], why.total(), in_words(why.most_common(1)[0][0]))
        for (clinic_id, channel), why in sorted(in_vain.items())
        if total[clinic_id, channel] >= AT_LEAST and 2 * why.total() > total[clinic_id, channel]
    ]


def taken_by_channel(*, since: datetime, clinic_ids: set[int]) -> Iterable[tuple[int, str, int]]:
    """How many messages providers took since then: clinic, channel, number. Reads the index of sent messages."""
    taken = Message.objects.filter(sent_at__gt=since, journey__clinic_id__in=clinic_ids, incoming=False)
    return taken.order_by().values_list("journey__clinic_id", "channel").annotate(number=Count("id"))


def in_words(why: tuple[str, str]) -> str:
    """An attempt's outcome and error ("code: words") as staff understand it; the code alone where it is not known."""
    outcome, error = why
    if outcome == Outcome.UNKNOWN:
        return NO_ANSWER
    code, colon, said = error.partition(": ")
    for refusal, words in WORDS.items():
        if refusal.value in (said or code) or CODES.get(code) == refusal:
            return words
    return f"its code is {code}" if colon and len(code) <= 20 else "it gives no reason"
