"""The demo's past: a clinic whose last thirteen weeks were played by the simulator, up to now.

Every contact is in a range set aside for fiction (555-0100 to 555-0199, example.org), and all that was "sent" went to
the outbox channel, whatever channels are configured.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from notifications.channels.outbox import OutboxChannel
from notifications.models import Message
from notifications.simulator.clock import SimulatedClock
from notifications.simulator.happenings import Place, Stage
from notifications.simulator.run import Run
from notifications.simulator.watched import watched_lives
from notifications.simulator.world import DAY, Life, make_life
from pathway.actions.links import issue_link
from pathway.actions.protocols import publish_protocol
from pathway.actions.work_items import claim_item, resolve_item, snooze_item
from pathway.models import Journey, Reminder, WorkItem
from pathway.planner import to_utc
from pathway.protocol_file import read_shipped
from pathway.states import REMINDER_PENDING, WORK_ITEM_UNDONE
from patients.models import Clinic, ContactKind, Membership, Patient, Role, Staff

CLINIC = "Oak Clinic"
PASSWORD = "milepost-demo"  # noqa: S105 - printed by the demo, which listens on this machine only
STAFF: Mapping[Role, tuple[str, str]] = {
    Role.NURSE: ("Nora", "Nguyen"),
    Role.PRESCRIBER: ("Pedro", "Paredes"),
    Role.ADMIN: ("Ada", "Okafor"),
}
"""First and last name by role; the login is the role's own name."""

MAINLAND_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
OTHER_US_ZONES = ("America/Anchorage", "Pacific/Honolulu", "Pacific/Guam")
WHERE_IT_IS_DAY = "Europe/Madrid"
"""For the few hours in which it is night in every zone of the United States."""

PHONE = "+18005550199"
"""Reserved for fiction, and in no place: the clinic stands where it is day."""

OUTCOMES = ("Reached by phone, all clear", "Spoke to the daughter, she will see to it", "New time agreed", "Left word")
WORKED_OFF_AFTER = timedelta(days=2)


class UnfinishedDemo(Exception):
    """The making of the demo was broken off; `str()` says what to do."""


@dataclass(frozen=True, slots=True)
class Login:
    """How one member of staff signs in."""

    username: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What to tell whoever looks at the demo. `token` opens one patient's page, with their birth date."""

    clinic: str
    zone: str
    made_at: datetime
    logins: tuple[Login, ...]
    patient: str
    birth_date: date
    token: str
    counts: Mapping[str, int]


def make_demo(*, now: datetime, journeys: int = 60, seed: int = 1) -> Demo:
    """Fill the configured database with a clinic and its history up to `now` (UTC); found there, it is only described.

    The clinic is in a zone where it is working hours now, so that messages go out while one watches. A new link is
    issued each time, since only a link's hash is kept. Raises `UnfinishedDemo` for a demo that was broken off.
    """
    clinic = Clinic.objects.filter(name=CLINIC).first()
    if clinic is None:
        clinic = fill(now=now, journeys=journeys, seed=seed)
    return describe(clinic, now=now)


def fill(*, now: datetime, journeys: int, seed: int) -> Clinic:
    """Make the clinic, play its history, and let staff do most of their work."""
    zone = zone_at_work(now)
    lives = background_lives(now=now, zone=zone, journeys=journeys, seed=seed)
    lives += watched_lives(now=now, zone=zone, first_index=journeys)
    begins = min(life.happenings[0].at for life in lives)
    place = make_place(zone, now=now)
    version = publish_protocol(source=read_shipped("mild"), by=None, now=begins)
    outbox = OutboxChannel()
    run = Run(
        lives,
        stage=Stage((place,), version),
        clock=SimulatedClock(begins),
        channels={kind.value: outbox for kind in ContactKind},
        seed=seed,
    )
    run.play_until(now)
    work_off(place, now=now, seed=seed)
    let_them_in()
    return place.clinic


def zone_at_work(now: datetime) -> ZoneInfo:
    """A zone in which it is day now, as early as possible: on the mainland from 8 to 19, else elsewhere from 9 to 18.

    After 19 the sending window would close before one has watched for long.
    """
    hours = {name: now.astimezone(ZoneInfo(name)).hour for name in (*MAINLAND_ZONES, *OTHER_US_ZONES)}
    awake = [name for name in MAINLAND_ZONES if 8 <= hours[name] < 19]
    awake = awake or [name for name in OTHER_US_ZONES if 9 <= hours[name] < 18]
    return ZoneInfo(min(awake, key=lambda name: hours[name], default=WHERE_IT_IS_DAY))


def make_place(zone: ZoneInfo, *, now: datetime) -> Place:
    """The clinic and its three members of staff, who cannot sign in until everything is there."""
    with transaction.atomic():
        clinic = Clinic.objects.create(name=CLINIC, zone=zone.key, phone=PHONE, address="1 Oak Street, Springfield")
        staff = {}
        for role, (first, last) in STAFF.items():
            is_admin = role is Role.ADMIN
            staff[role] = Staff(
                username=role.value, first_name=first, last_name=last, email=f"{role.value}@example.org",
                date_joined=now, is_staff=is_admin, is_superuser=is_admin,
            )  # fmt: skip
            staff[role].set_unusable_password()
            staff[role].save()
            Membership.objects.create(staff=staff[role], clinic=clinic, role=role)
    return Place(clinic, staff[Role.NURSE], staff[Role.PRESCRIBER])


