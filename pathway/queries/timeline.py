"""One journey as a line of time: what was, now, and what should be, each with its real state in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.models import Journey, JourneyEvent, Milestone, MilestoneStatus, Reminder, Step
from pathway.planner.spec import Protocol
from pathway.queries.protocols import protocol_of
from pathway.states import REMINDER_PENDING, ReminderState

Tone = Literal["", "good", "warn", "bad", "live"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the line. `other` is the key of the entry that replaces this one, or that this one replaces."""

    kind: Literal["milestone", "step", "reminder", "message", "event"]
    key: str
    at: datetime
    title: str
    state: str = ""
    tone: Tone = ""
    detail: str = ""
    firm: bool = True
    struck: bool = False
    replaced_by: str = ""
    replaces: str = ""
    reminder_id: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one local day."""

    date: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What lies before and after `now`, by local day in `zone`, the patient's."""

    past: tuple[Day, ...]
    future: tuple[Day, ...]
    zone: ZoneInfo
    other_zone: bool


def timeline(journey: Journey, *, now: datetime, beside: Iterable[Entry] = ()) -> Timeline:
    """The whole line of a journey, in six reads of the database however long it is.

    `beside` are entries that only others know of: what the patient wrote.
    """
    protocol = protocol_of(journey.protocol_version)
    zone = journey.patient.tz
    firm = firm_milestones(journey)
    entries = [
        *_milestone_entries(firm, protocol, now),
        *_expected_entries(journey, protocol, firm, now),
        *_step_entries(journey, protocol, zone),
        *_reminder_entries(journey, protocol, firm, zone),
        *_event_entries(journey, protocol, zone),
        *beside,
    ]
    order = {"event": 0, "milestone": 1, "step": 2, "reminder": 3, "message": 4}
    entries.sort(key=lambda entry: (entry.at, order[entry.kind]))
    return Timeline(
        past=_days((entry for entry in entries if entry.at <= now), zone),
        future=_days((entry for entry in entries if entry.at > now), zone),
        zone=zone,
        other_zone=zone.key != journey.clinic.zone,
    )


def _days(entries: Iterable[Entry], zone: ZoneInfo) -> tuple[Day, ...]:
    grouped = groupby(entries, key=lambda entry: entry.at.astimezone(zone).date())
    return tuple(Day(day, tuple(group)) for day, group in grouped)


def milestone_titles(protocol: Protocol) -> Mapping[str, str]:
    """Milestone key to its English title."""
    return {milestone.key: milestone.title["en"] for milestone in protocol.milestones}


def firm_milestones(journey: Journey) -> Mapping[str, Milestone]:
    """The milestones that are booked or done, by key."""
    rows = Milestone.objects.filter(journey=journey).exclude(status=MilestoneStatus.EXPECTED)
    return {row.key: row for row in rows}


def expected_visits(journey: Journey, protocol: Protocol, firm: Iterable[str]) -> Mapping[str, datetime]:
    """Appointments that the plan counts on and nobody has booked, by milestone: our own expectation of their time."""
    specs = {step.key: step for step in protocol.steps}
    found = {}
    for row in Step.objects.filter(journey=journey, kind="appointment"):
        spec = specs.get(row.key)
        if spec is not None and spec.about not in firm:
            found[spec.about] = row.starts_at if spec.starts.anchor == spec.about else row.ends_at
    return found


def _milestone_entries(firm: Mapping[str, Milestone], protocol: Protocol, now: datetime) -> Iterable[Entry]:
    titles = milestone_titles(protocol)
    for row in firm.values():
        state, tone = _milestone_words(row, now)
        yield Entry(
            kind="milestone",
            key=f"milestone-{row.key}",
            at=row.at,
            title=titles.get(row.key, row.key),
            state=state,
            tone=tone,
        )


def _expected_entries(
    journey: Journey, protocol: Protocol, firm: Mapping[str, Milestone], now: datetime
) -> Iterable[Entry]:
    titles = milestone_titles(protocol)
    for key, at in expected_visits(journey, protocol, firm).items():
        late = at <= now
        yield Entry(
            kind="milestone",
            key=f"milestone-{key}",
            at=at,
            title=titles.get(key, key),
            state="Was expected, never booked" if late else "Expected, not booked",
            tone="warn" if late else "",
            firm=False,
        )


def _milestone_words(row: Milestone, now: datetime) -> tuple[str, Tone]:
    if row.status == MilestoneStatus.DONE:
        return "Done", "good"
    return ("Booked; not recorded yet", "warn") if row.at <= now else ("Booked", "live")


def _step_entries(journey: Journey, protocol: Protocol, zone: ZoneInfo) -> Iterable[Entry]:
    """Steps but appointments: those are milestones already."""
    titles = {step.key: step.title["en"] for step in protocol.steps}
    for row in Step.objects.filter(journey=journey).exclude(kind="appointment"):
        yield Entry(
            kind="step",
            key=f"step-{row.key}",
            at=row.starts_at,
            title=titles.get(row.key, row.key),
            detail=f"until {clock_words(row.ends_at, zone, row.starts_at)}",
        )


NEEDS_BOOKING: tuple[str, Tone, str] = ("Needs a booking first", "warn", "")


def waits_for_booking(row: Reminder, firm: Iterable[str]) -> bool:
    """Whether a text that waits is about a visit that nobody has booked: as things are, it will not go out."""
    pending = row.state in {state.value for state in REMINDER_PENDING}
    return pending and bool(row.needs_booked) and row.needs_booked not in firm


