"""Accounts at providers, and what each may still send."""

from django.db import models
from encrypted_fields.fields import EncryptedTextField

from patients.models import Clinic, ContactKind


class ProviderAccount(models.Model):
    """A clinic's own account at a provider, for one kind of contact. What is secret is kept encrypted.

    `provider` names the channel ("twilio", "email"); `account` is its public name there (for Twilio the account SID);
    `sender` is the number, messaging service or address that patients see.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="provider_accounts")
    kind = models.CharField(max_length=5, choices=ContactKind.choices)
    provider = models.SlugField(max_length=20)
    account = models.CharField(max_length=120, blank=True, default="")
    secret = EncryptedTextField(blank=True, default="")
    sender = models.CharField(max_length=254)
    per_second = models.FloatField(null=True, blank=True, help_text="messages a second it may send; empty: no limit")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "kind"], name="one_account_per_clinic_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.clinic}"


class SendingBudget(models.Model):
    """How many messages an account may still be handed, as a token bucket shared by all dispatchers.

    `tokens` were there at `counted_at` (UTC); they grow with time at the account's rate.
    """

    account = models.CharField(primary_key=True, max_length=200)
    tokens = models.FloatField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account}: {self.tokens:.1f} at {self.counted_at}"
