"""One journey as a line of time: what was, now, and what should be, each with its real state in plain words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal, TypedDict
from zoneinfo import ZoneInfo

from pathway.models import FIRM, Journey, JourneyEvent, Milestone, MilestoneStatus, Origin, Reminder, Step
from pathway.planner.spec import Protocol
from pathway.queries.event_words import event_words
from pathway.queries.protocols import protocol_of
from pathway.queries.question_words import question_words
from pathway.staff_words import clock_words
from pathway.states import REMINDER_PENDING, REMINDER_TOLD, ReminderState

Tone = Literal["", "good", "warn", "bad", "live"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the line. `replaced_by` and `replaces` are keys of other entries.

    `answer` says what became of what a text asked, `again_id` is the reminder that asked once more. A `quiet` one only
    follows from another: a second asking, a copy.
    """

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
    answer: str = ""
    again_id: int | None = None
    quiet: bool = False


class _Answered(TypedDict):
    """The fields of an `Entry` that a question fills."""

    answer: str
    again_id: int | None


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
    known = known_milestones(journey)
    firm = {key: row for key, row in known.items() if row.status in FIRM}
    entries = [
        *_milestone_entries(known, protocol, now),
        *_expected_entries(journey, protocol, known, now),
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
    return {row.key: row for row in Milestone.objects.filter(journey=journey, status__in=FIRM)}


def known_milestones(journey: Journey) -> Mapping[str, Milestone]:
    """The same with those that were missed or closed, of which nothing is expected any more."""
    return {row.key: row for row in Milestone.objects.filter(journey=journey).exclude(status=MilestoneStatus.EXPECTED)}


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
    if row.status == MilestoneStatus.MISSED:
        return "Missed", "bad"
    if row.status == MilestoneStatus.CLOSED:
        return "Closed", ""
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
    rows = list(Reminder.objects.filter(journey=journey).select_related("question"))
    again = {row.follows_id: row for row in rows if row.origin == Origin.AGAIN}
    replaces = {row.superseded_by_id: row for row in rows if row.superseded_by_id}
    for row in rows:
        unbooked = waits_for_booking(row, firm)
        state, tone, detail = NEEDS_BOOKING if unbooked else reminder_words(row, zone)
        replaced = replaces.get(row.pk)
        yield Entry(
            kind="reminder",
            key=f"reminder-{row.pk}",
            at=row.sent_at or row.send_at,
            title=f"{_lead(row, replaced)}: {titles.get(row.step, row.step).lower()}",
            state=state,
            tone=tone,
            detail=detail,
            firm=not unbooked,
            struck=row.superseded_by_id is not None or row.state == ReminderState.WITHDRAWN.value,
            replaced_by=f"reminder-{row.superseded_by_id}" if row.superseded_by_id else "",
            replaces=f"reminder-{replaced.pk}" if replaced else "",
            reminder_id=row.pk,
            quiet=row.origin in LEADS,
            **_answer(row, again.get(row.pk), journey.patient.given_name, zone),
        )


LEADS = {Origin.AGAIN: "Asked again", Origin.COPY: "Copy to the caregiver", Origin.ANSWER: "Answer"}
"""How lines begin that only follow from another."""


def _lead(row: Reminder, replaced: Reminder | None) -> str:
    return LEADS.get(Origin(row.origin)) or ("Correction" if replaced else "Text")


def _answer(row: Reminder, again: Reminder | None, name: str, zone: ZoneInfo) -> _Answered:
    """What became of the question of a reminder; nothing where it asked none."""
    question = getattr(row, "question", None)  # Django raises an AttributeError where there is none
    if question is None:
        return {"answer": "", "again_id": None}
    asked_again = again is not None and again.state in REMINDER_TOLD
    return {
        "answer": question_words(question, name=name, again=again, zone=zone),
        "again_id": again.pk if again is not None and asked_again else None,
    }


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


BY_PATIENT = ("answered", "check-in")
"""Lines of history that are the patient's own where no staff stands beside them."""


def _event_entries(journey: Journey, protocol: Protocol, zone: ZoneInfo) -> Iterable[Entry]:
    titles = milestone_titles(protocol)
    for row in JourneyEvent.objects.filter(journey=journey).select_related("by").order_by("at", "id"):
        yield Entry(
            kind="event",
            key=f"event-{row.pk}",
            at=row.at,
            title=event_words(row, titles, zone, name=journey.patient.given_name),
            detail=f"by {row.by}" if row.by else "by the patient" if row.kind in BY_PATIENT else "by Milepost",
        )
