"""What comes back, for tests: messages of ours that are out, texts that come in, and a provider that signs."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from uuid import UUID

from django.test import Client

from notifications.channels.outbox import OutboxChannel
from notifications.models import Message
from notifications.replies.receive import Incoming, receive
from notifications.webhooks.signature import signature
from pathway.models import Reminder
from patients.models import Caregiver, ContactPoint, Patient
from tests.builders import NOW
from tests.notifications.due import drain_at, make_due

_number = count(1)

SID = "AC" + "0" * 32
TOKEN = "12345"
PUBLIC = "https://care.example"


def make_sent(**fields) -> Message:
    """A text that went out at `NOW`, and its reminder."""
    reminder = make_due(**fields)
    outbox = OutboxChannel()
    drain_at(NOW, channels={"sms": outbox, "voice": outbox, "email": outbox})
    return Message.objects.get(reminder=reminder)


def number_of(patient: Patient) -> str:
    """The number of the patient's first contact, E.164."""
    return ContactPoint.objects.filter(patient=patient).order_by("rank", "pk").first().phone.as_e164


def text_from(
    address: str, body: str, *, now: datetime = NOW, reference: str = "", clinics: Iterable[int] = ()
) -> bool:
    """A text comes in at these clinics."""
    incoming = Incoming("sms", address, "+12025550143", body, reference or f"SM{next(_number)}", frozenset(clinics))
    return receive(incoming=incoming, now=now)


def says(patient: Patient, body: str, **named) -> bool:
    """The patient texts their clinic."""
    return text_from(number_of(patient), body, clinics=[patient.clinic_id], **named)


def make_caregiver(patient: Patient, **fields) -> Caregiver:
    """A daughter with a number of her own, whom the patient agreed to."""
    return Caregiver.objects.create(
        **{
            "patient": patient, "name": "Maria Ruiz", "relation": "daughter", "phone": "+12025550177",
            "consented_at": NOW, **fields,
        }
    )  # fmt: skip


def calls_back(client: Client, path: str, token: str = TOKEN, **fields: str):
    """The provider calls one of our addresses, and signs for it as it knows it."""
    fields = {"AccountSid": SID, **fields}
    signed = signature(url=f"{PUBLIC}{path}", fields={name: [value] for name, value in fields.items()}, token=token)
    return client.post(path, fields, headers={"X-Twilio-Signature": signed})


def state_of(reminder_id: int | UUID | None) -> str:
    """The state of a reminder, as it is in the database."""
    return Reminder.objects.get(pk=reminder_id).state
