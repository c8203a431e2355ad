"""Whose turn it is: the clinics that share a rate, and the most urgent first once a backlog has formed.

Most sites have one lane: every clinic, no limit. A rate is an account's, over all dispatchers; its tokens are taken
before rows are, so that no lease covers what cannot be sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notifications.channels import Routes
from notifications.dispatcher.budget import give_back, take_tokens
from notifications.dispatcher.due import Share, urgent_due
from notifications.dispatcher.outgoing import Started

BACKLOG_AFTER = timedelta(seconds=60)
"""A queue whose first row waited longer than this, and that still fills a whole group, is a backlog."""

CHOSEN_AT_ONCE = 1_000
"""How many rows of a backlog are put in order of urgency at a time: the choice costs what a few groups do."""


@dataclass(slots=True)
class Lane:
    """Clinics that draw on the same limited accounts (`rates`: account to messages a second).

    `clinics`: these; None: all but `but_not`. `chosen` are the rows of a backlog that come next, most urgent first.
    """

    clinics: Sequence[int] | None = None
    but_not: Sequence[int] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    chosen: list[int] = field(default_factory=list)

    def take(self, *, limit: int, now: datetime) -> Share | None:
        """What may be taken now; None when an account has nothing left. Unused tokens go back with `done`."""
        granted = limit
        for account, rate in self.rates.items():
            got = take_tokens(account, wanted=granted, per_second=rate, now=now)
            for earlier in self.rates:  # what an earlier account gave and this one does not
                if earlier == account:
                    break
                give_back(earlier, granted - got)
            granted = got
        if not granted:
            return None
        return Share(granted, self.clinics, self.but_not, self.chosen or None)

    def done(self, share: Share, started: Started) -> None:
        """Give back the tokens of what was not started, and look whether a backlog has formed."""
        for account in self.rates:
            give_back(account, share.limit - len(started.outgoing))
        if share.ids is not None:
            self.chosen = left_of(share.ids, started.ids)
            return
        waited = started.started_at - (started.oldest or started.started_at)
        if started.taken >= share.limit and waited > BACKLOG_AFTER:
            self.chosen = urgent_due(now=started.started_at, share=share, limit=CHOSEN_AT_ONCE)


def left_of(chosen: Sequence[int], taken: Sequence[int]) -> list[int]:
    """The chosen rows behind the last one that was taken. Those before it another dispatcher has; none is left when
    it has them all.
    """
    return list(chosen[chosen.index(taken[-1]) + 1 :]) if taken else []


def lanes_of(routes: Routes) -> list[Lane]:
    """The lanes of these routes: one for each set of limited accounts."""
    rates_of = {clinic: limits([*{**routes.shared, **own}.values()]) for clinic, own in routes.own.items()}
    shared = limits(list(routes.shared.values()))
    apart = {clinic: rates for clinic, rates in rates_of.items() if rates != shared}
    lanes = [Lane(None, tuple(apart), shared)]
    for rates in {frozenset(rates.items()) for rates in apart.values()}:
        lanes.append(Lane([clinic for clinic, own in apart.items() if own == dict(rates)], (), dict(rates)))
    return lanes


def limits(channels: Sequence[object]) -> dict[str, float]:
    """The rates of the accounts behind these channels, where they have one; the lowest that is said of an account."""
    rates: dict[str, float] = {}
    for channel in channels:
        account, rate = getattr(channel, "account", ""), getattr(channel, "per_second", None)
        if rate:
            rates[account] = min(rate, rates.get(account, rate))
    return rates
