"""WHAT SHOULD HAPPEN: protocols, journeys, and every row that a plan leaves behind."""

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
from pathway.models.journey import Journey, JourneyEvent, Milestone, MilestoneStatus, Step
from pathway.models.link import PatientLink
from pathway.models.protocol import Protocol, ProtocolVersion
from pathway.models.question import Question
from pathway.models.reminder import Origin, Reminder
from pathway.models.work import Priority, WorkItem

__all__ = [
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
    "Priority",
    "ProcedureDay",
    "Protocol",
    "ProtocolVersion",
    "Question",
    "ReadinessMark",
    "RecoveryScore",
    "Reminder",
    "SaidBy",
    "Step",
    "WorkItem",
]
