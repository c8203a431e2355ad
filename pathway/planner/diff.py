"""diff(): what has to change in the rows so that they say what the plan says. Sent rows are never touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pathway.planner.facts import Plan, PlannedReminder, Says, Told
from pathway.states import REMINDER_TOLD, ReminderState


@dataclass(frozen=True, slots=True)
class Row:
    """One reminder as it stands in the database. `started`: a dispatcher has begun to send it (instants UTC)."""

    id: int
    key: str
    planned: PlannedReminder
    state: ReminderState
    started: bool
    told_at: datetime | None
    superseded: bool

    @property
    def base_key(self) -> str:
        return self.planned.key

    @property
    def is_pending(self) -> bool:
        """Whether it waits to be sent and may still be changed."""
        return self.state is ReminderState.PLANNED or (self.state is ReminderState.CLAIMED and not self.started)

    @property
    def is_told(self) -> bool:
        """Whether the patient has read it, or may have."""
        return self.state in REMINDER_TOLD or (self.state is ReminderState.CLAIMED and self.started)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do with the rows, in this order.

    `withdraw`: row id and reason. `move`: row id and how it should be; when that is a call or nothing, the row ends as
    missed or withdrawn. `create`: key and reminder. `correct`: row id and the key of the row that supersedes it.
    """

    withdraw: tuple[tuple[int, str], ...] = ()
    move: tuple[tuple[int, PlannedReminder], ...] = ()
    create: tuple[tuple[str, PlannedReminder], ...] = ()
    correct: tuple[tuple[int, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.withdraw or self.move or self.create or self.correct)


def told_of(rows: Iterable[Row]) -> dict[str, Told]:
    """The last thing told under each base key, by the rows that went out or may have: the planner's `Facts.told`."""
    told: dict[str, Told] = {}
    for row in sorted((row for row in rows if row.is_told and row.told_at), key=lambda row: (row.told_at, row.id)):
        assert row.told_at is not None  # noqa: S101 - filtered above
        says: Mapping[str, Says] = row.planned.covers
        if not _is_correction(row.base_key):
            says = {row.base_key: row.planned.says, **says}
        told.update({key: Told(row.told_at, value) for key, value in says.items()})
    return told


def diff(rows: Iterable[Row], plan: Plan) -> Changes:
    """The changes that turn `rows` into `plan`. Rows that went out stay; applying it twice changes nothing more."""
    last: dict[str, Row] = {}
    count: dict[str, int] = {}
    rows = sorted(rows, key=lambda row: row.id)
    for row in rows:
        last[row.base_key] = row
        count[row.base_key] = count.get(row.base_key, 0) + 1
    wanted = {reminder.key: reminder for reminder in plan.reminders}
    joined = {key: reminder.key for reminder in plan.reminders for key in reminder.covers}

    withdraw, move, create, correct = [], [], [], []
    for row in rows:
        if row.is_pending and (row.base_key not in wanted or last[row.base_key] is not row):
            withdraw.append((row.id, _why_withdrawn(row.base_key, joined)))
    for base_key, reminder in wanted.items():
        current = last.get(base_key)
        if current is None:
            if not reminder.told:
                create.append((base_key, reminder))
        elif current.is_pending:
            if not _is_same(current.planned, reminder):
                move.append((current.id, reminder))
        elif not reminder.told and _is_needed_again(current, reminder):
            create.append((f"{base_key}/{count[base_key] + 1}", reminder))
    for key, reminder in create:
        for base_key in reminder.corrects:
            correct += [
                (row.id, key)
                for row in rows
                if row.is_told and not row.superseded and (row.base_key == base_key or base_key in row.planned.covers)
            ]
    return Changes(tuple(withdraw), tuple(move), tuple(create), tuple(correct))


def _is_correction(base_key: str) -> bool:
    return base_key.endswith(("/correction", "/cancelled"))


def _why_withdrawn(base_key: str, joined: dict[str, str]) -> str:
    if base_key in joined:
        return f"joined with {joined[base_key]}"
    if _is_correction(base_key):
        return "what was told is right again"
    return "the plan no longer has it"


def _is_same(current: PlannedReminder, wanted: PlannedReminder) -> bool:
    """Whether a waiting row is as it should be. One that is due already stays when it should go out now anyway."""
    if wanted.late == "now" and current.goes_out and current.send_at <= wanted.send_at:
        return _promise(current)[1:] == _promise(wanted)[1:]
    return (
        _promise(current) == _promise(wanted)
        and (current.send_at, current.moved, current.late) == (wanted.send_at, wanted.moved, wanted.late)
        and current.reason == wanted.reason
    )


def _promise(reminder: PlannedReminder) -> tuple[object, ...]:
    """What the patient is promised: when it was meant, until when it is of use, and what it tells."""
    return (
        reminder.intended_at, reminder.useful_until, reminder.text, dict(reminder.says), reminder.safety,
        {key: dict(says) for key, says in reminder.covers.items()},
    )  # fmt: skip


def _is_needed_again(ended: Row, wanted: PlannedReminder) -> bool:
    """Whether what ended has to be planned anew under the next key.

    What was told is told again when it says something else and its own moment is still to come (until then its
    correction speaks), and a correction whenever it says something else. What was missed is planned again when the
    promise changed; what was withdrawn, whenever there is something to do.
    """
    if ended.is_told:
        return dict(ended.planned.says) != dict(wanted.says) and (bool(wanted.corrects) or wanted.late is None)
    before, after = ended.planned, wanted
    same = before.useful_until == after.useful_until and dict(before.says) == dict(after.says)
    same = same and (bool(after.corrects) or before.intended_at == after.intended_at)
    if ended.state is ReminderState.WITHDRAWN:
        return wanted.late != "skip"
    return not same and wanted.late != "skip"
