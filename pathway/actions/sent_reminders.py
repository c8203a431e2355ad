"""Reminders of the plan that have gone out, as questions and promised calls see them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pathway.models import Reminder
from pathway.planner import Protocol, ReminderSpec
from pathway.queries.protocols import protocol_of

CORRECTIONS = ("/correction", "/cancelled")
"""How the base keys of reminders end that take back what others told."""


@dataclass(frozen=True, slots=True)
class SentReminder:
    """One reminder of the plan that went out at `sent_at` (UTC), with what its question depends on.

    `zone` is the patient's: a wait of a day is a calendar day on their clock.
    """

    reminder_id: int
    journey_id: int
    base_key: str
    text: str
    protocol: Protocol
    zone: ZoneInfo
    sent_at: datetime
    useful_until: datetime

    @classmethod
    def of(cls, row: Reminder, *, sent_at: datetime) -> "SentReminder":
        """The same of a row whose journey, protocol version, patient and clinic are loaded."""
        protocol = protocol_of(row.journey.protocol_version)
        zone = row.journey.patient.tz
        return cls(row.pk, row.journey_id, row.base_key, row.text, protocol, zone, sent_at, row.useful_until)

    @property
    def asks(self) -> ReminderSpec | None:
        """What the protocol says about it when its text asks for an answer."""
        spec = self.protocol.reminder(self.base_key)
        return spec if spec is not None and spec.answers and self.text in spec.asked_in else None

    @property
    def tells_plan(self) -> bool:
        """Whether it leads to the page of the signed medicine plan, rather than taking one back."""
        spec = self.protocol.reminder(self.base_key)
        return spec is not None and spec.for_each_hold and not self.base_key.endswith("/cancelled")
