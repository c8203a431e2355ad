"""How our dispatcher stands to the raw limit and to its peers, all measured in the same run."""

from collections.abc import Iterator, Sequence

from benchmarks.dispatch.throughput import OURS, THE_RAW_LIMIT
from benchmarks.figures import Figure
from benchmarks.peers.celery_eta import WHO as CELERY
from benchmarks.rates import Rate

OF_THE_RAW_LIMIT, OF_THE_BEST_PEER, OF_CELERY = 0.35, 2.5, 15.0
OF_AN_EMPTY_TABLE = (0.75, 0.65)
"""The aims: shares of the raw limit, multiples of the best peer and of Celery's eta, and what is left of the figure on
an empty table with the first and with the second number of future rows."""

PROCESSES = 2


def standing(rates: Sequence[Rate]) -> Iterator[Figure]:
    """One figure for each aim that these rates allow to be checked."""
    ours = {rate.future: rate for rate in rates if rate.who == OURS and rate.processes == PROCESSES}
    if 0 not in ours:
        return
    mine = ours[0].per_second
    raw = {rate.future: rate for rate in rates if rate.who == THE_RAW_LIMIT}
    for future, rate in ours.items():
        if future in raw:
            share = rate.per_second / raw[future].per_second
            yield share_of("the raw limit", share, OF_THE_RAW_LIMIT, on=f"{future:,} future rows")
    peers = [rate for rate in rates if rate.who not in {OURS, THE_RAW_LIMIT} and rate.future == 0 and is_peer(rate)]
    if peers:
        best = max(peers, key=lambda rate: rate.per_second)
        yield times(f"the best peer ({best.who})", mine / best.per_second, OF_THE_BEST_PEER)
    for rate in peers:
        if rate.who == CELERY:
            yield times(CELERY, mine / rate.per_second, OF_CELERY)
    for future, aim in zip(sorted(set(ours) - {0}), OF_AN_EMPTY_TABLE, strict=False):
        share = ours[future].per_second / mine
        yield share_of("its own figure without future rows", share, aim, on=f"{future:,} future rows")


def is_peer(rate: Rate) -> bool:
    """Whether the rate is somebody else's program, and not a measure of the database."""
    return not rate.who.startswith("raw")


def share_of(what: str, share: float, aim: float, *, on: str) -> Figure:
    """A share, in percent."""
    return Figure(f"{OURS}, as a share of {what}", on, f"{share:.0%}", f"{aim:.0%}", share / aim)


def times(what: str, multiple: float, aim: float) -> Figure:
    """A multiple."""
    return Figure(f"{OURS}, as a multiple of {what}", "no future rows", f"{multiple:.1f}×", f"{aim:g}×", multiple / aim)
