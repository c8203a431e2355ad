"""The figures, for whoever watches the site. No patient is in them, but how busy a clinic is belongs to nobody else."""

from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.clock import database_clock
from notifications.metrics.exposition import CONTENT_TYPE, exposition

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures as Prometheus reads them; 401 to whoever may not see them."""
    if not may_read(request):
        return HttpResponse("", status=401, headers={"WWW-Authenticate": "Bearer"})
    text = exposition(clock=lambda: database_clock(local=timezone.now)())
    return HttpResponse(text, content_type=CONTENT_TYPE)


def may_read(request: HttpRequest) -> bool:
    """Whoever shows `MILEPOST_METRICS_TOKEN`. Where there is none: this machine, and in production nobody.

    In production a proxy on this machine may stand in front, and then everybody seems to come from it.
    """
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "")
        return compare_digest(shown.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return not settings.PRODUCTION and from_this_machine(request)


def from_this_machine(request: HttpRequest) -> bool:
    """Whether the request came over loopback, and no proxy says that it came from elsewhere."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
