"""Work on rows: `replan` after a clinic-wide move, and the dispatch of a large backlog."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import F

from benchmarks.figures import Figure, seconds_for
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import drain
from notifications.models import OutboxEntry
from pathway.actions.journeys import start_journey
from pathway.actions.protocols import publish_protocol
from pathway.actions.replan import replan
from pathway.models import Journey, Milestone, ProtocolVersion, Reminder
from pathway.protocol_file import read_shipped
from patients.models import Clinic, Consent, ContactKind, ContactPoint, Patient

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BORN = date(1950, 1, 1)


def make_patients(count: int) -> tuple[ProtocolVersion, list[Patient]]:
    """A clinic and its patients, each with a number from the range set aside for fiction, and a consent."""
    clinic = Clinic.objects.create(name="Oak Clinic", zone="America/New_York", phone="+12025550143", address="here")
    patients = Patient.objects.bulk_create(
        Patient(
            clinic=clinic, record_number=f"MRN-{n}", given_name="Alma", family_name="R", birth_date=date(1950, 1, 1)
        )
        for n in range(count)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(patient=patient, kind=ContactKind.SMS, phone=f"+120255501{n % 100:02d}")
        for n, patient in enumerate(patients)
    )
    Consent.objects.bulk_create(
        Consent(patient=patient, wording="yes", source="bench", given_at=NOW - DAY) for patient in patients
    )
    return publish_protocol(source=read_shipped("mild"), by=None, now=NOW), patients


def replan_after_a_move(*, journeys: int, on: str) -> list[Figure]:
    """Every procedure of a clinic is moved by a day; each journey is planned again, and then once more in vain."""
    version, patients = make_patients(journeys)
    rows = [
        start_journey(
            patient=patient, protocol_version=version, by=None, now=NOW,
            milestones={"consult": NOW + 5 * DAY, "procedure": NOW + 21 * DAY + timedelta(minutes=n)},
        )
        for n, patient in enumerate(patients)
    ]  # fmt: skip
    Milestone.objects.filter(key="procedure").update(at=F("at") + DAY)

    def replan_all() -> None:
        for journey in rows:
            replan(journey, by=None, now=NOW + timedelta(minutes=1))

    moved, unchanged = seconds_for(replan_all), seconds_for(replan_all)
    what = f"replan of {journeys:,} journeys"
    return [
        Figure(f"{what}, all moved by a day", on, f"{moved:.1f} s, {journeys / moved:,.0f}/s"),
        Figure(f"{what}, nothing changed", on, f"{unchanged:.1f} s, {journeys / unchanged:,.0f}/s"),
    ]


def dispatch_a_backlog(*, reminders: int, on: str) -> list[Figure]:
    """As many due reminders as journeys, claimed, re-checked, worded, sent and recorded by one process."""
    version, patients = make_patients(reminders)
    journeys = Journey.objects.bulk_create(
        Journey(clinic_id=patient.clinic_id, patient=patient, protocol_version=version, enrolled_at=NOW, plan_version=1)
        for patient in patients
    )
    Reminder.objects.bulk_create(
        Reminder(
            clinic_id=journey.clinic_id, journey=journey, key="welcome/hello", base_key="welcome/hello", step="welcome",
            text="welcome", send_at=NOW, run_at=NOW, intended_at=NOW, useful_until=NOW + 3 * DAY, plan_version=1,
        )
        for journey in journeys
    )  # fmt: skip
    outbox = OutboxChannel()
    later = NOW + timedelta(minutes=1)
    took = seconds_for(lambda: drain(clock=lambda: later, channels={kind.value: outbox for kind in ContactKind}))
    sent = OutboxEntry.objects.count()
    if sent != reminders:
        raise RuntimeError(f"{sent} of {reminders} reminders reached the outbox")
    return [Figure(f"dispatch of {reminders:,} due reminders", on, f"{took:.1f} s, {reminders / took:,.0f}/s")]
