"""The patient's check-in: one question a screen, each answer kept at once, and 911 as soon as an answer asks for it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from pathway.actions.check_ins import CheckInClosed, answer_check_in
from pathway.check_ins import NotAnAnswer, choices_of
from pathway.models import AnsweredBy, PatientLink
from pathway.planner.spec import CheckInQuestion
from pathway.queries.check_ins import OpenCheckIn, open_check_in
from pathway.queries.links import link_of
from pathway.queries.page_words import page_words
from pathway.states import JOURNEY_ENDED
from pathway.views.patient_page import gone, is_remembered, national, words_of
from patients.actions.audit import record_change

FOLLOWS = {"same-day": "check_in_hour", "soon": "check_in_call"}
"""What the patient reads at the end about the call that follows, by the gravest level below an emergency."""

Page = Callable[..., HttpResponse]


def behind_the_door(page: Page) -> Page:
    """Let only those in who opened the link with the birth date, to a check-in that can be answered now."""

    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, token: str, key: str, **named: str) -> HttpResponse:
        now = timezone.now()
        link = link_of(token, now=now)
        if link is None:
            response = gone(request, token)
        elif not is_remembered(request, link):
            response = redirect("patient-page", token)
        else:
            found = _open(link, key, now)
            response = redirect("patient-page", token) if found is None else page(request, link, found, now, **named)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


@require_safe
@behind_the_door
def check_in(request: HttpRequest, link: PatientLink, found: OpenCheckIn, now: datetime) -> HttpResponse:
    """The next question that is left, or the end."""
    if found.left:
        return _question(request, link, found, found.left[0])
    return _done(request, link, found)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_the_door
def ask(request: HttpRequest, link: PatientLink, found: OpenCheckIn, now: datetime, question: str) -> HttpResponse:
    """One question by its name, to answer it or to answer it anew."""
    asked = next((one for one in found.questions if one.key == question), None)
    if asked is None:
        raise Http404
    if request.method != "POST":
        return _question(request, link, found, asked)
    said = request.POST.get("answer", "")
    try:
        answer_check_in(check_in=found.row, answers={asked.key: said}, via=AnsweredBy.PAGE, by=None, now=now)
    except NotAnAnswer:
        return _question(request, link, found, asked, problem="check_in_problem", status=422)
    except CheckInClosed:
        return redirect("patient-page", _token(request))
    what = f"check-in {found.row.key}: {asked.key}"
    record_change(patient=link.journey.patient, what=what, by=None, now=now)
    is_flag = any(sign.question.key == asked.key and sign.level == "emergency" for sign in found.signs)
    return redirect("check-in-911" if is_flag else "check-in", _token(request), found.row.key)


@require_safe
@behind_the_door
def call_now(request: HttpRequest, link: PatientLink, found: OpenCheckIn, now: datetime) -> HttpResponse:
    """Call 911 now: before anything else is asked."""
    return render(request, "pathway/patient/check_in_flag.html", _context(request, link, found))


def _open(link: PatientLink, key: str, now: datetime) -> OpenCheckIn | None:
    """The check-in of that name, answered or not, while the page takes answers."""
    journey = link.journey
    if journey.state in JOURNEY_ENDED:
        return None
    rows = journey.check_ins.filter(key=key, opens_at__lte=now, closes_at__gt=now)
    row = rows.select_related("journey__patient", "journey__protocol_version").first()
    return open_check_in(row) if row is not None else None


def _question(
    request: HttpRequest,
    link: PatientLink,
    found: OpenCheckIn,
    question: CheckInQuestion,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = _context(request, link, found)
    language, words = str(context["language"]), page_words(str(context["language"]))
    place = found.questions.index(question)
    context |= {
        "question": question,
        "asks": question.ask.get(language) or question.ask.get("en", ""),
        "choices": [(value, _label(question, value, language)) for value in choices_of(question)],
        "said": found.row.answers.get(question.key, ""),
        "place": words["check_in_place"].format(number=place + 1, total=len(found.questions)),
        "back": found.questions[place - 1].key if place else "",
        "problem": words[problem] if problem else "",
    }
    return render(request, "pathway/patient/check_in.html", context, status=status)


def _label(question: CheckInQuestion, value: str, language: str) -> str:
    """An answer as the patient reads it."""
    if question.kind == "yes-no":
        return page_words(language)[value]
    if question.kind == "choice":
        return question.options[value].get(language) or question.options[value].get("en", value)
    return value


def _done(request: HttpRequest, link: PatientLink, found: OpenCheckIn) -> HttpResponse:
    """Thanks, what follows, and what is normal."""
    context = _context(request, link, found)
    language, words = str(context["language"]), page_words(str(context["language"]))
    levels = {sign.level for sign in found.signs}
    expected = [sign.question.tell for sign in found.signs if sign.level == "expected"]
    context |= {
        "follows": next((words[text] for level, text in FOLLOWS.items() if level in levels), ""),
        "reassured": [tell.get(language) or tell.get("en", "") for tell in expected],
    }
    return render(request, "pathway/patient/check_in_done.html", context)


def _context(request: HttpRequest, link: PatientLink, found: OpenCheckIn) -> dict[str, object]:
    context = words_of(request, link)
    words = page_words(str(context["language"]))
    return context | {
        "token": _token(request),
        "key": found.row.key,
        "flagged": any(sign.level == "emergency" for sign in found.signs),
        "phone": link.journey.clinic.phone.as_e164,
        "call": words["call"].format(phone=national(link)),
    }


def _token(request: HttpRequest) -> str:
    """The link's token, as it stands in the address."""
    assert request.resolver_match is not None  # noqa: S101 - a view is always reached by an address
    return str(request.resolver_match.kwargs["token"])
