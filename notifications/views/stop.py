"""The page that stops messages, from the link in an email: for people, and for mail programs with one click."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.queries.stop_pages import StopPage, stop_page
from notifications.replies.stop_by_email import stop_by_link
from pathway.queries.page_words import page_words


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once, and stop only on POST: programs that look behind every link of an email must not act for its reader.

    The POST may come from the mail provider (RFC 8058), which has no cookie and no form of ours: who knows the link may
    stop, and nothing else can be done with it. It is answered without a redirect, which such a program need not follow.
    """
    pressed = request.method == "POST"
    page = stop_by_link(token=token, now=timezone.now()) if pressed else stop_page(token)
    response = unknown(request) if page is None else show(request, page, is_stopped=pressed or page.is_stopped)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def show(request: HttpRequest, page: StopPage, *, is_stopped: bool) -> HttpResponse:
    """The question, or that it is done: the clinic, and nothing of who the patient is."""
    clinic, language = page.email.journey.clinic, page.email.language
    words = page_words(language)
    whose = "copies_" if page.is_for_caregiver else ""
    context = {
        "words": words,
        "language": language,
        "clinic": clinic,
        "is_stopped": is_stopped,
        "told": words[f"stop_{whose}done" if is_stopped else f"stop_{whose}why"],
        "phone": clinic.phone.as_e164,
        "call": words["call"].format(phone=clinic.phone.as_national),
    }
    return render(request, "notifications/stop/page.html", context)


def unknown(request: HttpRequest) -> HttpResponse:
    """What a link that is not ours says, in both languages."""
    both = [(code, page_words(code)) for code in ("en", "es")]
    return render(request, "notifications/stop/unknown.html", {"both": both, "language": "en"}, status=404)
