"""plan(): every step and message of one journey, from its protocol, its facts and the moment of planning."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pathway.planner.caps import keep_to_caps, merge_near
from pathway.planner.clock import (
    Window,
    hold_anchors,
    hold_dates,
    journey_anchors,
    resolve,
    sending_hours,
    told_wall,
)
from pathway.planner.conflicts import conflicts
from pathway.planner.corrections import UNBOOKED, corrections, is_spoken_for, would_end_a_fast
from pathway.planner.facts import Facts, Hold, Late, Milestone, Moved, Plan, PlannedReminder, PlannedStep, Says
from pathway.planner.spec import HOLD_ANCHORS, Protocol, ReminderSpec

Anchors = dict[str, datetime]

GOING_HOME = "discharge"
"""The milestone that nobody can expect while the patient stays in hospital."""


def plan(protocol: Protocol, facts: Facts, now: datetime) -> Plan:
    """What should happen from `now` (UTC) on, and what should have happened before. Same arguments, same plan.

    Lists are ordered by time. Nothing is left out in silence: a message that can no longer be sent in time is in the
    list with its `late`, and what does not fit is a `Conflict`.
    """
    facts = _with_expected(protocol, facts)
    anchors = journey_anchors(facts)
    opens, closes = sending_hours(protocol, facts.policy.window_opens, facts.policy.window_closes)
    window = Window(opens, closes, protocol.closing_margin, facts.zone)

    wanted = [] if facts.ended else list(_reminders(protocol, facts, anchors, window))
    wanted = [replace(reminder, told=True) if _is_known(reminder, facts) else reminder for reminder in wanted]
    settled = [reminder for reminder in wanted if _is_settled(reminder, facts, now)]
    open_ones = [reminder for reminder in wanted if not _is_settled(reminder, facts, now)]
    ahead = [_as_it_stands(protocol, facts, reminder, anchors, window, now) for reminder in open_ones]
    correcting = corrections(protocol, facts, wanted, anchors, window, now)
    ahead = [_or_spoken_for(protocol, reminder, correcting) for reminder in ahead]
    ahead = merge_near(ahead + correcting, protocol.min_gap)
    ahead = keep_to_caps(ahead, protocol, facts.routine_sent, window, now)
    # At one instant corrections go first, then what the protocol names first: the welcome before all others.
    place = {reminder.key: index for index, reminder in enumerate(wanted)}
    reminders = sorted(settled + ahead, key=lambda reminder: (reminder.send_at, place.get(reminder.key, -1)))
    steps = () if facts.ended else _steps(protocol, facts, anchors)
    return Plan(facts.milestones, steps, tuple(reminders), () if facts.ended else conflicts(facts, now))


def _with_expected(protocol: Protocol, facts: Facts) -> Facts:
    """The facts with every milestone that nobody booked put where the protocol expects it."""
    milestones = dict(facts.milestones)
    known = milestones.keys() | facts.closed
    waiting = [
        spec
        for spec in protocol.milestones
        if spec.key not in known and spec.expected is not None and not (facts.in_hospital and spec.key == GOING_HOME)
    ]
    if not waiting:
        return facts
    found = True
    while found:
        found = False
        for spec in list(waiting):
            assert spec.expected is not None  # noqa: S101 - filtered above
            anchors = {key: milestone.at for key, milestone in milestones.items()}
            at = resolve(spec.expected, anchors, facts.zone)
            if at is not None:
                milestones[spec.key] = Milestone(at, booked=False)
                waiting.remove(spec)
                found = True
    return replace(facts, milestones=milestones)


def _steps(protocol: Protocol, facts: Facts, anchors: Anchors) -> tuple[PlannedStep, ...]:
    """The steps whose milestones are known, ordered by start."""
    steps = []
    for spec in protocol.steps:
        starts = resolve(spec.starts, anchors, facts.zone)
        ends = resolve(spec.ends, anchors, facts.zone)
        if starts is not None and ends is not None:
            steps.append(PlannedStep(spec.key, spec.kind, starts, max(starts, ends)))
    return tuple(sorted(steps, key=lambda step: step.starts_at))


def _reminders(protocol: Protocol, facts: Facts, anchors: Anchors, window: Window) -> Iterator[PlannedReminder]:
    """Every message the protocol asks for, in its file's order, put into the sending window; lateness comes after."""
    procedure = anchors.get("procedure")
    holds = []
    if procedure is not None:
        holds = [(hold, anchors | hold_anchors(hold, procedure, facts.zone)) for hold in facts.holds]
    for step in protocol.steps:
        for spec in step.reminders:
            wanted: list[tuple[str, Anchors, Hold | None]] = [(spec.key, anchors, None)]
            if spec.for_each_hold:
                due = [(hold, own) for hold, own in holds if not _is_done_already(hold, spec)]
                wanted = [(f"{spec.key}/{hold.drug}", own, hold) for hold, own in due]
            for key, known, hold in wanted:
                planned = _reminder(protocol, spec, key, facts, known, window, hold)
                if planned is not None:
                    yield planned


