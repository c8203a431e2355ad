"""Check-ins answered on the page, by phone or by text, and the tasks that follow from each answer.

Whoever locks several locks the journey, its reminders, its questions and its check-ins, in this order.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from pathway.actions.check_in_signs import tell_signs
from pathway.actions.measurements import keep_answer
from pathway.actions.questions import lock_reminders, settle_questions_of_step
from pathway.actions.work_items import close_items
from pathway.check_ins import NotAnAnswer, asked, read_answer, unanswered
from pathway.models import AnsweredBy, CheckIn, Journey, JourneyEvent
from pathway.planner.spec import CheckInQuestion, CheckInSpec
from pathway.queries.check_ins import has_hold, spec_of
from pathway.queries.protocols import protocol_of
from pathway.staff_words import call_cause, for_staff, silence_cause
from patients.models import Staff


class CheckInClosed(ValueError):
    """A check-in that cannot be answered now; `str()` says why."""


@transaction.atomic
def answer_check_in(
    *, check_in: CheckIn, answers: Mapping[str, str], via: AnsweredBy, by: Staff | None, now: datetime
) -> CheckIn:
    """Keep answers (question key to what was said) as they come, and open what follows from them.

    A new sign opens its task at once, whether or not the rest is answered; the same sign said again opens none. With
    the last answer the check-in is answered: nobody need ask any more. `by` is who wrote it down by phone. Raises
    `NotAnAnswer`, also for a question that is not asked, and `CheckInClosed`.
    """
    journey = Journey.objects.select_for_update(of=("self",), no_key=True).get(pk=check_in.journey_id)
    lock_reminders(journey.pk)
    check_in.refresh_from_db()
    if now < check_in.opens_at or (via == AnsweredBy.PAGE and now >= check_in.closes_at):
        raise CheckInClosed("This cannot be answered now: it is too early, or its time is over.")
    spec = spec_of(check_in)
    questions = asked(spec, has_hold=has_hold(journey))
    kept = _read(questions, answers)
    before = dict(check_in.answers)
    after = {**before, **kept}
    if after == before:
        return check_in
    is_complete = not unanswered(questions, after)
    _write(check_in, after, via=via, by=by, now=now, is_complete=is_complete)
    _write_event(journey, check_in, spec, kept, via=via, by=by, now=now)
    check_in.journey = journey
    _keep_measures(check_in, spec, {key: said for key, said in kept.items() if before.get(key) != said}, by, now)
    tell_signs(check_in=check_in, spec=spec, before=before, now=now)
    if is_complete:
        _settle_silence(journey, check_in, spec, how=via.label, by=by, now=now)
    return check_in


def _read(questions: tuple[CheckInQuestion, ...], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept."""
    by_key = {one.key: one for one in questions}
    if strange := answers.keys() - by_key.keys():
        raise NotAnAnswer(f"This check-in does not ask {', '.join(sorted(strange))}.")
    return {key: read_answer(by_key[key], said) for key, said in answers.items()}


def _write(
    check_in: CheckIn, answers: dict[str, str], *, via: AnsweredBy, by: Staff | None, now: datetime, is_complete: bool
) -> None:
    check_in.answers, check_in.begun_at = answers, check_in.begun_at or now
    if is_complete:
        check_in.answered_at, check_in.answered_via = now, via.value
        check_in.answered_by = by if via == AnsweredBy.PHONE else None
    fields = ("answers", "begun_at", "answered_at", "answered_via", "answered_by")
    CheckIn.objects.filter(pk=check_in.pk).update(**{name: getattr(check_in, name) for name in fields})


def _keep_measures(
    check_in: CheckIn, spec: CheckInSpec, said: Mapping[str, str], by: Staff | None, now: datetime
) -> None:
    """Keep the new answers that are measurements as such, so that nobody need write them down twice."""
    for question in spec.questions:
        if question.measure and question.key in said:
            keep_answer(
                journey=check_in.journey, measure=question.measure, answer=said[question.key], occasion=spec.step,
                begun_at=check_in.begun_at or now, by=by, now=now,
            )  # fmt: skip


def _write_event(
    journey: Journey,
    check_in: CheckIn,
    spec: CheckInSpec,
    kept: Mapping[str, str],
    *,
    via: AnsweredBy,
    by: Staff | None,
    now: datetime,
) -> None:
    """The line of history: which check-in, and each answer beside what staff call the question."""
    names = {one.key: one.staff for one in spec.questions}
    said = ", ".join(f"{names[key]}: {answer}" for key, answer in kept.items())
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind="check-in", why=f"{for_staff(spec.title)} {said}"[:300],
        detail={"check_in": check_in.key, "via": via.value, "answers": kept}, plan_version=journey.plan_version,
    )  # fmt: skip


def _settle_silence(
    journey: Journey, check_in: CheckIn, spec: CheckInSpec, *, how: str, by: Staff | None, now: datetime
) -> None:
    """End what waits for an answer: the question of the text, and the tasks to call about the silence."""
    outcome, causes = f"Answered: {how}.", [silence_cause(check_in.key)]
    if spec.step:
        settle_questions_of_step(journey=journey, step=spec.step, answers="check-in", outcome=outcome, by=by, now=now)
        protocol = protocol_of(journey.protocol_version)
        causes += [call_cause(spec.step, text) for text in protocol.asking_texts(spec.step, "check-in")]
    close_items(journey=journey, causes=causes, outcome=outcome, now=now, by=by)
