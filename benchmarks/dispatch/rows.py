"""Many due and future reminders, written by the database itself: one row made by the ORM, then copied by SQL.

A million rows through the ORM would take longer than all measurements. The copies name every column of the model, so a
new column needs no change here.
"""

from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import Max, Model

from pathway.actions.protocols import publish_protocol
from pathway.models import Journey, Milestone, ProtocolVersion, Reminder
from pathway.protocol_file import read_shipped
from patients.models import Clinic, Consent, ContactKind, ContactPoint, Patient

CLINICS = 20
REMINDERS_OF_A_JOURNEY = 10
"""How many of the future reminders belong to one journey. Each due one has a journey of its own: nothing is shared."""

FIRST = 1_000
"""The original's id everywhere. The copies' ids come after it, the same for a patient, their journey, and so on."""

AREA_CODES = "'{202,212,305,312,404,415,512,617,713,718}'::int[]"


HOUR = timedelta(hours=1)


def add_due(due: int, *, now: datetime, due_from: datetime | None = None, within: timedelta = HOUR) -> None:
    """Write `due` reminders about fasting into an empty database, each with a journey of its own.

    They fall due evenly from `due_from` on (default: an hour before `now`), `within` so long, in an order that is not
    that of their ids. All patients live where it is noon at `now`; everything stays of use until ten hours after it.
    """
    original = make_original(now=now)
    share = f"((n * 7919) % {due})::float8 / {due}"
    at = f"{instant(due_from or now - HOUR)} + {share} * interval '{within.total_seconds()} seconds'"
    journeys = f"generate_series(1, {due}) AS n"
    copy_people(original, numbers=journeys)
    copy_rows(
        original, numbers=journeys, id=f"{FIRST} + n", journey_id=f"{FIRST} + n", clinic_id=clinic_of("n"),
        send_at=at, run_at=at, intended_at=at,
    )  # fmt: skip
    finish(original)


def add_future(reminders: int, *, now: datetime) -> None:
    """Add reminders of the weeks to come, ten to a journey, after all that is there."""
    last_journey, last_reminder = last_id(Journey), last_id(Reminder)
    original = make_original(now=now)
    first = last_journey - FIRST + 1
    last = first + reminders // REMINDERS_OF_A_JOURNEY - 1
    copy_people(original, numbers=f"generate_series({first}, {last}) AS n")
    at = f"{instant(now)} + interval '1 day' + ((n * 7919) % 40320) * interval '1 minute' + k * interval '2 days'"
    copy_rows(
        original, numbers=f"generate_series({first}, {last}) AS n, generate_series(1, {REMINDERS_OF_A_JOURNEY}) AS k",
        id=f"{last_reminder} + (n - {first}) * {REMINDERS_OF_A_JOURNEY} + k",
        journey_id=f"{FIRST} + n", clinic_id=clinic_of("n"), key="'fasting/evening-before/' || k",
        send_at=at, run_at=at, intended_at=at, useful_until=f"{at} + interval '10 hours'",
    )  # fmt: skip
    finish(original)


def make_original(*, now: datetime) -> Reminder:
    """One due reminder with all that it needs, made by the ORM; and the clinics that the copies are spread over."""
    if not Clinic.objects.exists():
        Clinic.objects.bulk_create(
            Clinic(id=number, name=f"Oak Clinic {number}", zone=zone_of_noon(now), phone="+12025550143", address="here")
            for number in range(1, CLINICS + 1)
        )
        publish_protocol(source=read_shipped("mild"), by=None, now=now)
    version, procedure = ProtocolVersion.objects.get(), now + timedelta(hours=20)
    patient = Patient.objects.create(
        id=FIRST, clinic_id=1, record_number="original", given_name="Alma", family_name="Ruiz",
        birth_date=date(1948, 5, 2),
    )  # fmt: skip
    ContactPoint.objects.create(id=FIRST, patient=patient, kind=ContactKind.SMS, phone="+12025550101")
    Consent.objects.create(
        id=FIRST, patient=patient, wording="I agree to texts.", source="form", given_at=now - timedelta(days=30)
    )
    journey = Journey.objects.create(
        id=FIRST, clinic_id=1, patient=patient, protocol_version=version, state="scheduled", case_number="original",
        plan_version=1, enrolled_at=now - timedelta(days=14), planned_at=now - timedelta(days=14),
    )  # fmt: skip
    Milestone.objects.create(id=FIRST, journey=journey, key="procedure", at=procedure)
    says = {"day": f"{procedure:%Y-%m-%d}", "arrival": "07:00", "fast_from": f"{procedure:%Y-%m-%dT02:00}"}
    return Reminder.objects.create(
        id=FIRST, clinic_id=1, journey=journey, key="fasting/evening-before", base_key="fasting/evening-before",
        step="fasting", text="fasting", says=says, safety=True, resend_unproven=True, needs_booked="procedure",
        send_at=now, run_at=now, intended_at=now, useful_until=now + timedelta(hours=10), plan_version=1,
    )  # fmt: skip


def copy_people(original: Reminder, *, numbers: str) -> None:
    """One patient with a number and a consent, a journey and its booked procedure, for every `n` of `numbers`."""
    journey, number = original.journey, f"{FIRST} + n"
    patient = journey.patient
    phone = f"'+1' || ({AREA_CODES})[1 + n / 9000 % 10] || '555' || 1000 + n % 9000"
    copy_rows(
        patient, numbers=numbers, id=number, clinic_id=clinic_of("n"), record_number="'MRN-' || n",
        language="CASE n % 5 WHEN 0 THEN 'es' ELSE 'en' END",
    )  # fmt: skip
    copy_rows(patient.contacts.get(), numbers=numbers, id=number, patient_id=number, phone=phone)
    copy_rows(patient.consents.get(), numbers=numbers, id=number, patient_id=number)
    copy_rows(
        journey, numbers=numbers, id=number, patient_id=number, clinic_id=clinic_of("n"), case_number="'MILD-' || n"
    )
    copy_rows(journey.milestones.get(), numbers=numbers, id=number, journey_id=number)


def copy_rows(original: Model, *, numbers: str, **different: str) -> None:
    """Insert one copy of a row for every number, with these columns as SQL expressions of `n` instead.

    Foreign keys are not looked up: they point to what was copied before.
    """
    table = original._meta.db_table
    columns = [field.column for field in original._meta.concrete_fields]
    values = ", ".join(different.get(column, f"original.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} AS original, {numbers} "
            f"WHERE original.id = {FIRST}"
        )
        cursor.execute("SET session_replication_role = origin")


def finish(original: Reminder) -> None:
    """Remove the original, let the ids of new rows follow the copies', and bring the statistics up to date.

    The connection is closed, so that the database can be copied.
    """
    original.journey.delete()
    original.journey.patient.delete()
    with connection.cursor() as cursor:
        for model in (Patient, ContactPoint, Consent, Journey, Milestone, Reminder):
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [last_id(model)])
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
    connection.close()


def last_id(model: type[Model]) -> int:
    """The highest id of a table; `FIRST` while it holds none of our copies."""
    highest = model._default_manager.aggregate(highest=Max("id"))["highest"]
    return max(highest or 0, FIRST)


def clinic_of(number: str) -> str:
    """The clinic of a journey, as SQL."""
    return f"1 + {number} % {CLINICS}"


def zone_of_noon(now: datetime) -> str:
    """A time zone in which it is around noon, so that the sending window is open whenever this runs."""
    hours = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"  # in these names the sign is the other way round


def instant(at: datetime) -> str:
    """An instant as an SQL literal."""
    return f"'{at.isoformat()}'::timestamptz"
