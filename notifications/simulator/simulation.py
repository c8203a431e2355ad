"""One whole simulation: clinics, scripts, a provider that fails, and the report."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from notifications.simulator.checks import duplicates, violations
from notifications.simulator.clock import SimulatedClock, script_outages
from notifications.simulator.happenings import Place, Stage
from notifications.simulator.provider import FaultyProvider
from notifications.simulator.report import Report, count_states, lateness
from notifications.simulator.run import Run
from notifications.simulator.world import SATURDAY, Life, make_life
from pathway.actions.protocols import publish_protocol
from pathway.planner import to_utc
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


def simulate(
    *,
    journeys: int,
    weeks: int,
    seed: int,
    faults: float,
    progress: Callable[[int], object] = lambda lines: None,
    expect: Callable[[int], object] = lambda lines: None,
) -> Report:
    """Run a simulation in the database at hand, which must be empty and migrated.

    `expect` is told how many lines the scripts have, `progress` each one that was played. The same numbers give the
    same report, but for its wall seconds.
    """
    began = perf_counter()
    clock = SimulatedClock(STARTS_AT)
    end = STARTS_AT + timedelta(weeks=weeks)
    stage = make_stage(now=STARTS_AT)
    lives = [one_life(stage, seed=seed, index=index, weeks=weeks) for index in range(journeys)]
    expect(sum(line.at <= end for life in lives for line in life.happenings))
    provider = FaultyProvider(clock=clock, seed=seed, faults=faults)
    run = Run(
        lives,
        stage=stage,
        clock=clock,
        channels={kind.value: provider for kind in ContactKind},
        outages=script_outages(seed=seed, starts=STARTS_AT, ends=end, faults=faults),
        seed=seed,
        progress=progress,
    )
    run.play_until(end)
    found = violations(run.casts, stage=stage, ledger=provider.ledger, now=end)
    return Report(
        journeys=journeys,
        weeks=weeks,
        seed=seed,
        faults=faults,
        duplicates=duplicates(provider.ledger),
        lateness=lateness(),
        wall_seconds=round(perf_counter() - began, 3),
        violations=[str(one) for one in found],
        **count_states(),
    )


def make_stage(*, now: datetime) -> Stage:
    """Four clinics in four zones, each with a nurse and a prescriber who never sign in, and the MILD protocol."""
    version = publish_protocol(source=read_shipped("mild"), by=None, now=now)
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


def one_life(stage: Stage, *, seed: int, index: int, weeks: int) -> Life:
    """The life of journey `index`, entered in the clinic's working hours in the first quarter of the weeks."""
    rng = random.Random(f"{seed}/entered/{index}")  # noqa: S311 - a script that can be played again, not a secret
    clinic = index % len(stage.places)
    zone = ZoneInfo(CLINICS[clinic][1])
    day = STARTS_AT.date() + timedelta(days=rng.randrange(max(1, weeks * 7 // ENTERED_IN)))
    day += timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else timedelta(0)
    wall = datetime.combine(day, time(rng.randrange(8, 17), rng.randrange(0, 60, 5)))
    return make_life(seed=seed, index=index, clinic=clinic, zone=zone, starts_at=to_utc(wall, zone))
