"""Plan words for staff: durations, conflicts and titles as a nurse says them, in English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pathway.planner import Conflict, parse_duration
from pathway.planner.spec import Protocol, Wording
from pathway.wording import say_clock, say_day


def for_staff(title: Wording) -> str:
    """A title in English where there is one: staff read English, whatever the patient reads."""
    return title.get("en") or next(iter(title.values()))


def step_title(protocol: Protocol, step: str) -> str:
    """What the protocol calls a step; the step's key where it has no such step any more."""
    return next((for_staff(spec.title) for spec in protocol.steps if spec.key == step), step)


def in_words(duration: str) -> str:
    """An ISO 8601 duration as `3 days 4 hours`."""
    found = parse_duration(duration)
    minutes = int(abs(found.elapsed).total_seconds()) // 60
    amounts = ((abs(found.days), "day"), (minutes // 60, "hour"), (minutes % 60, "minute"))
    said = " ".join(f"{amount} {unit}{'s'[: amount != 1]}" for amount, unit in amounts if amount)
    return said or "0 minutes"


def conflict_in_words(conflict: Conflict, zone: ZoneInfo) -> str:
    """What does not fit, and from when it would, on the clock of `zone`."""
    what = f"{conflict.drug} needs" if conflict.drug else "The fast needs"
    earliest = full_time(conflict.earliest_procedure_at.astimezone(zone))
    left = in_words(conflict.available)
    return f"{what} {in_words(conflict.needed)}; the time left is {left}. Earliest safe procedure: {earliest}."


def full_day(day: date) -> str:
    """`Sun, Mar 14, 2027`."""
    return f"{say_day(day, 'en')}, {day.year}"


def full_time(local: datetime) -> str:
    """`Sun, Mar 14, 2027, 7:30 AM`."""
    return f"{full_day(local.date())}, {say_clock(local.time())}"


def call_cause(step: str, text: str) -> str:
    """The cause of the task that takes a message's place: one for all messages of a step that say the same."""
    return f"call:{step}:{text}"


FOLLOW_UP = "follow-up:"
"""How the causes of tasks about follow-up visits begin."""


def follow_up_cause(visit: str, stage: str) -> str:
    """The cause of the task about one visit at one stage of its booking."""
    return f"{FOLLOW_UP}{visit}:{stage}"


CHECK_IN, DANGER = "check-in:", "danger:"
"""How the causes begin of tasks about check-ins, and about messages that name danger."""


def check_in_cause(check_in: str, level: str) -> str:
    """The cause of the task about all signs of one level that a check-in names."""
    return f"{CHECK_IN}{check_in}:{level}"


def silence_cause(check_in: str) -> str:
    """The cause of the task about a check-in that nobody answered."""
    return f"{CHECK_IN}{check_in}:silent"


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