def _is_done_already(hold: Hold, spec: ReminderSpec) -> bool:
    """Whether what the message asks for was attested: the last dose, or that the drug is taken again."""
    return (spec.send.anchor == "last-dose" and hold.last_dose_at is not None) or (
        spec.send.anchor == "restart" and hold.is_over
    )


def _reminder(
    protocol: Protocol,
    spec: ReminderSpec,
    key: str,
    facts: Facts,
    anchors: Anchors,
    window: Window,
    hold: Hold | None,
) -> PlannedReminder | None:
    """One message at the instant the protocol asks for, inside the window; None when its milestone is not known."""
    send = resolve(spec.send, anchors, facts.zone)
    until = resolve(spec.useful_until, anchors, facts.zone)
    if send is None or until is None:
        return None
    if spec.send.is_before:
        until = min(until, anchors[spec.send.anchor])
    if spec.send.anchor == "last-dose":  # whatever the file says: nobody is told of a last dose that is too late
        until = min(until, anchors["hold-start"])
    floor = _floor(spec, anchors)
    if spec.moves == "earlier" and send > until - protocol.notice:
        send = until - protocol.notice
    send = max(send, floor) if floor is not None else send
    intended, moved = _into_window(send, until, floor, spec, window)
    return PlannedReminder(
        key, spec.step, spec.text, intended, intended, until, moved, None,
        "moved into the sending window" if moved else "",
        _says(spec, facts, anchors, hold), spec.safety, spec.moves == "later", spec.needs_booked,
        spec.resend_unproven, {},
    )  # fmt: skip


def _floor(spec: ReminderSpec, anchors: Anchors) -> datetime | None:
    """The instant before which this message must not go out: what it follows must have happened.

    For a hold that is the signature, whatever it is timed from, and the day that its text speaks of: "today" must not
    be read the evening before, and nothing is restarted before the procedure. A last dose that is a moment may be told
    before its day: the plan behind the link names the hour.
    """
    if spec.for_each_hold:
        own, signed = anchors.get(spec.send.anchor, anchors["hold-signed"]), anchors["hold-signed"]
        is_of_a_day = spec.send.anchor == "restart" or (spec.send.anchor == "last-dose" and own < anchors["hold-start"])
        return max(own, signed) if is_of_a_day else signed
    if spec.send.is_before or spec.send.anchor in HOLD_ANCHORS or spec.send.anchor in ("arrival", "fast-start"):
        return None
    return anchors[spec.send.anchor]


def _into_window(
    send: datetime, until: datetime, floor: datetime | None, spec: ReminderSpec, window: Window
) -> tuple[datetime, Moved | None]:
    """Where the message goes when its moment lies in quiet hours: its own way first, the other way if that is no use.

    When neither serves, the moment stays as it is and counts as late.
    """
    if window.is_open(send):
        return send, None
    earlier, later = window.latest_before(send), window.next_opening(send)
    earlier_serves = floor is None or earlier >= floor
    later_serves = later < until
    if spec.moves == "earlier":
        if earlier_serves:
            return earlier, "earlier"
        return (later, "later") if later_serves else (send, None)
    if later_serves:
        return later, "later"
    return (earlier, "earlier") if earlier_serves else (send, None)


def _says(spec: ReminderSpec, facts: Facts, anchors: Anchors, hold: Hold | None) -> Says:
    """The local wall values that the text tells, and for a hold the dates that stand behind its link: when they
    change, what was read has become wrong."""
    says: dict[str, str] = {}
    zone = facts.zone
    if spec.tells:
        about = anchors[spec.about] if "arrival" not in spec.tells else anchors["arrival"]
        for name in spec.tells:
            if name == "day":
                says[name] = about.astimezone(zone).date().isoformat()
            elif name == "fast_from":
                says[name] = f"{told_wall(anchors['fast-start'], zone):%Y-%m-%dT%H:%M}"
            else:
                says[name] = f"{anchors['arrival' if name == 'arrival' else spec.about].astimezone(zone):%H:%M}"
        if not facts.milestones[spec.about].booked:
            says[UNBOOKED] = "yes"
        other = facts.clinic_zone
        if other is not None and about.astimezone(zone).utcoffset() != about.astimezone(other).utcoffset():
            says["zone"] = about.astimezone(zone).tzname() or str(zone)
    elif hold is not None and spec.correction:
        says = hold_dates(hold, anchors, zone)
    else:  # the words tell no time, but they are about a day: on another day they have to be said again
        says["for"] = anchors[spec.send.anchor].astimezone(zone).date().isoformat()
    return says


