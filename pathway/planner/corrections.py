"""What was told and has become wrong: one message that takes it back and says what is right."""

from datetime import datetime, time

from pathway.planner.clock import HOUR, Window, to_utc
from pathway.planner.facts import Facts, Late, PlannedReminder, Says, Told
from pathway.planner.spec import Protocol, ReminderSpec

UNBOOKED = "unbooked"
"""In `says` of what tells the time of a milestone that nobody has booked: such a time is never told."""

WARNING = 2 * HOUR
"""A correction that has to wait for the morning must come this long before the time it takes back."""

CALLED_OFF_UNTIL = 24 * HOUR
"""How long the news that a medicine plan is paused is worth a message; then a person has to call."""


def corrections(
    protocol: Protocol,
    facts: Facts,
    wanted: list[PlannedReminder],
    anchors: dict[str, datetime],
    window: Window,
    now: datetime,
) -> list[PlannedReminder]:
    """One correction for all that was told about one milestone and is wrong now, whether it moved or was called off.

    The words are those of the told message that matters most: a safety message first, then the latest. Everything
    else that was wrong is linked to it (`corrects`).
    """
    if not facts.told:
        return []
    right = {reminder.key: reminder for reminder in wanted if UNBOOKED not in reminder.says}
    wrong: dict[tuple[str, bool], list[tuple[ReminderSpec, str, Told]]] = {}
    for key, told in facts.told.items():
        spec = protocol.reminder(key)
        if spec is None or not (spec.correction or spec.cancelled):
            continue
        reminder = right.get(key)
        if (reminder.says if reminder is not None else {}) != told.says and _still_matters(told, reminder, facts, now):
            wrong.setdefault((spec.about, reminder is not None), []).append((spec, key, told))
    found = []
    for group in wrong.values():
        group.sort(key=lambda entry: (entry[0].safety, entry[2].at, entry[1]))
        found.append(_correction(group, right, facts, anchors, window, now))
    return found


def _still_matters(told: Told, reminder: PlannedReminder | None, facts: Facts, now: datetime) -> bool:
    """Whether the patient could still act on what they were told, or has a new time to be told."""
    said = _said_at(told.says, facts)
    if reminder is not None and any(name in reminder.says for name in ("day", "last_dose")):
        return True
    return said is not None and said > now


def _said_at(says: Says, facts: Facts) -> datetime | None:
    """The instant a told text spoke of: the arrival or time on its day, else the day's end; the restart of a hold."""
    day = says.get("day") or says.get("restart")
    if day is None:
        return None
    clock = says.get("arrival") or says.get("time")
    at = time.fromisoformat(clock) if clock else time(23, 59)
    return to_utc(datetime.combine(datetime.fromisoformat(day).date(), at), facts.zone)


def _correction(
    group: list[tuple[ReminderSpec, str, Told]],
    right: dict[str, PlannedReminder],
    facts: Facts,
    anchors: dict[str, datetime],
    window: Window,
    now: datetime,
) -> PlannedReminder:
    """The correction for one group of wrong messages, led by the last of it."""
    spec, key, told = group[-1]
    reminder = right.get(key)
    said = _said_at(told.says, facts)
    if reminder is None:
        name, text, says, needs = "cancelled", spec.cancelled or spec.correction, dict[str, str](), ""
        until = said if said is not None else now + CALLED_OFF_UNTIL
    else:
        name, text, says = "correction", spec.correction or spec.cancelled, dict(reminder.says)
        needs = reminder.needs_booked
        until = anchors["arrival" if "arrival" in says else spec.about]
    send_at, late, reason = now, "now", f"what was told under {key} is no longer right"
    if now >= until:
        late, reason = "call", f"{reason}, and a message would come too late"
    elif not window.is_open(now):
        send_at = window.next_opening(now)
        if send_at >= until or (said is not None and send_at > said - WARNING):
            send_at, late, reason = now, "call", f"{reason}, and the sending window is closed"
    covers = {entry[1]: right[entry[1]].says if entry[1] in right else {} for entry in group}
    lateness: Late = "call" if late == "call" else "now"
    return PlannedReminder(
        f"{key}/{name}", spec.step, text, send_at, send_at, until, None, lateness, reason, says, True,
        False, needs, True, covers, tuple(entry[1] for entry in group),
    )  # fmt: skip
