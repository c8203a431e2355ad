"""WHAT SHOULD HAPPEN: protocols, journeys, and every row that a plan leaves behind."""

from pathway.models.authorisation import PriorAuthorisation
from pathway.models.candidacy import CandidacyAssessment, CandidacyDecision
from pathway.models.check_in import AnsweredBy, CheckIn
from pathway.models.hold import MedicationHold
from pathway.models.journey import FIRM, OVER, SETTLED, Journey, JourneyEvent, Milestone, MilestoneStatus, Step
from pathway.models.link import PatientLink
from pathway.models.measurement import Measurement, Source
from pathway.models.protocol import Protocol, ProtocolVersion
from pathway.models.question import Question
from pathway.models.referral import TherapyReferral
from pathway.models.reminder import Origin, Reminder
from pathway.models.work import Priority, WorkItem

__all__ = [
    "CandidacyAssessment",
    "CandidacyDecision",
    "FIRM",
    "OVER",
    "SETTLED",
    "AnsweredBy",
    "CheckIn",
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
    "TherapyReferral",
    "WorkItem",
]
