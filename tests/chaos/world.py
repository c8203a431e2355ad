"""The people of a chaos run: several clinics, patients with one or two ways to be reached, one due reminder each."""

import random
from datetime import date, datetime, timedelta

from django.db.models import F

from pathway.actions.protocols import publish_protocol
from pathway.models import Journey, Milestone, Reminder
from pathway.protocol_file import read_shipped
from patients.models import Clinic, Consent, ContactKind, ContactPoint, Patient
from tests.chaos.script import Script

CLINICS = 5
AREA_CODES = (202, 212, 305, 312, 404, 415, 512, 617, 713, 718)
BATCH = 1_000
MONTH = timedelta(days=30)
UNTIL_IT_BEGINS = timedelta(days=1)
"""Until then nothing is due, however long the workers take to start."""


def populate(script: Script, *, seed: int, now: datetime) -> list[Journey]:
    """Write the world into an empty database; its journeys, as the script counts them.

    Their time zone is one in which it is noon. What is due comes after `UNTIL_IT_BEGINS`, or after `begin`.
    """
    rng = random.Random(f"people/{seed}")
    version = publish_protocol(source=read_shipped("mild"), by=None, now=now)
    clinics = [
        Clinic.objects.create(name=f"Oak Clinic {number}", zone=noon_zone(now), phone="+12025550143", address="here")
        for number in range(1, CLINICS + 1)
    ]
    patients = Patient.objects.bulk_create(
        [
            Patient(
                clinic=rng.choice(clinics), record_number=f"MRN-{number}", given_name="Alma", family_name="Ruiz",
                birth_date=date(1948, 5, 2), language=rng.choice(("en", "en", "en", "es")),
            )
            for number in range(len(script.due))
        ],
        batch_size=BATCH,
    )  # fmt: skip
    contacts = [contact for number, patient in enumerate(patients) for contact in ways_to_reach(patient, number, rng)]
    ContactPoint.objects.bulk_create(contacts, batch_size=BATCH)
    agreed = [
        Consent(patient=one, wording="yes", source="chaos", given_at=now - timedelta(days=30)) for one in patients
    ]
    Consent.objects.bulk_create(agreed, batch_size=BATCH)
    journeys = Journey.objects.bulk_create(
        [
            Journey(
                clinic=patient.clinic, patient=patient, protocol_version=version, state="scheduled", plan_version=1,
                enrolled_at=now - timedelta(days=14),
            )
            for patient in patients
        ],
        batch_size=BATCH,
    )  # fmt: skip
    procedure = now + timedelta(days=7)
    Milestone.objects.bulk_create(
        [Milestone(journey=journey, key="procedure", at=procedure) for journey in journeys], batch_size=BATCH
    )
    reminders = [about_the_ride(journey, number, script, now=now) for number, journey in enumerate(journeys)]
    Reminder.objects.bulk_create(reminders, batch_size=BATCH)
    return journeys


def about_the_ride(journey: Journey, number: int, script: Script, *, now: datetime) -> Reminder:
    """The week-before text of one journey, due when the script says."""
    send_at = now + UNTIL_IT_BEGINS + timedelta(seconds=script.due[number])
    return Reminder(
        clinic_id=journey.clinic_id, journey=journey, key="ride/week-before", base_key="ride/week-before", step="ride",
        text="ride", says={"day": f"{now + timedelta(days=7):%Y-%m-%d}"}, needs_booked="procedure", plan_version=1,
        send_at=send_at, run_at=send_at, intended_at=send_at,
        useful_until=send_at + timedelta(seconds=script.useful[number]),
    )  # fmt: skip


def ways_to_reach(patient: Patient, number: int, rng: random.Random) -> list[ContactPoint]:
    """A mobile number, and for every second patient something to fall back on. No two patients share a number."""
    ways = [ContactPoint(patient=patient, kind=ContactKind.SMS, phone=phone(2 * number), rank=1)]
    other = rng.choice(("", "", "", ContactKind.SMS, ContactKind.VOICE, ContactKind.EMAIL))
    if other == ContactKind.EMAIL:
        ways.append(ContactPoint(patient=patient, kind=other, email=f"patient-{number}@patient.example", rank=2))
    elif other:
        ways.append(ContactPoint(patient=patient, kind=other, phone=phone(2 * number + 1), rank=2))
    return ways


def phone(number: int) -> str:
    """One of 90,000 numbers that belong to no one patient."""
    return f"+1{AREA_CODES[number // 9000 % len(AREA_CODES)]}555{1000 + number % 9000}"


def noon_zone(now: datetime) -> str:
    """A time zone in which it is around noon."""
    hours = 12 - now.hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"  # in these names the sign is the other way round


def begin(*, populated: datetime, now: datetime) -> None:
    """Let the run of a world that was made at `populated` begin at `now`, and not when it would have."""
    sooner = now - populated - UNTIL_IT_BEGINS
    names = ("send_at", "run_at", "intended_at", "useful_until")
    Reminder.objects.update(**{name: F(name) + sooner for name in names})
