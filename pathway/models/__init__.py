"""WHAT SHOULD HAPPEN: protocols, journeys, and every row that a plan leaves behind."""

from pathway.models.authorisation import PriorAuthorisation
from pathway.models.candidacy import CandidacyAssessment, CandidacyDecision
from pathway.models.hold import MedicationHold
from pathway.models.journey import Journey, JourneyEvent, Milestone, MilestoneStatus, Step
from pathway.models.link import PatientLink
from pathway.models.measurement import Measurement, Source
from pathway.models.protocol import Protocol, ProtocolVersion
from pathway.models.question import Question
from pathway.models.reminder import Origin, Reminder
from pathway.models.work import Priority, WorkItem

__all__ = [
    "CandidacyAssessment",
    "CandidacyDecision",
    "Journey",
    "JourneyEvent",
    "Measurement",
    "MedicationHold",
    "Milestone",
    "MilestoneStatus",
    "Origin",
    "PatientLink",
    "PriorAuthorisation",
    "Priority",
    "Protocol",
    "ProtocolVersion",
    "Question",
    "Reminder",
    "Source",
    "Step",
    "WorkItem",
]
