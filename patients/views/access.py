"""Who may open a staff page."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh

from patients.queries.visible import signed_in, visible_clinics

View = Callable[..., HttpResponse]


def staff_page(view: View) -> View:
    """Let in people with a role in a clinic: others sign in, or are told plainly that the page is not for them.

    A list that refreshes itself after the session ended reloads its whole page, which then asks to sign in.
    Sets `request.clinics`, the clinics whose patients they see. Nothing that names a patient stays in a cache.
    """

    @login_required
    @wraps(view)
    def let_in(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        clinics = list(visible_clinics(signed_in(request.user)))
        if not clinics:
            raise PermissionDenied
        request.clinics = clinics  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.htmx and not request.user.is_authenticated:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()
        return let_in(request, *args, **kwargs)

    return guarded
