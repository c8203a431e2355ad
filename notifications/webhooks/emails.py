"""Where email providers tell what became of an email. Anymail checks who calls, and reads what they say.

Its views are asked directly, with the account's own settings: its signal knows of no account, and each clinic may have
one. A mail server (SMTP) never calls.
"""

import logging
from typing import Any

from anymail.urls import urlpatterns
from anymail.webhooks.base import AnymailBaseWebhookView
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.channels.accounts import EMAIL, Account, known_accounts
from notifications.channels.email import options_for
from notifications.replies.email_events import take_event
from notifications.webhooks.signed import called_address

logger = logging.getLogger(__name__)

BACKENDS = "anymail.backends."


@csrf_exempt
@never_cache
@require_http_methods(["POST", "HEAD"])
def receipts(request: HttpRequest, clinic_id: int | None = None) -> HttpResponse:
    """Receipts of the emails of one clinic's account, or of the one that clinics share.

    404 where no such account calls back, or its settings are not whole (`manage.py check` says
    which). Who cannot show its secret, and sign where the provider signs, gets a 400 (Anymail's
    `AnymailWebhookValidationFailure`).
    """
    account = next((one for one in known_accounts() if (one.provider, one.clinic_id) == (EMAIL, clinic_id)), None)
    try:
        reader = reader_of(account, address=called_address(request)) if account else None
    except ImproperlyConfigured as error:
        logger.error("events of emails cannot be read: %s", type(error).__name__)
        reader = None
    if reader is None:
        raise Http404
    if request.method == "POST":
        reader.run_validators(request)
        for event in reader.parse_events(request):
            take_event(event, clinic_id=clinic_id, now=timezone.now())
    return HttpResponse()


def reader_of(account: Account, *, address: str) -> AnymailBaseWebhookView | None:
    """Anymail's view for an account's provider; None without one, or without a `WEBHOOK_SECRET` to know it by.

    `address` is the one that the provider called, for those whose signature covers it.
    """
    found = tracking_view(account.account)
    if found is None:
        return None
    options: dict[str, Any] = options_for(found.esp_name, account)
    if not options.get("webhook_secret"):
        return None
    if hasattr(found, "webhook_url"):
        options.setdefault("webhook_url", address)
    return found(**options)


def tracking_view(backend: str) -> type[AnymailBaseWebhookView] | None:
    """The view of Anymail's own addresses that belongs to a backend: `anymail.backends.mailgun.EmailBackend`."""
    esp = backend.removeprefix(BACKENDS).partition(".")[0] if backend.startswith(BACKENDS) else ""
    views = {one.name: one.callback.view_class for one in urlpatterns}
    return views.get(f"{esp}_tracking_webhook")