def background_lives(*, now: datetime, zone: ZoneInfo, journeys: int, seed: int) -> list[Life]:
    """Lives at every stage: procedures from nine weeks ago to three weeks ahead, and some that end otherwise."""
    rng = random.Random(f"{seed}/demo")  # noqa: S311 - a script that can be played again, not a secret
    today = now.astimezone(zone).date()
    near = [0, 0, 0, 1, 1, 1, 1, -1, -1, -1]
    spread = [round(-63 + 84 * step / max(1, journeys)) for step in range(journeys)]
    lives = []
    for index in range(journeys):
        if index % 4 == 3:
            starts_on, procedure_date = today - timedelta(days=rng.randint(1, 65)), None
        else:
            days = near[index // 4] if index % 4 == 2 and index // 4 < len(near) else spread[index]
            procedure_date = today + timedelta(days=days)
            starts_on = min(
                procedure_date - timedelta(days=rng.randint(15, 28)), today - timedelta(days=rng.randint(1, 6))
            )
        starts_at = to_utc(datetime.combine(starts_on, time(rng.randint(9, 16), rng.randrange(0, 60, 5))), zone)
        life = make_life(
            seed=seed, index=index, clinic=0, zone=zone, starts_at=starts_at, procedure_date=procedure_date
        )
        lives.append(life)
    return lives


def work_off(place: Place, *, now: datetime, seed: int) -> None:
    """Staff did what was two days old, put one thing off, and are at work on another."""
    rng = random.Random(f"{seed}/staff")  # noqa: S311 - a script that can be played again, not a secret
    undone = list(WorkItem.objects.filter(clinic=place.clinic, state__in=WORK_ITEM_UNDONE).order_by("opened_at", "pk"))
    for item in undone:
        done_at = item.opened_at + timedelta(minutes=rng.randint(20, 240))
        if item.opened_at < now - WORKED_OFF_AFTER:
            claim_item(item=item, by=place.nurse, now=item.opened_at + timedelta(minutes=15))
            resolve_item(item=item, outcome=rng.choice(OUTCOMES), by=place.nurse, now=done_at)
    recent = [item for item in undone if item.opened_at >= now - WORKED_OFF_AFTER]
    if len(recent) > 2:
        claim_item(item=recent[0], by=place.nurse, now=now - timedelta(minutes=10))
        snooze_item(
            item=recent[1], until=now + timedelta(hours=2), reason="No answer, trying again after lunch",
            by=place.nurse, now=now - timedelta(minutes=5),
        )  # fmt: skip


def let_them_in() -> None:
    """Give the staff their password. It comes last: whoever can sign in sees a whole demo."""
    for role in STAFF:
        staff = Staff.objects.get(username=role.value)
        staff.set_password(PASSWORD)
        staff.save(update_fields=["password"])


def describe(clinic: Clinic, *, now: datetime) -> Demo:
    """The demo that is there, with a new link to the patient worth looking at."""
    nurse = Staff.objects.get(username=Role.NURSE.value, clinics=clinic)
    if not nurse.has_usable_password():
        raise UnfinishedDemo(f"the making of “{CLINIC}” was broken off: start again with an empty database")
    journey = shown_journey(clinic)
    return Demo(
        clinic=clinic.name,
        zone=clinic.zone,
        made_at=nurse.date_joined,
        logins=tuple(Login(role.value, PASSWORD, role.label) for role in STAFF),
        patient=journey.patient.name,
        birth_date=journey.patient.birth_date,
        token=issue_link(journey=journey, now=now),
        counts=counts(clinic, now=now),
    )


def shown_journey(clinic: Clinic) -> Journey:
    """The journey of the first life written by hand: a procedure the day after the demo was made, holds signed."""
    journeys = Journey.objects.filter(clinic=clinic, patient__given_name="Eleanor", patient__family_name="Whitfield")
    return journeys.select_related("patient").latest("pk")


def counts(clinic: Clinic, *, now: datetime) -> dict[str, int]:
    """How much there is to see, and how many messages go out in the next ten minutes."""
    due = Reminder.objects.filter(journey__clinic=clinic, state__in=REMINDER_PENDING, run_at__lte=now + DAY / 144)
    states = Counter(Journey.objects.filter(clinic=clinic).values_list("state", flat=True))
    items = WorkItem.objects.filter(clinic=clinic)
    return {
        "patients": Patient.objects.filter(clinic=clinic).count(),
        "journeys": sum(states.values()),
        **{f"journeys {state}": count for state, count in sorted(states.items())},
        "messages": Message.objects.filter(journey__clinic=clinic).count(),
        "work items open": items.filter(state__in=WORK_ITEM_UNDONE).count(),
        "work items done": items.exclude(state__in=WORK_ITEM_UNDONE).count(),
        "messages in the next ten minutes": due.count(),
    }
