"""What became of every reminder of a simulation, in figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from pathway.models import Origin, Question, Reminder, WorkItem
from pathway.states import REMINDER_TOLD, ReminderState


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long after its promised moment a reminder was taken by the provider: seconds on the simulated clock."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run. Every planned reminder is in one of sent, missed, withdrawn, failed, unknown, pending.

    `corrected`: told reminders that a correction took back. `duplicates`: times a patient read one again. `asked`:
    questions that texts put, of which some were `answered`, some `asked_again`; `copied`: copies to caregivers.
    """

    journeys: int
    weeks: int
    seed: int
    faults: float
    planned: int
    sent: int
    missed: int
    withdrawn: int
    failed: int
    unknown: int
    pending: int
    corrected: int
    duplicates: int
    work_items: int
    asked: int
    answered: int
    asked_again: int
    copied: int
    lateness: Lateness
    wall_seconds: float
    violations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """One flat object, with `lateness` as an object of its own."""
        return asdict(self)

    def in_words(self) -> str:
        """A table for people."""
        rows = [
            ("planned", self.planned, "reminders, each of which became one of the next six"),
            ("sent", self.sent, "the provider took it"),
            ("missed", self.missed, "could not be sent in time; a person was told where the protocol says so"),
            ("withdrawn", self.withdrawn, "no longer wanted: moved, joined, cancelled"),
            ("failed", self.failed, "refused for good on every way; a person was told"),
            ("unknown", self.unknown, "may have arrived, nothing can prove it; a person was told"),
            ("pending", self.pending, "still to come when the time was up"),
            ("corrected", self.corrected, "were told and then put right"),
            ("duplicates", self.duplicates, "read twice by a patient"),
            ("work items", self.work_items, "opened for staff"),
            ("asked", self.asked, "questions that texts put to patients"),
            ("answered", self.answered, "of these"),
            ("asked again", self.asked_again, "of these, after a silence"),
            ("copied", self.copied, "texts that a caregiver was sent as well"),
        ]
        lines = [f"{self.journeys} journeys, {self.weeks} weeks, seed {self.seed}, faults {self.faults:g}", ""]
        lines += [f"  {name:<12}{count:>9,}  {meaning}" for name, count, meaning in rows]
        late = self.lateness
        lines += ["", f"  lateness      p50 {late.p50:,.1f} s, p99 {late.p99:,.1f} s, max {late.max:,.1f} s"]
        lines += [f"  wall time     {self.wall_seconds:,.1f} s"]
        if self.violations:
            lines += ["", f"{len(self.violations)} things happened that never must:", *self.violations[:50]]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Part:
    """What one database of a simulation holds in the end: counts by name, lateness of each sent reminder (seconds)."""

    counts: Mapping[str, int]
    late: Sequence[float]
    violations: Sequence[str]


def report_of(
    parts: Sequence[Part], *, journeys: int, weeks: int, seed: int, faults: float, wall_seconds: float
) -> Report:
    """The figures of all parts together."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    late = sorted(seconds for part in parts for seconds in part.late)
    return Report(
        journeys=journeys,
        weeks=weeks,
        seed=seed,
        faults=faults,
        wall_seconds=round(wall_seconds, 3),
        lateness=Lateness(nearest_rank(late, 0.50), nearest_rank(late, 0.99), nearest_rank(late, 1.0)),
        violations=[violation for part in parts for violation in part.violations],
        **{name: counts[name] for name in COUNTED},
    )


COUNTED = (
    "planned", "sent", "missed", "withdrawn", "failed", "unknown", "pending", "corrected", "duplicates", "work_items",
    "asked", "answered", "asked_again", "copied",
)  # fmt: skip


def count_states() -> dict[str, int]:
    """The planned reminders in the database by what became of them, and what followed from them."""
    found = Counter(Reminder.objects.filter(origin=Origin.PLAN).values_list("state", flat=True))
    state = ReminderState
    told = Reminder.objects.filter(state__in=REMINDER_TOLD)
    return {
        "planned": sum(found.values()),
        "sent": found[state.SENT] + found[state.DELIVERED],
        "missed": found[state.MISSED],
        "withdrawn": found[state.WITHDRAWN],
        "failed": found[state.FAILED],
        "unknown": found[state.UNKNOWN],
        "pending": found[state.PLANNED] + found[state.CLAIMED],
        "corrected": Reminder.objects.filter(superseded_by__isnull=False).count(),
        "work_items": WorkItem.objects.count(),
        "asked": Question.objects.count(),
        "answered": Question.objects.filter(answered_at__isnull=False).count(),
        "asked_again": told.filter(origin=Origin.AGAIN).count(),
        "copied": told.filter(origin=Origin.COPY).count(),
    }


def lateness_of_each() -> list[float]:
    """How late each sent reminder of the plan was, in seconds."""
    times = Reminder.objects.filter(origin=Origin.PLAN, sent_at__isnull=False).values_list("send_at", "sent_at")
    return [(sent_at - send_at).total_seconds() for send_at, sent_at in times if sent_at is not None]


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed, to the millisecond; 0 for none."""
    if not ordered:
        return 0.0
    rank = max(1, -int(-(share * len(ordered)) // 1))
    return round(ordered[rank - 1], 3)
