"""diff(): what has to change in the rows so that they say what the plan says. Sent rows are never touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pathway.planner.corrections import UNBOOKED
from pathway.planner.facts import Plan, PlannedReminder, Promise, Says, Told
from pathway.states import REMINDER_TOLD, ReminderState

CORRECTION, CANCELLED = "/correction", "/cancelled"
"""How the base keys of rows end that take back what others told."""

LEFT_TO_A_PERSON = (ReminderState.MISSED, ReminderState.FAILED)
"""What a row in one of these would have said is a person's to say."""


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
    """The last thing told under each base key, by the rows that went out or may have: the planner's `Facts.told`.

    A correction that could not go out counts from its moment on: a person was asked to say it by phone.
    """
    told: dict[str, Told] = {}
    said = [(row.told_at or row.planned.send_at, row) for row in rows if row.is_told or _is_phoned_correction(row)]
    for at, row in sorted(said, key=lambda entry: (entry[0], entry[1].id)):
        by_phone, text = not row.is_told, row.planned.text
        told.update(
            {
                key: Told(at, value, by_phone, text, _fasts_from(told.get(key), value, by_phone=by_phone))
                for key, value in _said_by(row).items()
            }
        )
    return told


def _said_by(row: Row) -> Mapping[str, Says]:
    """What a row tells, by the base key that it tells it for: its own, unless it corrects, and those it speaks for."""
    own = {} if _is_correction(row.base_key) else {row.base_key: row.planned.says}
    return {**own, **row.planned.covers}


def _fasts_from(before: Told | None, says: Says, *, by_phone: bool) -> str:
    """From when on the patient surely knows to fast. What a nurse was asked to tell may not have been told like that:
    a later start ends no fast, and an earlier one undoes no breakfast."""
    start = says.get("fast_from", "")
    if by_phone and before is not None and before.fasts_from and before.says.get("day") == says.get("day"):
        return before.fasts_from
    return start


def fast_of(rows: Iterable[Row]) -> Told | None:
    """The last fast that the patient was told of, or that a person was asked to tell by phone: `Facts.fast`.

    A person may have told it or not. Whoever heard of it fasts, so it counts here, although as told it does not.
    """
    fast, keys = None, set[str]()
    said = [(row.told_at or row.planned.send_at, row) for row in rows if row.is_told or row.state in LEFT_TO_A_PERSON]
    for at, row in sorted(said, key=lambda entry: (entry[0], entry[1].id)):
        if row.is_told and row.base_key.endswith(CANCELLED) and keys & row.planned.covers.keys():
            fast = None
        for key, says in _said_by(row).items():
            if "fast_from" in says and UNBOOKED not in says:
                start, by_phone = says["fast_from"], not row.is_told
                if by_phone and fast is not None and fast.says.get("day") == says.get("day"):
                    start = min(start, fast.fasts_from)
                fast, keys = Told(at, says, by_phone, row.planned.text, start), keys | {key}
    return fast


def over_of(rows: Iterable[Row]) -> dict[str, Promise]:
    """What ended without being told and is a person's now, by base key: the planner's `Facts.over`."""
    last = {row.base_key: row for row in sorted(rows, key=lambda row: row.id)}
    return {key: row.planned.promise for key, row in last.items() if row.state in LEFT_TO_A_PERSON}


def _is_phoned_correction(row: Row) -> bool:
    return _is_correction(row.base_key) and row.state in LEFT_TO_A_PERSON


def diff(rows: Iterable[Row], plan: Plan) -> Changes:
    """The changes that turn `rows` into `plan`. Rows that went out stay; applying it twice changes nothing more."""
    last: dict[str, Row] = {}
    count: dict[str, int] = {}
    rows = sorted(rows, key=lambda row: row.id)
    for row in rows:
        last[row.base_key] = row
        count[row.base_key] = count.get(row.base_key, 0) + 1
    wanted = {reminder.key: reminder for reminder in plan.reminders}
    joined = {key: reminder.key for reminder in plan.reminders if not reminder.corrects for key in reminder.covers}
    corrected = {key for reminder in plan.reminders for key in reminder.corrects}

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
        elif not reminder.told and _is_needed_again(current, reminder, corrected):
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
    return base_key.endswith((CORRECTION, CANCELLED))


def _why_withdrawn(base_key: str, joined: dict[str, str]) -> str:
    if base_key in joined:
        return f"joined with {joined[base_key]}"
    if _is_correction(base_key):
        return "what it would have said is no longer so"
    return "the plan no longer has it"


def _is_same(current: PlannedReminder, wanted: PlannedReminder) -> bool:
    """Whether a waiting row is as it should be. One that is due already stays when it should go out now anyway.

    Why it was moved is not compared: the words may differ from one planning to the next, the message does not.
    """
    if current.text != wanted.text or current.safety != wanted.safety or dict(current.covers) != dict(wanted.covers):
        return False
    if wanted.late == "now" and current.goes_out and current.send_at <= wanted.send_at:
        return current.promise[1:] == wanted.promise[1:]
    return current.promise == wanted.promise and (current.send_at, current.late) == (wanted.send_at, wanted.late)


def _is_needed_again(ended: Row, wanted: PlannedReminder, corrected: set[str]) -> bool:
    """Whether what ended has to be planned anew under the next key.

    A correction always is: the planner asks for one only while the patient believes something wrong. What was told is
    told again when it says something else, unless a correction says it and its own moment has gone by. What was missed
    is planned again when the promise changed; what was withdrawn, whenever there is something to do.
    """
    if wanted.corrects:
        return True
    if wanted.late == "skip":
        return False
    if ended.is_told:
        return ended.planned.says != wanted.says and (wanted.late is None or wanted.key not in corrected)
    return ended.state is ReminderState.WITHDRAWN or ended.planned.promise != wanted.promise
