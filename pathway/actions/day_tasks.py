"""Tasks of the procedure's day: opened when something is not said in time, ended when it is overtaken."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, LastIntake, Milestone, MilestoneStatus, Priority, WorkItem
from pathway.planner import resolve
from pathway.planner.clock import iso_duration
from pathway.queries.protocols import protocol_of
from pathway.staff_words import clock_words, in_words, moment_words
from pathway.states import JOURNEY_IN_HOSPITAL, WORK_ITEM_UNDONE, JourneyState, WorkItemState

COME_WITHIN = timedelta(minutes=20)
"""How long after the arrival time a patient who is not here is asked after (D)."""

RECORD_WITHIN = timedelta(hours=2)
"""How long after its time a procedure should have been recorded, moved or cancelled."""

HOME_WITHIN = timedelta(hours=1)
"""How long after the expected time somebody is asked whether the patient has gone home (D)."""

LONGEST_LEAD = timedelta(hours=24)
"""No clinic asks its patients to come earlier than this before the procedure."""

CAN_STILL_DRINK = timedelta(minutes=30)
"""With less than this until clear liquids must stop, a long fast is no task any more (D)."""

NOT_HERE, LONG_FAST, RECORD = "arrive:", "long-fast:", "record:procedure:"
GOING_HOME, IN_HOSPITAL = "home:", "hospital:"
"""How the causes of these tasks begin; each ends with the time of the procedure."""

WAITING = (JourneyState.SCHEDULED, JourneyState.ARRIVED, JourneyState.ADMITTED)
AFTERWARDS = (JourneyState.IN_PROCEDURE, JourneyState.RECOVERING)
KEPT_IN: Mapping[str, Collection[JourneyState]] = {
    NOT_HERE: {JourneyState.SCHEDULED},
    LONG_FAST: WAITING,
    RECORD: WAITING,
    GOING_HOME: AFTERWARDS,
    IN_HOSPITAL: JOURNEY_IN_HOSPITAL,
}
"""In which states of the journey each of them still waits for somebody."""


def watch_procedure_days(*, now: datetime) -> None:
    """Open a task for each patient who has not come, whose procedure or way home nobody recorded, who fasts too long.

    What a protocol does not ask to be recorded (arrivals, a checklist for going home) is not missed.
    """
    booked = Milestone.objects.filter(
        key="procedure", status=MilestoneStatus.BOOKED, at__gt=now - RECORD_WITHIN, at__lt=now + LONGEST_LEAD,
        journey__state__in=WAITING,
    ).select_related("journey__clinic", "journey__protocol_version")  # fmt: skip
    items: list[NewItem] = []
    for milestone in booked.defer("journey__protocol_version__source"):
        items += _not_here(milestone, now)
        items += long_fasts(milestone.journey, milestone.at, now)
    items += _not_recorded(now)
    items += _not_gone_home(now)
    open_items(_undecided(items), now=now)


def close_overtaken(*, journey: Journey, now: datetime) -> None:
    """End the tasks of the day that the journey's state or the procedure's time has overtaken."""
    procedure = Milestone.objects.filter(journey=journey, key="procedure").first()
    current = stamp(procedure.at) if procedure is not None else ""
    state = JourneyState(journey.state)
    gone = []
    for cause in journey.work_items.filter(state__in=WORK_ITEM_UNDONE).values_list("cause", flat=True):
        prefix = next((one for one in KEPT_IN if cause.startswith(one)), None)
        if prefix is not None and (state not in KEPT_IN[prefix] or not cause.endswith(current or ":")):
            gone.append(cause)
    if gone:
        close_items(
            journey=journey, causes=gone, outcome="It has happened or moved: no longer needed.", now=now, by=None
        )


def _undecided(items: list[NewItem]) -> list[NewItem]:
    """Those that nobody has decided about: what a person has resolved is not asked again for the same time."""
    causes, journeys = {item.cause for item in items}, {item.journey.pk for item in items}
    decided = set(
        WorkItem.objects.filter(
            journey__in=journeys, cause__in=causes, state=WorkItemState.RESOLVED, resolved_by__isnull=False
        ).values_list("journey_id", "cause")
    )
    return [item for item in items if (item.journey.pk, item.cause) not in decided]


def long_fasts(journey: Journey, procedure_at: datetime, now: datetime) -> Iterable[NewItem]:
    """A task for each thing the patient will have gone without for too long, while a nurse can still give a drink.

    Only once the day has come, and only by what somebody said of the last meal and drink.
    """
    day, zone = protocol_of(journey.protocol_version).day, journey.clinic.tz
    if now.astimezone(zone).date() != procedure_at.astimezone(zone).date():
        return
    if now > procedure_at - journey.clinic.clear_liquids - CAN_STILL_DRINK:
        return
    row = LastIntake.objects.filter(journey=journey).order_by("-said_at", "-id").first()
    if row is None:
        return
    dry_until = now if journey.state == JourneyState.SCHEDULED else procedure_at
    overlong = row.as_planned.overlong(
        procedure=procedure_at, dry_until=dry_until, food=day.long_food, clear=day.long_clear
    )
    for what, length in overlong:
        when = "by now" if what != "food" and dry_until == now else "by the time of the procedure"
        until = clock_words(procedure_at - journey.clinic.clear_liquids, zone, procedure_at)
        yield NewItem(
            journey=journey,
            kind="long-fast",
            cause=f"{LONG_FAST}{what.replace(' ', '-')}:{stamp(procedure_at)}",
            why=f"No {what} for {in_words(iso_duration(length))} {when}. Ask the doctor here "
            f"whether the patient may have clear liquids; not after {until}.",
            due_at=min(now + HOME_WITHIN, procedure_at - journey.clinic.clear_liquids),
        )


def _not_here(milestone: Milestone, now: datetime) -> Iterable[NewItem]:
    journey = milestone.journey
    arrival = milestone.at - journey.clinic.arrival_lead
    asked = any(check.satisfied_by == "arrival" for check in protocol_of(journey.protocol_version).day.readiness)
    if journey.state != JourneyState.SCHEDULED or not asked or now < arrival + COME_WITHIN:
        return
    expected = clock_words(arrival, journey.clinic.tz, milestone.at)
    yield NewItem(
        journey=journey,
        kind="not-arrived",
        cause=f"{NOT_HERE}{stamp(milestone.at)}",
        why=f"Did not come? Expected at {expected}, and no arrival is recorded. Call, or record the arrival.",
        say="Ask whether they are on their way, and when they last ate and drank.",
        due_at=arrival + 2 * COME_WITHIN,
        priority=Priority.URGENT,
    )


def _not_recorded(now: datetime) -> Iterable[NewItem]:
    """The texts for going home and the day after go out at the expected time all the same: without them a patient who
    was treated would have no word. Somebody has to say whether it took place.
    """
    silent = Milestone.objects.filter(
        key="procedure", status=MilestoneStatus.BOOKED, at__lte=now - RECORD_WITHIN, journey__state__in=WAITING
    )
    for milestone in silent.select_related("journey"):
        yield NewItem(
            journey=milestone.journey,
            kind="record-procedure",
            cause=f"{RECORD}{stamp(milestone.at)}",
            why="Did the procedure take place? Record it, move it or cancel it: texts for after it are going out.",
            due_at=milestone.at + 2 * RECORD_WITHIN,
        )


def _not_gone_home(now: datetime) -> Iterable[NewItem]:
    done = Milestone.objects.filter(key="procedure", status=MilestoneStatus.DONE, journey__state__in=AFTERWARDS)
    rows = done.select_related("journey__patient__clinic", "journey__clinic", "journey__protocol_version")
    for milestone in rows.defer("journey__protocol_version__source"):
        journey = milestone.journey
        protocol = protocol_of(journey.protocol_version)
        spec = next((one for one in protocol.milestones if one.key == "discharge"), None)
        if protocol.day.discharge is None or spec is None or spec.expected is None:
            continue
        expected = resolve(spec.expected, {"procedure": milestone.at}, journey.patient.tz)
        if expected is None or now < expected + HOME_WITHIN:
            continue
        yield NewItem(
            journey=journey,
            kind="not-gone-home",
            cause=f"{GOING_HOME}{stamp(milestone.at)}",
            why=f"Has the patient gone home? Expected {moment_words(expected, journey.clinic.tz)}, and nothing is "
            "recorded. Record it, or that the patient stays.",
            due_at=expected + 2 * HOME_WITHIN,
        )


def stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%MZ}"
