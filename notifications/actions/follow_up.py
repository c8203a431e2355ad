"""What follows when a question is met with silence: asked once more on another way, then a nurse is told.

Any number of dispatchers may do this at once: each takes the questions that no other has. The reminder that asked is
locked with its question, and what somebody else holds at the moment is left for the next round.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Prefetch

from notifications.actions.silence import Next, Step, next_step, spec_of
from notifications.channels import Routes
from notifications.models import Message
from pathway.actions.copies import follower
from pathway.actions.questions import latest_telling, no_answer_cause
from pathway.actions.work_items import NewItem, open_items
from pathway.models import JourneyEvent, Origin, Priority, ProtocolVersion, Question, Reminder
from pathway.planner.clock import DAY, HOUR, shift
from pathway.queries.protocols import protocol_of
from pathway.staff_words import full_time, step_title
from pathway.states import REMINDER_TOLD
from patients.models import ContactPoint

logger = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=15)
"""How long a question waits whose text, or its correction, is just being sent."""

URGENT_BELOW = {True: 2 * DAY, False: 6 * HOUR}
"""Silence about a safety matter (True), or about any other, is urgent when less time than this is left (D)."""

CALL_WITHIN = HOUR
"""How soon somebody should call about an urgent silence."""


def follow_up_questions(*, now: datetime, limit: int, routes: Routes) -> int:
    """Take the next step for up to `limit` questions whose time has come by `now` (UTC); how many."""
    due = _due(now=now, limit=limit)
    if not due:
        return 0
    with transaction.atomic():
        steps = [_step_or_tell(question, now=now, routes=routes) for question in _locked(due)]
        Reminder.objects.bulk_create(
            [_again(step.question, now=now) for step in steps if step.what is Next.ASK], ignore_conflicts=True
        )
        told = [step for step in steps if step.what is Next.TELL]
        open_items([_item(step, now=now) for step in told], now=now)
        _write_events(told, now=now)
        for step in steps:
            _move_on(step, now=now)
        Question.objects.bulk_update(
            [step.question for step in steps],
            ["asked_at", "ask_again_at", "asked_again_at", "tell_at", "told_at", "closed_at"],
        )
    return len(steps)


def _due(*, now: datetime, limit: int) -> list[int]:
    """The ids of open questions to be asked again or told of, each found by its own index."""
    still_open = Question.objects.filter(closed_at=None, told_at=None)
    to_tell = still_open.filter(tell_at__lte=now).order_by("tell_at")
    to_ask = still_open.filter(ask_again_at__lte=now, asked_again_at=None).order_by("ask_again_at")
    return [*to_tell.values_list("id", flat=True)[:limit], *to_ask.values_list("id", flat=True)[:limit]][:limit]


def _locked(due: Sequence[int]) -> list[Question]:
    """Lock those that are free, each with its reminder, and load all that decides about them."""
    ranked = ContactPoint.objects.order_by("rank", "id")
    return list(
        Question.objects.select_for_update(skip_locked=True, of=("self", "reminder"))
        .filter(pk__in=due, closed_at=None, told_at=None)
        .select_related("reminder__superseded_by", "journey__patient__clinic", "journey__clinic")
        .prefetch_related(
            Prefetch("journey__protocol_version", ProtocolVersion.objects.defer("source")),
            "journey__milestones",
            "journey__patient__consents",
            Prefetch("journey__patient__contacts", ranked, to_attr="ranked_contacts"),
            Prefetch("reminder__followers", Reminder.objects.filter(origin=Origin.AGAIN), to_attr="again"),
            Prefetch("reminder__messages", Message.objects.filter(incoming=False), to_attr="told"),
        )
        .order_by("id")
    )


def _step_or_tell(question: Question, *, now: datetime, routes: Routes) -> Step:
    """The next step; a question whose facts cannot be read goes to a person, so that the others go on."""
    try:
        return next_step(question, now=now, kinds=routes.kinds(question.journey.clinic_id))
    except (OperationalError, InterfaceError, MemoryError):
        raise  # the database or the machine is in trouble, not this question
    except Exception as error:
        logger.error("question %s could not be followed up: %s", question.pk, type(error).__name__)
        return Step(question, Next.TELL, "What it needs to know cannot be read.")


def _again(question: Question, *, now: datetime) -> Reminder:
    """The reminder that asks once more, always in the words of the plan: a correction's would take back too much."""
    question.reminder.journey = question.journey
    return follower(question.reminder, origin=Origin.AGAIN, text=spec_of(question).text, now=now)


def _move_on(step: Step, *, now: datetime) -> None:
    """Write the step on the question, so that it is not due for it any more."""
    question = step.question
    if step.what is Next.CLOSE:
        question.closed_at = now
    elif step.what is Next.TELL:
        question.told_at = now
        if question.asked_again_at is None:
            question.ask_again_at = None
    elif step.what is Next.ASK:
        question.asked_again_at = now
        _leave_time_to_answer(question, now)
    else:
        for field in ("ask_again_at", "tell_at"):
            if (at := getattr(question, field)) is not None and at <= now:
                setattr(question, field, now + LOOK_AGAIN)


def _leave_time_to_answer(question: Question, now: datetime) -> None:
    """Whoever is asked again late has as long to answer, as far as there is time."""
    spec = spec_of(question)
    if question.tell_at is not None and spec.then_within is not None:
        answered_by = shift(now, spec.then_within, question.journey.patient.tz)
        latest = latest_telling(now, question.reminder.useful_until)
        question.tell_at = min(max(question.tell_at, answered_by), latest)


def _item(step: Step, *, now: datetime) -> NewItem:
    """The task about a silence. Its due time shows the time left; what is urgent is due within the hour."""
    question, journey = step.question, step.question.journey
    reminder = question.reminder
    left = reminder.useful_until - now
    urgent = left < URGENT_BELOW[reminder.safety]
    due = min(reminder.useful_until, now + CALL_WITHIN) if urgent and left > timedelta(0) else reminder.useful_until
    title, call = _words(question)
    again = [row for row in reminder.again if row.state in REMINDER_TOLD]  # type: ignore[attr-defined]
    asked = "asked twice" if again else "asked once"
    until = full_time(reminder.useful_until.astimezone(journey.clinic.tz))
    why = f"Call: no answer to the text “{title}”, {asked}. {step.why} It matters until {until}."
    return NewItem(
        journey=journey,
        kind="no-answer",
        cause=no_answer_cause(question),
        why=" ".join(why.split()),
        say=call,
        due_at=max(due, now),
        priority=Priority.URGENT if urgent else Priority.SOON,
    )


def _words(question: Question) -> tuple[str, str]:
    """What the text is called, and what to say on the phone in the patient's language; plain where unreadable."""
    try:
        protocol, call = protocol_of(question.journey.protocol_version), spec_of(question).call
        title = step_title(protocol, question.reminder.step)
        return title, call.get(question.journey.patient.language) or next(iter(call.values()), "")
    except (OperationalError, InterfaceError, MemoryError):
        raise
    except Exception:
        return question.reminder.text, ""


def _write_events(told: Iterable[Step], *, now: datetime) -> None:
    """The line of history: nobody answered, and a nurse was told."""
    JourneyEvent.objects.bulk_create(
        JourneyEvent(
            journey=step.question.journey,
            at=now,
            kind="no-answer",
            why=step.why,
            detail={"reminder": step.question.reminder.key},
            plan_version=step.question.journey.plan_version,
        )
        for step in told
    )
