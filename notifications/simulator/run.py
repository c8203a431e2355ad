"""Plays all scripts in the order of time, and wakes the dispatcher whenever something is due."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from notifications.channels.base import Channel
from notifications.dispatcher import drain
from notifications.metrics.counters import nothing_counted
from notifications.queries.health import next_run_at
from notifications.simulator.answering import Answering
from notifications.simulator.clock import TICK, Outage, SimulatedClock, next_tick
from notifications.simulator.happenings import Cast, Stage, play
from notifications.simulator.provider import WorkerDied
from notifications.simulator.world import Happening, Life
from pathway.models import Reminder
from pathway.queries.questions import next_follow_up_at
from pathway.states import ReminderState

RESTARTS_IN = timedelta(seconds=20)
"""How long after its end a worker is running again."""


class Run:
    """One simulation. The clock jumps from one happening, or one due reminder, to the next."""

    def __init__(
        self,
        lives: Sequence[Life],
        *,
        stage: Stage,
        clock: SimulatedClock,
        channels: Mapping[str, Channel] | None,
        outages: Sequence[Outage] = (),
        seed: int = 0,
        progress: Callable[[int], object] = lambda lines: None,
    ) -> None:
        self.stage, self.clock, self.channels, self.seed = stage, clock, channels, seed
        self.progress = progress
        self.outages = list(outages)
        self.casts = [Cast(life) for life in lives]
        self.script: list[tuple[datetime, int, int]] = sorted(
            (line.at, cast_number, line_number)
            for cast_number, life in enumerate(lives)
            for line_number, line in enumerate(life.happenings)
        )
        self.answering = Answering(seed=seed)
        self.played = 0
        self.last_tick = clock() - TICK
        self.open_ends = False

    def play_until(self, end: datetime) -> None:
        """Let everything happen until `end` (UTC); what somebody does at `end` counts, the tick that answers it not."""
        while True:
            line_at = self.script[self.played][0] if self.played < len(self.script) else None
            tick_at = self.next_wake()
            answer_at = self.answering.next_at
            if answer_at is not None and answer_at == min(at for at in (answer_at, line_at, tick_at) if at):
                if answer_at > end:
                    break
                self.clock.advance_to(answer_at)
                self.answering.answer(now=self.clock())
            elif line_at is not None and (tick_at is None or line_at <= tick_at):
                if line_at > end:
                    break
                self.clock.advance_to(line_at)
                self.play_line()
            elif tick_at is not None and tick_at < end:
                self.clock.advance_to(tick_at)
                self.wake(tick_at)
            else:
                break
        self.clock.advance_to(end)

    def play_line(self) -> None:
        """The next line of the scripts."""
        cast, line = self.line(self.played)
        play(cast, line, stage=self.stage, now=self.clock())
        self.played += 1
        self.progress(1)

    def line(self, number: int) -> tuple[Cast, Happening]:
        _, cast_number, line_number = self.script[number]
        cast = self.casts[cast_number]
        return cast, cast.life.happenings[line_number]

    def next_wake(self) -> datetime | None:
        """The next tick of beat that finds something to do; None when nothing is due any more."""
        due = [next_run_at(), next_follow_up_at()]
        if self.open_ends:
            due += self.loose_ends()
        at = min((found for found in due if found is not None), default=None)
        if at is None:
            return None
        return next_tick(max(at, self.last_tick + TICK, self.clock()), self.outages)

    def loose_ends(self) -> list[datetime | None]:
        """When the next expired lease can be rescued, and the next unanswered message be asked about."""
        leased = Reminder.objects.filter(state=ReminderState.CLAIMED).order_by("claimed_until")
        unsettled = Reminder.objects.filter(state=ReminderState.UNKNOWN, useful_until__gte=F("run_at"))
        ends = [
            leased.values_list("claimed_until", flat=True).first(),
            unsettled.order_by("run_at").values_list("run_at", flat=True).first(),
            unsettled.filter(claimed_until__gt=self.clock()).order_by("claimed_until")
            .values_list("claimed_until", flat=True).first(),
        ]  # fmt: skip
        self.open_ends = any(ends)
        return ends

    def wake(self, tick_at: datetime) -> None:
        """One tick: the dispatcher drains what is due. A worker that dies is back a little later."""
        self.last_tick = tick_at
        try:
            with nothing_counted():
                drained = drain(clock=self.clock, channels=self.channels, seed=self.seed)
        except WorkerDied:
            self.open_ends = True
            self.outages.append(Outage(self.clock(), self.clock() + RESTARTS_IN))
            return
        finally:
            self.answering.hear()
        self.open_ends = self.open_ends or bool(drained.unknown or drained.rescued)
