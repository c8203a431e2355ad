"""Messages in both directions, and the attempts to hand ours over to a provider."""

import uuid

from django.db import models
from django.db.models import Q

from pathway.models import Journey, Reminder
from patients.models import Language


class MessageState(models.TextChoices):
    """What became of a message. `sent`: a provider took it. `delivered`: the phone has it, or a person took the call.

    `machine`: an answering machine took the call. Whether anybody listens to it nobody knows.
    """

    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    MACHINE = "machine", "Left on an answering machine"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not sent"
    UNKNOWN = "unknown", "Not known whether it was sent"
    RECEIVED = "received", "Received"


class Recipient(models.TextChoices):
    """Whose phone or mailbox it is."""

    PATIENT = "patient", "Patient"
    CAREGIVER = "caregiver", "Caregiver"


class Message(models.Model):
    """One text in one direction on one channel. `id` is our reference at the provider, the same for every attempt.

    Of an incoming message `address` is who wrote it, `meaning` what it was understood as, and `answers` the message
    whose question it answers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    journey = models.ForeignKey(Journey, on_delete=models.PROTECT, db_index=False, related_name="messages")
    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    plan_version = models.PositiveIntegerField(default=0, help_text="the plan whose words these are")
    incoming = models.BooleanField(default=False)
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254)
    recipient = models.CharField(max_length=9, choices=Recipient.choices, default=Recipient.PATIENT)
    language = models.CharField(max_length=5, choices=Language.choices)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    segments = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=MessageState.choices, default=MessageState.SENDING)
    created_at = models.DateTimeField()
    offered_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when the last offer to a provider began; written before it is called",
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    provider_reference = models.CharField(max_length=80, blank=True, default="")
    error = models.CharField(max_length=40, blank=True, default="", help_text="the provider's code, when it failed")
    meaning = models.CharField(max_length=12, blank=True, default="", help_text="of a reply: what it was taken for")
    answers = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, db_index=False, related_name="answered_by"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "provider_reference"],
                condition=Q(incoming=True) & ~Q(provider_reference=""),
                name="message_received_once",
            ),
            models.CheckConstraint(
                name="message_sent_has_its_time",
                condition=~Q(state__in=["sent", "machine", "delivered"]) | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["journey", "created_at"], name="message_by_journey"),
            models.Index(fields=["answers"], condition=Q(answers__isnull=False), name="message_answers"),
            # Not by `sent_at`: an index on what a send changes would make every send rewrite all indexes of the row.
            models.Index(fields=["-created_at"], name="message_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} message {self.state}"


class Outcome(models.TextChoices):
    """How an offer to a provider ended that it did not take."""

    TEMPORARY = "temporary", "Refused for now"
    PERMANENT = "permanent", "Refused for good"
    UNKNOWN = "unknown", "No answer"


class DeliveryAttempt(models.Model):
    """One offer to a provider that it refused or did not answer, and when (UTC).

    The offer that was taken needs no row: its message says when it was offered and sent. While an offer is under way
    its message is `sending`, since `offered_at`.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, db_index=False, related_name="attempts")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "started_at"], name="attempt_once_per_offer"),
        ]
        indexes = [models.Index(fields=["finished_at"], name="attempt_newest")]

    def __str__(self) -> str:
        return f"attempt {self.outcome}"
