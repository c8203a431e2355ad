"""What was told and has become wrong: one message that takes it back and says what is right."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pathway.planner.clock import DAY, HOUR, Window, to_utc
from pathway.planner.facts import Facts, Late, PlannedReminder, Says, Told
from pathway.planner.spec import Protocol, ReminderSpec

UNBOOKED = "unbooked"
"""In `says` of what tells the time of a milestone that nobody has booked: such a time is never told."""

WARNING = 2 * HOUR
"""A correction that has to wait for the morning must come this long before the time it takes back."""

RESTART_OPEN = 30 * DAY
"""How long after the told last dose a plan whose restart has no day yet can still be acted on."""

FASTING_GOES_ON = 4 * HOUR
"""How long after the told arrival somebody may still be waiting unfed for a procedure that is late."""


def corrections(
    protocol: Protocol,
    facts: Facts,
    wanted: list[PlannedReminder],
    anchors: dict[str, datetime],
    window: Window,
    now: datetime,
) -> list[PlannedReminder]:
    """One correction for all that was told about one milestone and is wrong now, whether it moved or was called off.

    The words are those of the told message that matters most. What else was wrong is linked to it (`corrects`) when
    those words say it as well; what they leave out gets a correction of its own.
    """
    right = {reminder.key: reminder for reminder in wanted if UNBOOKED not in reminder.says}
    moved: dict[tuple[str, bool], list[Wrong]] = {}
    called_off: dict[tuple[str, str], list[Wrong]] = {}
    for key, told in facts.told.items():
        spec = protocol.reminder(key)
        if spec is None or not (spec.correction or spec.cancelled):
            continue
        reminder = right.get(key)
        if reminder is not None and reminder.says != told.says and not _has_happened(spec.about, facts):
            moved.setdefault((spec.about, spec.for_each_hold), []).append(Wrong(spec, key, told, reminder.says))
        elif reminder is None and told.says and _is_ahead(told, facts, now):
            # One drug's hold taken back leaves the plan of the others: its dates are new, it does not pause.
            text = spec.correction if _has_other_holds(spec, right) else spec.cancelled
            called_off.setdefault((spec.about, text), []).append(Wrong(spec, key, told, {}))
    found = [
        _correction(group, right[group[-1].key], "", facts, anchors, window, now)
        for wrong in moved.values()
        for group in _by_what_one_text_can_say(wrong)
    ]
    return found + [
        _correction(sorted(group, key=_weight), None, text, facts, anchors, window, now)
        for (_, text), group in called_off.items()
    ]


def is_spoken_for(reminder: PlannedReminder, correction: PlannedReminder, protocol: Protocol) -> bool:
    """Whether a message would only repeat in words what a correction of its step tells less than `min_gap` before it.

    A day that stands behind a link (a medicine's) is not told in words: "see your plan today" is sent all the same.
    """
    spec = protocol.reminder(reminder.key)
    if spec is None or not spec.tells or reminder.step != correction.step or reminder.key not in correction.corrects:
        return False
    apart = reminder.send_at - correction.send_at
    return reminder.goes_out and correction.goes_out and (apart <= timedelta(0) or apart < protocol.min_gap)


def would_end_a_fast(says: Says, facts: Facts, window: Window, at: datetime) -> bool:
    """Whether telling this `fast_from` at `at` (UTC) would tell somebody who is fasting then that they may eat.

    They may not: the fast goes on, and a nurse decides (clinical facts, section 4). Messages for another day than
    today are no such word.
    """
    start = says.get("fast_from")
    if start is None or says.get("day") != at.astimezone(window.zone).date().isoformat():
        return False
    return _fasts_through(start, facts, at) is not None


def _fasts_through(start: str, facts: Facts, at: datetime) -> datetime | None:
    """Since when (UTC) a patient fasts at `at` to whom a later `start` would be told; None when it is no such word."""
    if facts.fast is None or start <= facts.fast.fasts_from:
        return None
    return fasting_since(facts.fast, facts.zone, at)


def fasting_since(fast: Told | None, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Since when (UTC) a patient fasts at `at`, by the fast that they know of (`Facts.fast`); None when they do not.

    It goes on until the end of the day that it was for, and for a while after a late arrival.
    """
    arrival = _said_at(fast.says, zone) if fast is not None else None
    if fast is None or arrival is None:
        return None
    began = to_utc(datetime.fromisoformat(fast.fasts_from), zone)
    midnight = to_utc(datetime.combine(arrival.astimezone(zone).date() + DAY, time(0)), zone)
    return began if began <= at < max(midnight, arrival + FASTING_GOES_ON) else None


def _goes_on(began: datetime, procedure: datetime, facts: Facts) -> str:
    """What the nurse is told of the fast: since when, and how long it would be by the new time."""
    local, length = began.astimezone(facts.zone), procedure - began
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return (
        f"the patient has been fasting since {local:%a} {local.hour % 12 or 12}:{local:%M} {local:%p}, and by the new "
        f"time it would be {hours} h {minutes} min: a nurse decides about food and drink"
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something told that is no longer right, and what would be right; `{}` when it is called off."""

    spec: ReminderSpec
    key: str
    told: Told
    says: Says


def _weight(wrong: Wrong) -> tuple[bool, int, datetime, str]:
    """What leads a correction: a safety message, then the one that tells most, then the latest."""
    return wrong.spec.safety, len(wrong.says), wrong.told.at, wrong.key


def _by_what_one_text_can_say(wrong: list[Wrong]) -> list[list[Wrong]]:
    """Groups of wrong messages, the leading one last: it tells all that the others of its group told."""
    groups: list[list[Wrong]] = []
    for one in sorted(wrong, key=_weight, reverse=True):
        for group in groups:
            if one.says.keys() <= group[-1].says.keys():
                group.insert(0, one)
                break
        else:
            groups.append([one])
    return groups


def _has_happened(about: str, facts: Facts) -> bool:
    milestone = facts.milestones.get(about)
    return milestone is not None and milestone.done


def _is_ahead(told: Told, facts: Facts, now: datetime) -> bool:
    """Whether the patient could still act on what they were told."""
    said = _said_at(told.says, facts.zone)
    return said is not None and said > now


def _has_other_holds(spec: ReminderSpec, right: dict[str, PlannedReminder]) -> bool:
    return spec.for_each_hold and any(key.startswith(f"{spec.key}/") for key in right)


def _said_at(says: Says, zone: ZoneInfo) -> datetime | None:
    """The instant a told text spoke of: the arrival or time on its day, else the day's end; the restart of a hold."""
    day = says.get("day") or says.get("restart")
    if day is None and "last_dose" in says:
        return to_utc(datetime.fromisoformat(says["last_dose"]), zone) + RESTART_OPEN
    if day is None:
        return None
    clock = says.get("arrival") or says.get("time")
    at = time.fromisoformat(clock) if clock else time(23, 59)
    return to_utc(datetime.combine(datetime.fromisoformat(day).date(), at), zone)


def _correction(
    group: list[Wrong],
    reminder: PlannedReminder | None,
    text: str,
    facts: Facts,
    anchors: dict[str, datetime],
    window: Window,
    now: datetime,
) -> PlannedReminder:
    """The correction for one group of wrong messages, led by the last of it; `reminder` is what is right now.

    Without one what was told is called off, in the words of `text`.
    """
    spec, key, told = group[-1].spec, group[-1].key, group[-1].told
    said = _said_at(told.says, facts.zone)
    name, says, needs = "cancelled", dict[str, str](), ""
    until = said if said is not None else now
    if reminder is not None:
        name, text, says = "correction", spec.correction, dict(reminder.says)
        needs = reminder.needs_booked
        until = anchors["arrival" if "arrival" in says else spec.about]
    send_at = window.next_opening(now)
    late: Late = "now"
    reason = f"what was told under {key} is no longer right"
    began = _fasts_through(says.get("fast_from", ""), facts, send_at)
    if began is not None:
        late, reason = "call", _goes_on(began, anchors["procedure"], facts)
    elif now >= until:
        late, reason = "call", f"{reason}, and a message would come too late"
    elif send_at > now and (send_at >= until or (said is not None and said > now and send_at > said - WARNING)):
        late, reason = "call", f"{reason}, and the sending window is closed"
    send_at = now if late == "call" else send_at
    return PlannedReminder(
        f"{key}/{name}", spec.step, text, send_at, send_at, until, None, late, reason, says, True,
        False, needs, True, {wrong.key: wrong.says for wrong in group}, tuple(wrong.key for wrong in group),
    )  # fmt: skip
