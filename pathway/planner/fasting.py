"""From when on a procedure is safe after the last meal and drink: pure arithmetic in elapsed time.

Minimum times (ASA 2017, S): clear liquids 2 h, a light meal 6 h, fried or fatty food and meat 8 h or more. A clinic may
ask for longer, never for less. Six hours are six hours, also in the night when clocks change: instants are UTC.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FastingRules:
    """How long (elapsed) before the procedure the last of each may be. `heavy`: fried or fatty food, meat."""

    light: timedelta
    heavy: timedelta
    clear: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing taken `since` (UTC), and how long to wait after it. `what` is `food` or `clear liquids`."""

    what: str
    since: datetime
    needed: timedelta

    @property
    def safe_from(self) -> datetime:
        return self.since + self.needed


@dataclass(frozen=True, slots=True)
class Intake:
    """What somebody said at `said_at` of the last food and the last clear liquid (instants UTC).

    None means that nobody knows, never that there was none. Food is `heavy` unless it is known to have been light.
    """

    said_at: datetime
    ate_at: datetime | None
    drank_at: datetime | None
    heavy: bool = True

    @property
    def is_known(self) -> bool:
        """Whether both times are known: only then can a start be called safe."""
        return self.ate_at is not None and self.drank_at is not None

    def limits(self, rules: FastingRules) -> tuple[Limit, ...]:
        """What is known to have been taken, each with its wait."""
        found = []
        if self.ate_at is not None:
            found.append(Limit("food", self.ate_at, rules.heavy if self.heavy else rules.light))
        if self.drank_at is not None:
            found.append(Limit("clear liquids", self.drank_at, rules.clear))
        return tuple(found)

    def last_limit(self, rules: FastingRules) -> Limit | None:
        """The one that has to be waited for longest."""
        return max(self.limits(rules), key=lambda limit: limit.safe_from, default=None)

    def safe_from(self, rules: FastingRules) -> datetime | None:
        """The earliest safe start (UTC); None while a time is unknown."""
        last = self.last_limit(rules)
        return last.safe_from if last is not None and self.is_known else None

    def settles(self, rules: FastingRules, procedure: datetime) -> bool:
        """Whether this decides if `procedure` (UTC) is safe.

        What forbids it decides whenever it was said. What allows it decides only when it was said after the fast should
        have begun: whoever was asked the evening before may have eaten since.
        """
        last = self.last_limit(rules)
        if last is not None and last.safe_from > procedure:
            return True
        return self.is_known and self.said_at >= procedure - rules.light

    def overlong(
        self, *, procedure: datetime, dry_until: datetime, food: timedelta | None, clear: timedelta | None
    ) -> tuple[tuple[str, timedelta], ...]:
        """What the patient goes without for longer than the limits (None for no limit), and for how long.

        No food is taken any more until the `procedure`. Clear liquids are counted until `dry_until` (UTC): somebody at
        home may still drink.
        """
        found = []
        for what, since, until, longest in (
            ("food", self.ate_at, procedure, food),
            ("clear liquids", self.drank_at, dry_until, clear),
        ):
            if since is not None and longest is not None and until - since > longest:
                found.append((what, until - since))
        return tuple(found)
