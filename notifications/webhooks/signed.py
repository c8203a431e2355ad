"""Who may call the addresses of `twilio`: only whoever can sign with the token of an account that we know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.channels.accounts import TWILIO, Account, known_accounts
from notifications.webhooks.signature import is_signed

LARGEST = 64 * 1024
"""Bytes. A text has at most 1,600 characters; the provider's own fields are a few kilobytes."""

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Call:
    """A signed request: its fields, the accounts it speaks for, and all accounts there are."""

    fields: Mapping[str, str]
    accounts: tuple[Account, ...]
    known: tuple[Account, ...]

    def speaks_for(self, clinic_id: int) -> bool:
        """Whether one of its accounts carries, or carried, messages of this clinic."""
        return any(one.clinic_id in (None, clinic_id) for one in self.accounts)


def signed(view: View) -> View:
    """Hand the view a `Call` in place of the request; refuse what is too large, not POST, or not signed.

    A refusal says nothing of what exists. The session and its cookie are never looked at.
    """

    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            return HttpResponse(status=413)
        known = tuple(one for one in known_accounts() if one.provider == TWILIO)
        accounts = tuple(one for one in known if one.account == request.POST.get("AccountSid"))
        claimed = request.headers.get("X-Twilio-Signature", "")
        fields = {name: request.POST.getlist(name) for name in request.POST}
        tokens = sorted({one.secret for one in accounts})
        if not is_signed(claimed, url=called_address(request), fields=fields, tokens=tokens):
            return HttpResponse(status=403)
        if any("\x00" in value for name, values in fields.items() if name != "Body" for value in values):
            return HttpResponse(status=400)  # no number or name holds one, and no database takes it
        return view(Call(request.POST.dict(), accounts, known), *args, **kwargs)

    return guarded


def called_address(request: HttpRequest) -> str:
    """The address as the provider knows it: on `PUBLIC_URL`, whatever a proxy made of host, scheme and prefix."""
    query = request.META.get("QUERY_STRING", "")
    return f"{settings.PUBLIC_URL}{request.path_info}" + (f"?{query}" if query else "")
