"""A clinic whose provider refuses everything, as after a changed password."""

from datetime import datetime, timedelta
from uuid import uuid4

from notifications.channels.base import ChannelError, Refusal
from notifications.models import Message, Outcome
from patients.models import Clinic
from tests.builders import make_clinic, make_patient
from tests.notifications.due import ScriptedChannel, drain_at, make_bare_journey, make_due

WRONG_PASSWORD = ChannelError(code="20003", message="Authenticate", what=Refusal.ACCOUNT)


def send_all(now: datetime, *answers: Exception | None, clinic: Clinic | None = None) -> Clinic:
    """One message for each answer, all of one clinic, sent at `now` through a provider that answers so."""
    patient = make_patient(clinic or make_clinic())
    patient.consents.update(given_at=now - timedelta(days=1))
    journey = make_bare_journey(patient)
    for _ in answers:
        make_due(journey, send_at=now, useful_until=now + timedelta(days=1))
    drain_at(now, channels={"sms": ScriptedChannel(*answers)})
    return journey.clinic


def refuse_five(*, now: datetime, clinic: Clinic | None = None) -> Clinic:
    """Five texts of one clinic that its provider had refused at `now`, as rows that wait to be tried again."""
    journey = make_bare_journey(make_patient(clinic or make_clinic()))
    for _ in range(5):
        reminder = make_due(journey, send_at=now, run_at=now + timedelta(minutes=5), tries=1)
        message = Message.objects.create(
            journey=journey,
            reminder=reminder,
            channel="sms",
            address="+12025550100",
            language="en",
            body="Words.",
            created_at=now,
        )
        message.attempts.create(
            claim_token=uuid4(),
            started_at=now,
            finished_at=now,
            outcome=Outcome.TEMPORARY,
            error=str(WRONG_PASSWORD),
        )
    return journey.clinic
