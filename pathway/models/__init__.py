"""WHAT SHOULD HAPPEN: protocols, journeys, and every row that a plan leaves behind."""

from pathway.models.authorisation import PriorAuthorisation
from pathway.models.candidacy import CandidacyAssessment, CandidacyDecision
from pathway.models.check_in import AnsweredBy, CheckIn
from pathway.models.day import (
    Cancellation,
    CancelledWhen,
    CancelReason,
    Food,
    LastIntake,
    ProcedureDay,
    ReadinessMark,
    SaidBy,
)
from pathway.models.discharge import DischargeAnswer, Escort, RecoveryScore
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
    "CancelReason",
    "Cancellation",
    "CancelledWhen",
    "DischargeAnswer",
    "Escort",
    "Food",
    "Journey",
    "JourneyEvent",
    "LastIntake",
    "MedicationHold",
    "Milestone",
    "MilestoneStatus",
    "Origin",
    "PatientLink",
    "PriorAuthorisation",
    "Priority",
    "ProcedureDay",
    "Protocol",
    "ProtocolVersion",
    "Question",
    "ReadinessMark",
    "RecoveryScore",
    "Reminder",
    "Source",
    "SaidBy",
    "Step",
    "TherapyReferral",
    "WorkItem",
]