def _reminder_entries(
    journey: Journey, protocol: Protocol, firm: Mapping[str, Milestone], zone: ZoneInfo
) -> Iterable[Entry]:
    titles = {step.key: step.title["en"] for step in protocol.steps}
    rows = list(Reminder.objects.filter(journey=journey))
    replaces = {row.superseded_by_id: row for row in rows if row.superseded_by_id}
    for row in rows:
        unbooked = waits_for_booking(row, firm)
        state, tone, detail = NEEDS_BOOKING if unbooked else reminder_words(row, zone)
        replaced = replaces.get(row.pk)
        yield Entry(
            kind="reminder",
            key=f"reminder-{row.pk}",
            at=row.sent_at or row.send_at,
            title=("Correction: " if replaced else "Text: ") + titles.get(row.step, row.step).lower(),
            state=state,
            tone=tone,
            detail=detail,
            firm=not unbooked,
            struck=row.superseded_by_id is not None or row.state == ReminderState.WITHDRAWN.value,
            replaced_by=f"reminder-{row.superseded_by_id}" if row.superseded_by_id else "",
            replaces=f"reminder-{replaced.pk}" if replaced else "",
            reminder_id=row.pk,
        )


def reminder_words(row: Reminder, zone: ZoneInfo) -> tuple[str, Tone, str]:
    """What became of a reminder, as a nurse would say it: in a word or two, the tone of it, and why."""
    state = ReminderState(row.state)
    sent = row.sent_at or row.send_at
    if state is ReminderState.PLANNED:
        moved = f"moved {row.moved} to fit the hours for texts" if row.moved else ""
        return f"Goes out {clock_words(row.run_at, zone, row.run_at)}", "", moved
    if state is ReminderState.CLAIMED:
        return "Going out now", "live", ""
    if state is ReminderState.SENT:
        return f"Sent {clock_words(sent, zone, sent)}", "good", ""
    if state is ReminderState.DELIVERED:
        return "Delivered", "good", f"sent {clock_words(sent, zone, sent)}"
    if state is ReminderState.UNKNOWN:
        return "Not known whether it arrived", "warn", row.reason
    if state is ReminderState.FAILED:
        return "Could not be sent", "bad", row.reason
    if state is ReminderState.WITHDRAWN:
        return "Withdrawn", "", row.reason
    call = "; phone call asked of a nurse" if row.late == "call" else ""
    return "Missed", "bad", f"{row.reason}{call}"


def _event_entries(journey: Journey, protocol: Protocol, zone: ZoneInfo) -> Iterable[Entry]:
    titles = milestone_titles(protocol)
    for row in JourneyEvent.objects.filter(journey=journey).select_related("by").order_by("at", "id"):
        yield Entry(
            kind="event",
            key=f"event-{row.pk}",
            at=row.at,
            title=event_words(row, titles, zone),
            detail=f"by {row.by}" if row.by else "by Milepost",
        )


EVENT_WORDS = {
    "planned": "Texts planned anew",
    "reminder-not-sent": "Text not sent",
    "work-item-claimed": "Task claimed",
    "work-item-open": "Task given back",
    "work-item-snoozed": "Task put off",
    "work-item-resolved": "Task done",
    "started": "Journey started",
    "cancelled": "Journey cancelled",
    "messages-stopped": "No more messages",
    "messages-resumed": "Messages again",
    "copies-stopped": "No more copies to the caregiver",
}


def event_words(row: JourneyEvent, titles: Mapping[str, str], zone: ZoneInfo) -> str:
    """One line of history: what happened, to what, for when, what came of it and why."""
    detail: dict[str, object] = row.detail if isinstance(row.detail, dict) else {}
    words = EVENT_WORDS.get(row.kind, row.kind.replace("-", " ").capitalize())
    milestone = detail.get("milestone")
    if milestone:
        words = f"{titles.get(str(milestone), milestone)} {words.lower()}"
    elif detail.get("drug"):
        words += f", {detail['drug']}"
    moved = detail.get("before") not in (None, detail.get("at"))
    for name, joined in (("before", " from "), ("at", " to ")) if moved else (("at", " for "),):
        instant = _instant(detail.get(name))
        words += joined + moment_words(instant, zone) if instant else ""
    counts = [(name, detail.get(name)) for name in ("created", "moved", "withdrawn", "corrected")]
    changed = ", ".join(f"{count} {'new' if name == 'created' else name}" for name, count in counts if count)
    parts = [words, changed, row.why, str(detail.get("outcome") or "")]
    return ": ".join(part for part in parts if part)


def _instant(value: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def clock_words(instant: datetime, zone: ZoneInfo, beside: datetime) -> str:
    """`6:02 PM`, with the day before it when that is not the local day of `beside`."""
    local = instant.astimezone(zone)
    if local.date() == beside.astimezone(zone).date():
        return f"{local.hour % 12 or 12}:{local:%M} {local:%p}"
    return moment_words(instant, zone)


def moment_words(instant: datetime, zone: ZoneInfo) -> str:
    """`Tue, May 19, 6:02 PM` on the clock of `zone`."""
    local = instant.astimezone(zone)
    return f"{local:%a, %b} {local.day}, {local.hour % 12 or 12}:{local:%M} {local:%p}"
