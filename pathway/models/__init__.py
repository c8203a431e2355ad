"""WHAT SHOULD HAPPEN: protocols, journeys, and every row that a plan leaves behind."""

from pathway.models.check_in import AnsweredBy, CheckIn
from pathway.models.hold import MedicationHold
from pathway.models.journey import FIRM, OVER, SETTLED, Journey, JourneyEvent, Milestone, MilestoneStatus, Step
from pathway.models.link import PatientLink
from pathway.models.protocol import Protocol, ProtocolVersion
from pathway.models.question import Question
from pathway.models.referral import TherapyReferral
from pathway.models.reminder import Origin, Reminder
from pathway.models.work import Priority, WorkItem

__all__ = [
    "FIRM",
    "OVER",
    "SETTLED",
    "AnsweredBy",
    "CheckIn",
    "Journey",
    "JourneyEvent",
    "MedicationHold",
    "Milestone",
    "MilestoneStatus",
    "Origin",
    "PatientLink",
    "Priority",
    "Protocol",
    "ProtocolVersion",
    "Question",
    "Reminder",
    "Step",
    "TherapyReferral",
    "WorkItem",
]
