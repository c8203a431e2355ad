"""One part of a simulation: clinics, scripts and a provider that fails, in one database."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.simulator.checks import duplicates, violations
from notifications.simulator.clock import SimulatedClock, script_outages
from notifications.simulator.happenings import Place, Stage
from notifications.simulator.provider import FaultyProvider
from notifications.simulator.report import Part, count_states, lateness_of_each
from notifications.simulator.run import Run
from notifications.simulator.throwaway import throwaway_database
from notifications.simulator.world import SATURDAY, Life, make_life, shipped_protocol
from pathway.actions.protocols import publish_protocol
from pathway.planner import Protocol, to_utc
from pathway.protocol_file import read_shipped
from patients.models import Clinic, ContactKind, Membership, Role, Staff

STARTS_AT = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)
"""A Monday; clocks go forward in the sixth week."""

CLINICS = (
    ("Oak Clinic", "America/New_York"),
    ("Elm Clinic", "America/Chicago"),
    ("Ash Clinic", "America/Denver"),
    ("Fir Clinic", "America/Los_Angeles"),
)
ENTERED_IN = 4
"""Journeys are entered in the first quarter of the weeks, so that most come to their end."""


@dataclass(frozen=True, slots=True)
class Task:
    """One part of a simulation: every `parts`th journey of `journeys`, beginning with number `part`.

    `protocol` is the key of a shipped one.
    """

    journeys: int
    weeks: int
    seed: int
    faults: float
    part: int = 0
    parts: int = 1
    protocol: str = "mild"

    def lives(self) -> list[Life]:
        """The scripts of this part."""
        indexes = range(self.part, self.journeys, self.parts)
        protocol = shipped_protocol(self.protocol)
        return [one_life(seed=self.seed, index=index, weeks=self.weeks, protocol=protocol) for index in indexes]

    @property
    def ends_at(self) -> datetime:
        return STARTS_AT + timedelta(weeks=self.weeks)

    def count_lines(self) -> int:
        """How many lines of the scripts will be played."""
        return sum(line.at <= self.ends_at for life in self.lives() for line in life.happenings)


def play_part(task: Task, *, progress: Callable[[int], object]) -> Part:
    """Play one part in the database at hand, which must be empty and migrated; `progress` is told each line played."""
    clock, stage = SimulatedClock(STARTS_AT), make_stage(now=STARTS_AT, protocol=task.protocol)
    own_seed = task.seed * task.parts + task.part
    provider = FaultyProvider(clock=clock, seed=own_seed, faults=task.faults)
    run = Run(
        task.lives(),
        stage=stage,
        clock=clock,
        channels={kind.value: provider for kind in ContactKind},
        outages=script_outages(seed=own_seed, starts=STARTS_AT, ends=task.ends_at, faults=task.faults),
        seed=own_seed,
        progress=progress,
    )
    run.play_until(task.ends_at)
    found = violations(run.casts, stage=stage, ledger=provider.ledger, now=task.ends_at)
    counts = {**count_states(), "duplicates": duplicates(provider.ledger)}
    return Part(counts, lateness_of_each(), [str(one) for one in found])


def play_in_its_own_database(task: Task, *, progress: Callable[[int], object]) -> Part:
    """Play one part in a throwaway database."""
    with throwaway_database():
        return play_part(task, progress=progress)


def make_stage(*, now: datetime, protocol: str = "mild") -> Stage:
    """Four clinics in four zones, each with a nurse and a prescriber who never sign in, and a shipped protocol."""
    version = publish_protocol(source=read_shipped(protocol), by=None, now=now)
    places = []
    for number, (name, zone) in enumerate(CLINICS):
        clinic = Clinic.objects.create(name=name, zone=zone, phone=f"+1202555014{number}", address="1 Main Street")
        nurse, prescriber = (
            add_staff(clinic, role, f"{role.value}-{number}") for role in (Role.NURSE, Role.PRESCRIBER)
        )
        places.append(Place(clinic, nurse, prescriber))
    return Stage(tuple(places), version)


def add_staff(clinic: Clinic, role: Role, username: str) -> Staff:
    """Somebody with one role at one clinic, without a password."""
    staff = Staff(username=username, first_name=username.split("-")[0].title(), last_name=clinic.name.split()[0])
    staff.set_unusable_password()
    staff.save()
    Membership.objects.create(staff=staff, clinic=clinic, role=role)
    return staff


def one_life(*, seed: int, index: int, weeks: int, protocol: Protocol | None = None) -> Life:
    """The life of journey `index`, entered in the clinic's working hours in the first quarter of the weeks."""
    rng = random.Random(f"{seed}/entered/{index}")  # noqa: S311 - a script that can be played again, not a secret
    clinic = index % len(CLINICS)
    zone = ZoneInfo(CLINICS[clinic][1])
    day = STARTS_AT.date() + timedelta(days=rng.randrange(max(1, weeks * 7 // ENTERED_IN)))
    day += timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else timedelta(0)
    wall = datetime.combine(day, time(rng.randrange(8, 17), rng.randrange(0, 60, 15)))
    return make_life(seed=seed, index=index, clinic=clinic, zone=zone, starts_at=to_utc(wall, zone), protocol=protocol)
