"""WHAT WE TOLD PEOPLE: messages, the attempts to hand them over, and what came back."""

from notifications.models.account import ProviderAccount, SendingBudget
from notifications.models.message import DeliveryAttempt, Message, MessageState, Outcome, Recipient
from notifications.models.outbox import OutboxEntry
from notifications.models.stray import StrayMessage

__all__ = [
    "DeliveryAttempt",
    "Message",
    "MessageState",
    "Outcome",
    "OutboxEntry",
    "ProviderAccount",
    "Recipient",
    "SendingBudget",
    "StrayMessage",
]
