"""Due reminders for the dispatcher's tests, written as rows so that each test says all that it depends on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from notifications.channels.base import Channel, Envelope, LookUp, NoAnswer, Receipt
from notifications.channels.outbox import OutboxChannel
from notifications.dispatcher import Drained, drain
from pathway.models import Journey, Milestone, MilestoneStatus, Reminder
from patients.models import Patient
from tests.builders import NOW, make_patient, mild_version

_number = count(1)


def make_bare_journey(patient: Patient | None = None, **fields) -> Journey:
    """A journey with a booked procedure ten days after `NOW`, and no reminders but those the test makes."""
    patient = patient or make_patient()
    journey = Journey.objects.create(
        **{
            "clinic": patient.clinic,
            "patient": patient,
            "protocol_version": mild_version(),
            "state": "scheduled",
            "enrolled_at": NOW - timedelta(days=1),
            "plan_version": 1,
            **fields,
        }
    )
    Milestone.objects.create(
        journey=journey, key="procedure", at=NOW + timedelta(days=10), status=MilestoneStatus.BOOKED
    )
    return journey


def make_due(journey: Journey | None = None, **fields) -> Reminder:
    """A reminder about the ride home, due at `NOW` (10:00 for the patient) and of use for a day."""
    journey = journey or make_bare_journey()
    send_at = fields.pop("send_at", NOW)
    base_key = fields.pop("base_key", "ride/week-before")
    return Reminder.objects.create(
        **{
            "clinic_id": journey.clinic_id,
            "journey": journey,
            "key": f"{base_key}/{next(_number)}",
            "base_key": base_key,
            "step": base_key.partition("/")[0],
            "text": "ride",
            "says": {"day": "2027-03-11"},
            "send_at": send_at,
            "run_at": send_at,
            "intended_at": send_at,
            "useful_until": send_at + timedelta(days=1),
            "needs_booked": "procedure",
            "plan_version": journey.plan_version,
            **fields,
        }
    )


def drain_at(now: datetime, **named) -> Drained:
    """One drain with a clock that stands still."""
    return drain(clock=lambda: now, **named)


class ScriptedChannel(Channel):
    """Answers as the test says, and remembers what it was offered. What it accepted is in the outbox."""

    def __init__(self, *answers: Receipt | Exception | None, honours_reference: bool = False) -> None:
        self.answers = list(answers)
        self.offered: list[Envelope] = []
        self.honours_reference = honours_reference
        self.evidence: Callable[[Envelope], Receipt | LookUp | None] = lambda _: None

    def send(self, envelope: Envelope) -> Receipt:
        self.offered.append(envelope)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or OutboxChannel().send(envelope)

    def look_up(self, sought):
        envelope = next((one for one in self.offered if one.reference == sought.reference), None)
        if envelope is None:
            raise NoAnswer("nothing was offered under this reference")
        return self.evidence(envelope)


def make_due_now(*, now: datetime, **fields) -> Reminder:
    """A reminder due at a real moment, for a patient on whose clock that moment is around noon."""
    hours = 12 - now.hour
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"  # in these names the sign is the other way round
    patient = make_patient(zone=zone)
    patient.consents.update(given_at=now - timedelta(days=1))
    return make_due(make_bare_journey(patient), send_at=now, **fields)
