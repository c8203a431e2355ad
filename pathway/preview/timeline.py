"""A preview as people read it: day by day, on the patient's clock."""

import textwrap
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from pathway.planner import PlannedReminder, PlannedStep
from pathway.preview.messages import message_of
from pathway.preview.request import Preview
from pathway.staff_words import conflict_in_words, for_staff, full_day, full_time
from pathway.wording import say_clock

WIDTH = 100
INDENT = " " * 12
Entry = tuple[datetime, int, list[str]]


def timeline(preview: Preview) -> str:
    """The whole plan; what needs a decision comes first."""
    lines = list(heading(preview))
    zone = preview.facts.zone
    entries_by_time = sorted(entries_of(preview), key=lambda entry: entry[:2])
    for day, entries in groupby(entries_by_time, key=lambda entry: entry[0].astimezone(zone).date()):
        lines += ["", full_day(day)]
        for _, _, words in entries:
            lines += words
    return "\n".join(lines)


def heading(preview: Preview) -> Iterator[str]:
    """What was planned, from when, what does not fit and what was assumed."""
    protocol, facts = preview.protocol, preview.facts
    zone = facts.zone
    yield f"{protocol.title} ({protocol.key}, version {protocol.version})"
    yield f"Procedure {full_time(facts.milestones['procedure'].at.astimezone(zone))}, all times in {zone.key}"
    yield f"Planned as of {full_time(preview.now.astimezone(zone))}"
    if preview.plan.conflicts:
        yield ""
        yield "DOES NOT FIT - A PERSON MUST DECIDE"
        for conflict in preview.plan.conflicts:
            yield from wrapped(conflict_in_words(conflict, zone), first="  ! ", rest="    ")
    if preview.assumed:
        titles = [for_staff(one.title) for one in protocol.milestones if one.key in preview.assumed]
        yield ""
        yield from wrapped(f"Not given, so assumed (marked *): {', '.join(titles)}", first="", rest="")
    yield from (f"Note: {note}" for note in preview.notes)


def entries_of(preview: Preview) -> Iterator[Entry]:
    """Every entry of the timeline, with its instant (UTC) and its rank among those at the same instant."""
    zone = preview.facts.zone
    titles = {one.key: for_staff(one.title) for one in preview.protocol.milestones}
    for key, milestone in preview.plan.milestones.items():
        star = " *" if key in preview.assumed else ""
        yield milestone.at, 0, [row(milestone.at.astimezone(zone), f"== {titles[key]}{star}")]
    for step in preview.plan.steps:
        yield step.starts_at, 1, list(step_lines(preview, step))
    for reminder in preview.plan.reminders:
        yield reminder.send_at, 2, list(reminder_lines(preview, reminder))


def step_lines(preview: Preview, step: PlannedStep) -> Iterator[str]:
    """A step: what it is, and until when."""
    zone = preview.facts.zone
    starts, ends = step.starts_at.astimezone(zone), step.ends_at.astimezone(zone)
    title = next(for_staff(one.title) for one in preview.protocol.steps if one.key == step.key)
    until = say_clock(ends.time()) if ends.date() == starts.date() else full_time(ends)
    yield row(starts, f"{step.key}: {title} (until {until})")


def reminder_lines(preview: Preview, reminder: PlannedReminder) -> Iterator[str]:
    """A message: whether and how it goes out, its words, and what it costs."""
    message = message_of(preview.protocol, reminder, preview.facts.language)
    zone = preview.facts.zone
    does = {None: "text", "now": "text, late: goes out at once", "call": "NO TEXT, a nurse calls", "skip": "no text"}
    moved = f", moved {reminder.moved}" if reminder.moved else ""
    yield row(reminder.send_at.astimezone(zone), f"-> {reminder.key}: {does[reminder.late]}{moved}")
    if reminder.reason:
        yield from wrapped(f"because {reminder.reason}", first=INDENT, rest=INDENT)
    if reminder.covers:
        yield from wrapped(f"also says {', '.join(sorted(reminder.covers))}", first=INDENT, rest=INDENT)
    yield from wrapped(f'"{message.text}"', first=INDENT, rest=INDENT + " ")
    cost = message.segments
    count = f"{cost.count} message{'s'[: cost.count != 1]}"
    until = full_time(reminder.useful_until.astimezone(zone))
    yield f"{INDENT}{count} ({cost.units} characters, {cost.encoding}), grade {message.grade}, of use until {until}"


def row(local: datetime, words: str) -> str:
    """One line of a day, led by its time."""
    return f"  {say_clock(local.time()):>8}  {words}"


def wrapped(words: str, *, first: str, rest: str) -> list[str]:
    """Words on as many lines as they need; links stay whole."""
    return textwrap.wrap(
        words, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
