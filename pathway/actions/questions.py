"""Questions that texts put to patients: asked, answered, and closed when nothing is left to ask.

Whoever locks both locks reminders before questions, each in the order of their ids.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce

from pathway.actions.check_in_signs import hear_reply
from pathway.actions.hold_course import follow_answer, release_holds
from pathway.actions.hold_tasks import tell_hold_tasks
from pathway.actions.sent_reminders import CORRECTIONS, SentReminder
from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.answers import ANSWER_SETS, MEANINGS, WORSE, Meaning, Task
from pathway.models import Journey, JourneyEvent, Origin, Priority, Question, Reminder, WorkItem
from pathway.planner import ReminderSpec
from pathway.planner.clock import shift
from pathway.queries.protocols import protocol_of
from pathway.staff_words import check_in_cause, step_title
from pathway.states import WORK_ITEM_UNDONE, ReminderState
from patients.models import Staff

WAITS = Q(state=ReminderState.PLANNED) | Q(state=ReminderState.CLAIMED, started_at=None)
"""Reminders that can still be withdrawn."""

CHECK_IN = "check-in"
"""The set of answers by which a patient says how they are."""

UNDER_WAY = (ReminderState.CLAIMED, ReminderState.UNKNOWN)
"""Reminders that a provider may have taken already, although nobody has recorded it."""

NURSE_NEEDS = timedelta(hours=2)
"""How long before a text is of no use a nurse hears of the silence at the latest (D)."""


def ask_questions(*, sent: Iterable[SentReminder], now: datetime) -> None:
    """Open the questions that these reminders of the plan put, in the transaction that makes them sent.

    Once for each reminder, however often it is called. What the same text asked before, and what a correction among
    them takes back, is closed. Two statements for a group, none where nothing is asked or corrected.
    A text that leads to the signed medicine plan releases it.
    """
    sent = list(sent)
    release_holds({one.journey_id: one.sent_at for one in sent if one.tells_plan}, now=now)
    asking = {one.reminder_id: spec for one in sent if (spec := one.asks) is not None}
    replacing = {one.reminder_id for one in sent if one.base_key.endswith(CORRECTIONS)}
    if not asking and not replacing:
        return
    journeys = {one.journey_id for one in sent if one.reminder_id in asking or one.reminder_id in replacing}
    again = {(one.journey_id, one.base_key) for one in sent if one.reminder_id in asking}
    still_open = Question.objects.filter(journey__in=journeys, closed_at=None).exclude(reminder__in=asking)
    older = [
        pk
        for pk, journey, base_key, superseded_by in still_open.values_list(
            "id", "journey_id", "reminder__base_key", "reminder__superseded_by_id"
        )
        if superseded_by in replacing or (journey, base_key) in again
    ]
    if older:
        Question.objects.filter(pk__in=older, closed_at=None).update(closed_at=now)
    Question.objects.bulk_create(
        [
            Question(
                journey_id=one.journey_id, reminder_id=one.reminder_id, answers=spec.answers, asked_at=one.sent_at,
                **question_times(spec, sent_at=one.sent_at, useful_until=one.useful_until, zone=one.zone),
            )
            for one in sent
            if (spec := asking.get(one.reminder_id)) is not None
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def ask_before_recorded(*, reminder: Reminder, now: datetime) -> Question | None:
    """Open the question of a reminder whose sending has begun: its answer was quicker than the record of it.

    None where nothing is asked, or it was taken back meanwhile. Journey, version, patient and clinic are loaded.
    """
    lock_reminders(reminder.journey_id)
    row = Reminder.objects.get(pk=reminder.pk)
    if row.superseded_by_id is None and row.state in UNDER_WAY and row.started_at is not None:
        row.journey = reminder.journey
        ask_questions(sent=[SentReminder.of(row, sent_at=row.started_at)], now=now)
    rows = Question.objects.select_related("journey__clinic", "journey__patient__clinic", "reminder")
    return rows.select_related("journey__protocol_version").filter(reminder=row).first()


def question_times(
    spec: ReminderSpec, *, sent_at: datetime, useful_until: datetime, zone: ZoneInfo
) -> dict[str, datetime | None]:
    """When (UTC) silence is asked about again (`ask_again_at`) and told to a nurse (`tell_at`); None for never.

    The nurse is told while there is time: `NURSE_NEEDS` before it is of no use, or halfway where there is less. What
    would be asked again only then is not: a person is quicker.
    """
    if spec.answer_within is None or spec.then_within is None:
        return {"ask_again_at": None, "tell_at": None}
    again = shift(sent_at, spec.answer_within, zone)
    tell = min(shift(again, spec.then_within, zone), latest_telling(sent_at, useful_until))
    return {"ask_again_at": again if again < tell else None, "tell_at": tell}


def latest_telling(since: datetime, useful_until: datetime) -> datetime:
    """The last moment at which a nurse, told then, can still do something about it."""
    return max(useful_until - NURSE_NEEDS, since + (useful_until - since) / 2)


def tell_soon(*, followers: Collection[int], now: datetime) -> None:
    """Let a nurse hear of the silence at the next round: these reminders were to ask once more and could not."""
    Question.objects.filter(reminder__followers__in=followers, closed_at=None, told_at=None, tell_at__gt=now).update(
        tell_at=now
    )


@transaction.atomic
def answer_question(
    *, question: Question, choice: str, words: str, by: Staff | None, now: datetime, is_alarmed: bool = False
) -> str:
    """Record what a patient answered, and what follows from it; the meaning's slug (see `pathway.answers`).

    `choice` is a reply key or `QUESTION`, `words` what was said in full, `by` the person who wrote it down, if any. The
    first answer settles the question: it is not asked again, and a task about the silence ends. A different answer
    after it is the one that stands, and a task of the first stays with it in words. Two of the same at once count
    once. What answers a check-in is its answer too. `is_alarmed`: a task about the danger that the same words name is
    open. Raises `NotAnAnswer`.
    """
    answer_set = ANSWER_SETS[question.answers]
    meaning = answer_set.meaning(choice)
    lock_reminders(question.journey_id)
    alike = _lock_alike(question, all_open=answer_set.one_page and meaning.acknowledges)
    question = alike[question.pk]
    before = question.answer
    if before != meaning.slug:
        Question.objects.filter(pk__in=alike).update(
            answer=meaning.slug, answered_at=now, closed_at=Coalesce("closed_at", Value(now, DateTimeField()))
        )
        _withdraw_asked_again(alike.values(), reason="Answered meanwhile.")
        _write_event(question, choice, meaning, before, words, by, now)
        if meaning.acknowledges:
            _follow_holds(alike.values(), by, now)
    causes = [no_answer_cause(one) for one in alike.values()]
    close_items(journey=question.journey, causes=causes, outcome=f"Answered: {meaning.said}.", now=now, by=by)
    if question.answers == CHECK_IN and hear_reply(
        journey=question.journey, step=question.reminder.step, key=choice, meaning=meaning.slug, words=words,
        is_alarmed=is_alarmed, now=now,
    ):  # fmt: skip
        return meaning.slug
    if meaning.task is not None:
        open_items([_item(question, choice, meaning.task, words, now)], now=now)
    elif before and (task := MEANINGS[before].task) is not None:
        _note_change_of_mind(question, task, f" Then answered {choice}: {meaning.said}.")
    return meaning.slug


def settle_questions_of_step(
    *, journey: Journey, step: str, answers: str, outcome: str, by: Staff | None, now: datetime
) -> None:
    """End what a step asked with this set of answers, since it was answered another way (`outcome`).

    It is not asked again, and a task about the silence ends. The journey's reminders must be locked.
    """
    named = Question.objects.filter(journey=journey, answers=answers, reminder__step=step)
    asked = list(named.select_for_update(of=("self",)).order_by("id"))
    Question.objects.filter(pk__in=[one.pk for one in asked], closed_at=None).update(closed_at=now)
    _withdraw_asked_again(asked, reason=outcome)
    causes = [no_answer_cause(one) for one in asked]
    if causes:
        close_items(journey=journey, causes=causes, outcome=outcome, now=now, by=by)


def _follow_holds(questions: Iterable[Question], by: Staff | None, now: datetime) -> None:
    """Let the holds that these questions were about take their course, and end the tasks that this settles."""
    for one in questions:
        keys = (one.reminder.base_key, *one.reminder.covers)
        protocol = protocol_of(one.journey.protocol_version)
        follow_answer(journey_id=one.journey_id, protocol=protocol, keys=keys, asked_at=one.asked_at, by=by, now=now)
    for journey in {one.journey_id: one.journey for one in questions}.values():
        tell_hold_tasks(journey=journey, now=now)


def no_answer_cause(question: Question) -> str:
    """The cause of the task about a question that nobody answered."""
    return f"no-answer:{question.pk}"


def task_cause(question: Question, task: Task) -> str:
    """The cause of the task that an answer opens."""
    return f"answer:{task.kind}:{question.pk}"


def lock_reminders(journey_id: int) -> None:
    """Lock a journey's reminders, as a replan does, before any question is locked.

    Not only those that wait to ask again: one could come to be between that lock and the question's.
    """
    rows = Reminder.objects.select_for_update().filter(journey=journey_id)
    list(rows.order_by("id").values_list("id"))


def _lock_alike(question: Question, *, all_open: bool) -> dict[int, Question]:
    """Lock the question, and with `all_open` those of its step that ask about the same page and are still open."""
    found = Q(pk=question.pk)
    if all_open:
        found |= Q(
            journey=question.journey_id, answers=question.answers, reminder__step=question.reminder.step, closed_at=None
        )
    rows = (
        Question.objects.select_for_update(of=("self",))
        .select_related("journey__patient__clinic", "journey__clinic", "journey__protocol_version", "reminder")
        .defer("journey__protocol_version__source")
        .filter(found)
        .order_by("id")
    )
    return {row.pk: row for row in rows}


def _withdraw_asked_again(questions: Iterable[Question], *, reason: str) -> None:
    """Take back what waits to ask these once more."""
    asked = [question.reminder_id for question in questions]
    Reminder.objects.filter(WAITS, origin=Origin.AGAIN, follows__in=asked).update(
        state=ReminderState.WITHDRAWN, reason=reason, claim_token=None, claimed_until=None
    )


def _write_event(
    question: Question, choice: str, meaning: Meaning, before: str, words: str, by: Staff | None, now: datetime
) -> None:
    """The line of history: which text, what was said and what it was taken for."""
    detail = {"reminder": question.reminder.key, "choice": choice, "meaning": meaning.slug}
    JourneyEvent.objects.create(
        journey=question.journey, at=now, by=by, kind="answered", why=words.strip()[:300],
        detail=detail | ({"instead_of": before} if before else {}), plan_version=question.journey.plan_version,
    )  # fmt: skip


def _item(question: Question, choice: str, task: Task, words: str, now: datetime) -> NewItem:
    """The task of an answer, in the words of the answer set."""
    journey, until = question.journey, question.reminder.useful_until
    title = step_title(protocol_of(journey.protocol_version), question.reminder.step)
    said = words.strip()
    why = f"To the text “{title}” the patient answered {choice}: {task.why}"
    if said and said.casefold() != choice.casefold():
        why += f" In their words: “{said}”"
    return NewItem(
        journey=journey,
        kind=task.kind,
        cause=task_cause(question, task),
        why=why,
        say=task.say.get(journey.patient.language) or task.say["en"],
        due_at=task.due_at(useful_until=until, now=now),
        priority=Priority.URGENT if task.is_urgent(useful_until=until, now=now) else Priority.SOON,
    )


def _note_change_of_mind(question: Question, task: Task, note: str) -> None:
    """Add to the undone task of an earlier answer that the patient has said something else since: a person decides."""
    check_ins = protocol_of(question.journey.protocol_version).check_ins
    joined = [check_in_cause(one.key, "same-day") for one in check_ins if one.step == question.reminder.step]
    causes = [task_cause(question, task), *(joined if task is WORSE.task else ())]
    undone = WorkItem.objects.filter(journey=question.journey, cause__in=causes, state__in=WORK_ITEM_UNDONE)
    for item in undone.select_for_update():
        WorkItem.objects.filter(pk=item.pk).update(why=item.why[: 300 - len(note)] + note)