def _is_known(reminder: PlannedReminder, facts: Facts) -> bool:
    """Whether nothing is left to tell: the patient was told just this, or it ended and a person took it over."""
    if reminder.key in facts.pending:
        return False
    told = facts.told.get(reminder.key)
    if told is not None and told.says == reminder.says:
        return True
    over = facts.over.get(reminder.key)
    return over is not None and over == reminder.promise


def _is_settled(reminder: PlannedReminder, facts: Facts, now: datetime) -> bool:
    """Whether it is known, and so takes no part any more in joining and in the caps.

    What a person is asked this very moment to say by phone still does: planning twice must give the same plan.
    """
    told = facts.told.get(reminder.key)
    return reminder.told and not (told is not None and told.by_phone and told.at >= now)


def _as_it_stands(
    protocol: Protocol, facts: Facts, reminder: PlannedReminder, anchors: Anchors, window: Window, now: datetime
) -> PlannedReminder:
    """The message as the moment of planning finds it: moot, for a nurse to decide, late, or simply still to come."""
    spec = protocol.reminder(reminder.key)
    assert spec is not None  # noqa: S101 - the reminder was made from it
    about = facts.milestones.get(spec.about)
    if about is not None and about.done and reminder.useful_until <= about.at:
        return _changed(reminder, reminder.send_at, reminder.moved, "skip", "what it leads up to has happened")
    if would_end_a_fast(reminder.says, facts, window, max(now, reminder.send_at)):
        reason = "the patient is fasting already: a nurse decides about food and drink"
        return _changed(reminder, min(reminder.send_at, now), reminder.moved, "call", reason)
    return _or_late(spec, reminder, anchors, window, now)


def _or_late(
    spec: ReminderSpec, reminder: PlannedReminder, anchors: Anchors, window: Window, now: datetime
) -> PlannedReminder:
    """The message as it is when its moment is still to come, else what becomes of it: sent now, a call, or nothing."""
    until, intended = reminder.useful_until, reminder.intended_at
    in_time = intended < until and window.is_open(intended)
    if in_time and intended >= now:
        return reminder
    send_at, moved, late = intended, reminder.moved, spec.if_late
    reason = "its moment had gone by when it was planned"
    if now >= until:
        reason = "it was of no use any more when it was planned"
    elif intended < now or in_time:
        if window.is_open(now):
            return _changed(reminder, now, moved, "now", reason)
        opening = window.next_opening(now)
        if spec.moves == "later" and opening < until:
            return _changed(reminder, opening, "later", "now", f"{reason}; waits for the sending window")
        reason = f"{reason}, and the sending window is closed"
    elif not in_time and intended >= now:
        reason = "it fits into no sending window while it is of use"
    if late == "call" and now >= max(until, anchors.get(spec.about, until)):
        late, reason = "skip", f"{reason}; it is too late for a call as well"
    return _changed(reminder, send_at, moved, late, reason)


def _or_spoken_for(protocol: Protocol, reminder: PlannedReminder, correcting: list[PlannedReminder]) -> PlannedReminder:
    """The message as it is, or left to a correction that says the same hardly before it: one text is enough."""
    if not any(is_spoken_for(reminder, one, protocol) for one in correcting):
        return reminder
    return _changed(reminder, reminder.send_at, reminder.moved, "skip", "a correction says it at the same time")


def _changed(
    reminder: PlannedReminder, send_at: datetime, moved: Moved | None, late: Late | None, reason: str
) -> PlannedReminder:
    """A copy with another moment and lateness (written out: `dataclasses.replace` costs ten times as much)."""
    r = reminder
    return PlannedReminder(
        r.key, r.step, r.text, send_at, r.intended_at, r.useful_until, moved, late, reason, r.says, r.safety,
        r.waits_for_window, r.needs_booked, r.resend_unproven, r.covers, r.corrects, r.told,
    )  # fmt: skip
