"""Fewer messages: neighbours of one step become one, and routine ones keep to so many a day and a week."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from pathway.planner.clock import DAY, Window, to_utc
from pathway.planner.facts import Late, Moved, PlannedReminder, Says
from pathway.planner.spec import Protocol

HORIZON_DAYS = 14
"""How far a routine message may be moved by the caps before it counts as not sendable."""

WEEK_DAYS = 7


def merge_near(reminders: Iterable[PlannedReminder], min_gap: timedelta) -> list[PlannedReminder]:
    """Those of one step that go out less than `min_gap` after one before them are joined to it; the others stay.

    The first one stays, since it leaves the patient more time. Messages of different words join as well: the step's
    link shows everything. Corrections neither join nor are joined: they take back, the others tell.
    """
    kept: list[PlannedReminder] = []
    last: dict[str, int] = {}
    for reminder in sorted(reminders, key=lambda reminder: reminder.send_at):
        if not reminder.goes_out or reminder.corrects:
            kept.append(reminder)
            continue
        index = last.get(reminder.step)
        if index is not None and reminder.send_at - kept[index].send_at < min_gap:
            kept[index] = _joined(kept[index], reminder)
        else:
            last[reminder.step] = len(kept)
            kept.append(reminder)
    return kept


def _joined(first: PlannedReminder, other: PlannedReminder) -> PlannedReminder:
    """`first`, speaking for `other` as well."""
    covers: dict[str, Says] = {**first.covers, **other.covers}
    covers.setdefault(other.key, other.says)
    reason = f"joined with {other.key}"
    return _with(
        first, first.send_at, first.moved, first.late, "; ".join(filter(None, (first.reason, reason))), covers=covers,
        safety=first.safety or other.safety,
    )  # fmt: skip


def keep_to_caps(
    reminders: list[PlannedReminder],
    protocol: Protocol,
    routine_sent: Iterable[datetime],
    window: Window,
    now: datetime,
) -> list[PlannedReminder]:
    """Routine messages moved to a day that has room, or handed to a person; safety messages as they are.

    Days are the patient's; a week is any seven days on end. What is of use the shortest chooses its day first.
    """
    zone = window.zone
    days = [sent.astimezone(zone).date() for sent in routine_sent]
    kept = [reminder for reminder in reminders if reminder.safety or not reminder.goes_out]
    routine = [reminder for reminder in reminders if not reminder.safety and reminder.goes_out]
    for reminder in sorted(routine, key=lambda reminder: (reminder.send_at, reminder.useful_until)):
        fitting = _on_a_free_day(reminder, protocol, days, window, now)
        if fitting.goes_out:
            days.append(fitting.send_at.astimezone(zone).date())
        kept.append(fitting)
    return kept


def _on_a_free_day(
    reminder: PlannedReminder, protocol: Protocol, days: list[date], window: Window, now: datetime
) -> PlannedReminder:
    """The reminder on the nearest day with room, its own direction first."""
    wall = reminder.send_at.astimezone(window.zone).replace(tzinfo=None)
    if _has_room(wall.date(), protocol, days):
        return reminder
    # The clock time that the protocol asked for, so that planning again a little later finds the same instant.
    clock = reminder.intended_at.astimezone(window.zone).time()
    ways: tuple[tuple[Moved, int], ...] = (("later", 1), ("earlier", -1))
    for moved, sign in ways if reminder.waits_for_window else reversed(ways):
        for distance in range(1, HORIZON_DAYS + 1):
            day = wall.date() + sign * distance * DAY
            if not _has_room(day, protocol, days):
                continue
            at = window.next_opening(to_utc(datetime.combine(day, clock), window.zone))
            if at >= reminder.useful_until or at < now:
                break
            if at.astimezone(window.zone).date() == day:
                return _with(reminder, at, moved, None, _cap_reason(reminder.reason, protocol))
    spec = protocol.reminder(reminder.key)
    late: Late = spec.if_late if spec is not None else "call"
    return _with(reminder, now, reminder.moved, late, _cap_reason("no day has room", protocol))


def _has_room(day: date, protocol: Protocol, days: list[date]) -> bool:
    """Whether one more routine message on `day` keeps to the daily cap and to the cap of every seven days around it."""
    if days.count(day) >= protocol.daily_cap:
        return False
    near = [other for other in days if abs((other - day).days) < WEEK_DAYS]
    if len(near) < protocol.weekly_cap:
        return True
    for first in range(WEEK_DAYS):
        start = day - first * DAY
        end = start + (WEEK_DAYS - 1) * DAY
        if sum(start <= other <= end for other in near) >= protocol.weekly_cap:
            return False
    return True


def _cap_reason(reason: str, protocol: Protocol) -> str:
    cap = f"at most {protocol.daily_cap} routine message(s) a day and {protocol.weekly_cap} in seven days"
    return "; ".join(filter(None, (reason, cap)))


def _with(
    r: PlannedReminder, send_at: datetime, moved: Moved | None, late: Late | None, reason: str,
    covers: dict[str, Says] | None = None, safety: bool | None = None,
) -> PlannedReminder:  # fmt: skip
    """A copy with these changes."""
    return PlannedReminder(
        r.key, r.step, r.text, send_at, r.intended_at, r.useful_until, moved, late, reason, r.says,
        r.safety if safety is None else safety, r.waits_for_window, r.needs_booked, r.resend_unproven,
        r.covers if covers is None else covers, r.corrects, r.told,
    )  # fmt: skip
