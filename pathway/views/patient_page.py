"""The patient's page: a link that only they have, their birth date, and then the next thing first."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pathway.actions.link_answers import Answer, answer_birth_date
from pathway.forms import BirthDateForm
from pathway.models import PatientLink
from pathway.queries.check_ins import open_check_ins
from pathway.queries.links import closed_link_of, link_of
from pathway.queries.page_words import page_words
from pathway.queries.patient_page import patient_page
from pathway.queries.protocols import protocol_of
from patients.actions.audit import record_read

REMEMBERED_FOR = timedelta(hours=12)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link. One that opens nothing any more is told apart from an unknown one by the clinic's phone
    alone: who holds it got it from that clinic."""
    now = timezone.now()
    link = link_of(token, now=now)
    response = gone(request, token) if link is None else _door(request, link, now)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def gone(request: HttpRequest, token: str) -> HttpResponse:
    """What a closed or unknown link says, in both languages: the patient's would be something about the patient."""
    link = closed_link_of(token)
    context: dict[str, object] = {"both": [(code, page_words(code)) for code in ("en", "es")], "language": "en"}
    if link is not None:
        context |= {"clinic": link.journey.clinic, "phone": link.journey.clinic.phone}
    return render(request, "pathway/patient/gone.html", context, status=404)


def _door(request: HttpRequest, link: PatientLink, now: datetime) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, link, now)
    if is_remembered(request, link):
        return _page(request, link, now)
    locked = link.locked_until is not None and link.locked_until > now
    return _ask(request, link, BirthDateForm(), "locked" if locked else "")


def _answer(request: HttpRequest, link: PatientLink, now: datetime) -> HttpResponse:
    form = BirthDateForm(request.POST)
    if not form.is_valid():
        return _ask(request, link, form, "not_a_date", status=422)
    answer = answer_birth_date(link=link, answer=form.cleaned_data["birth_date"], now=now)
    if answer is not Answer.RIGHT:
        status = 429 if answer is Answer.LOCKED else 422
        return _ask(request, link, form, answer.value, status=status)
    response = redirect(request.path)
    response.set_signed_cookie(
        _cookie(link),
        "open",
        salt=_salt(link),
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _cookie(link: PatientLink) -> str:
    return f"plan-{link.pk}"


def _salt(link: PatientLink) -> str:
    """Ties the cookie to this link and this birth date: a corrected date asks again."""
    born = link.journey.patient.birth_date.isoformat()
    return hashlib.sha256(f"{link.token_hash}/{born}".encode()).hexdigest()


def is_remembered(request: HttpRequest, link: PatientLink) -> bool:
    """Whether this browser has answered the birth date of this link."""
    try:
        request.get_signed_cookie(_cookie(link), salt=_salt(link), max_age=REMEMBERED_FOR)
    except (KeyError, BadSignature):
        return False
    return True


def words_of(request: HttpRequest, link: PatientLink) -> dict[str, object]:
    """What every page behind a link needs: its words, language and clinic."""
    patient = link.journey.patient
    return {"words": page_words(patient.language), "language": patient.language, "clinic": link.journey.clinic}


def _ask(request: HttpRequest, link: PatientLink, form: BirthDateForm, problem: str, status: int = 200) -> HttpResponse:
    context = words_of(request, link)
    words = page_words(str(context["language"]))
    phone = link.journey.clinic.phone.as_e164
    context |= {
        "form": form,
        "problem": words.get(problem, ""),
        "locked": problem == "locked",
        "call": words["call"].format(phone=national(link)),
    }
    return render(request, "pathway/patient/ask.html", context | {"phone": phone}, status=status)


def _page(request: HttpRequest, link: PatientLink, now: datetime) -> HttpResponse:
    journey = link.journey
    record_read(patient=journey.patient, what=f"patient page, journey {journey.pk}", by=None, now=now)
    context = words_of(request, link)
    words = page_words(str(context["language"]))
    checked = protocol_of(journey.protocol_version).spanish_checked_by or journey.patient.language == "en"
    context |= {
        "page": patient_page(journey, language=journey.patient.language, now=now),
        "hello": words["hello"].format(name=journey.patient.given_name),
        "call": words["call"].format(phone=national(link)),
        "phone": journey.clinic.phone.as_e164,
        "unchecked": "" if checked else words["unchecked"],
        "check_ins": [
            (one.row.key, one.spec.title[str(context["language"])]) for one in open_check_ins(journey, now=now)
        ],
        "token": request.resolver_match.kwargs["token"] if request.resolver_match else "",
    }
    return render(request, "pathway/patient/page.html", context)


def national(link: PatientLink) -> str:
    """The clinic's phone as people read it."""
    return str(link.journey.clinic.phone.as_national)
