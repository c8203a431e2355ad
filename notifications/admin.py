"""The back office of what we told people, which is read only, and of the clinics' accounts at providers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.module_loading import import_string

from notifications.channels.accounts import EMAIL, TWILIO, Account, faults_of, not_importable
from notifications.models import DeliveryAttempt, Message, ProviderAccount
from patients.admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "journey_id", "channel", "state", "sent_at", "segments"]
    list_filter = ["state", "channel"]
    date_hierarchy = "created_at"


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "message_id", "outcome", "finished_at", "error"]
    list_filter = ["outcome"]


class ProviderAccountForm(forms.ModelForm):
    """An account as it is entered. The secret goes in and never comes out; left empty it stays as it was."""

    provider = forms.ChoiceField(choices=[(TWILIO, "Twilio: texts and calls"), (EMAIL, "Email")])
    account = forms.CharField(
        required=False,
        help_text="Twilio: the Account SID. SMTP: empty. Else a backend: anymail.backends.mailgun.EmailBackend.",
    )
    secret = forms.CharField(
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="Twilio: the Auth Token. SMTP: smtp://user:password@host:587. A backend: Anymail's settings as JSON. "
        "Kept encrypted and never shown again; empty: unchanged.",
    )

    class Meta:
        model = ProviderAccount
        fields = ["clinic", "kind", "provider", "account", "secret", "sender", "per_second", "is_active"]

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.initial["secret"] = ""

    def clean_secret(self) -> str:
        return str(self.cleaned_data["secret"] or self.instance.secret)

    def clean(self) -> dict[str, Any]:
        """Refuse what nothing could be sent with."""
        given = super().clean() or self.cleaned_data
        account = Account(
            clinic_id=given["clinic"].pk if given.get("clinic") else None,
            kind=given.get("kind", ""),
            provider=given.get("provider", ""),
            account=given.get("account", ""),
            secret=given.get("secret", ""),
            sender=given.get("sender", ""),
            per_second=given.get("per_second"),
        )
        faults = [(place, fault, mend) for place, fault, mend in faults_of(account) if place not in self.errors]
        for place, fault, mend in faults:
            self.add_error(place, f"This {fault}. {mend}")
        if not faults and account.provider == EMAIL and account.account:
            try:
                import_string(account.account)
            except ImportError:
                gap = not_importable(account, where="account")
                self.add_error("account", f"This {gap.fault}. {gap.mend}")
        return given


@admin.register(ProviderAccount)
class ProviderAccountAdmin(admin.ModelAdmin):
    """A clinic's own account; without one its messages go by the account that all clinics share."""

    form = ProviderAccountForm
    list_display = ["clinic", "kind", "provider", "account", "sender", "per_second", "is_active"]
    list_select_related = ["clinic"]
    list_filter = ["provider", "kind", "is_active"]
