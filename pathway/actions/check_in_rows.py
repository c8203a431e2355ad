"""The check-ins of a journey as planned, and what silence about one becomes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import CheckIn, Journey, Priority, Question, WorkItem
from pathway.planner import Facts, Plan, Protocol, resolve
from pathway.planner.clock import DAY, journey_anchors
from pathway.planner.spec import CheckInSpec
from pathway.queries.plan_facts import facts_of
from pathway.queries.protocols import protocol_of
from pathway.staff_words import call_cause, for_staff, silence_cause
from pathway.states import JOURNEY_ENDED

CALL_WITHIN = timedelta(hours=1)
"""How soon somebody should call about a silence that is urgent (D)."""

Moments = tuple[datetime, datetime, datetime]


def bring_check_ins_in_line(*, journey: Journey, protocol: Protocol, facts: Facts, plan: Plan, now: datetime) -> None:
    """Write the check-ins as the plan times them. What somebody has begun to answer stays as it is.

    Nobody need ask any more about one whose visit was kept, or whose journey has ended.
    """
    if not protocol.check_ins:
        return
    moot = [silence_cause(one.key) for one in protocol.check_ins if facts.ended or _is_kept(one, protocol, facts)]
    if moot:
        close_items(journey=journey, causes=moot, outcome="It has happened: no longer needed.", now=now, by=None)
    wanted = {} if facts.ended else _wanted(protocol, facts, plan)
    rows = {row.key: row for row in CheckIn.objects.filter(journey=journey)}
    gone = [row.pk for key, row in rows.items() if key not in wanted and row.begun_at is None]
    if gone:
        CheckIn.objects.filter(pk__in=gone, begun_at=None).delete()
    for key, (opens, due, closes) in wanted.items():
        row = rows.get(key)
        if row is None:
            CheckIn.objects.create(journey=journey, key=key, opens_at=opens, due_at=due, closes_at=closes)
        elif row.begun_at is None and (row.opens_at, row.due_at, row.closes_at) != (opens, due, closes):
            CheckIn.objects.filter(pk=row.pk, begun_at=None).update(
                opens_at=opens, due_at=due, closes_at=closes, told_at=None
            )


def _is_kept(spec: CheckInSpec, protocol: Protocol, facts: Facts) -> bool:
    """Whether the visit before which the check-in asks took place: the patient was seen."""
    visit = facts.milestones.get(spec.due.anchor)
    is_visit = protocol.kind_of(spec.due.anchor) == "follow-up"
    return is_visit and visit is not None and visit.done and not visit.missed


def _wanted(protocol: Protocol, facts: Facts, plan: Plan) -> Mapping[str, Moments]:
    """When each check-in opens, is due and closes (UTC); none about a follow-up that nobody has booked."""
    anchors = journey_anchors(replace(facts, milestones=plan.milestones))
    for spec in protocol.follow_ups:
        visit = plan.milestones.get(spec.key)
        if visit is None or not visit.booked or visit.missed:
            anchors.pop(spec.key, None)
    found = {}
    for one in protocol.check_ins:
        opens, due, closes = (resolve(moment, anchors, facts.zone) for moment in (one.opens, one.due, one.closes))
        if opens is not None and due is not None and closes is not None:
            found[one.key] = (opens, max(opens, due), max(opens, due, closes))
    return found


def tell_silent_check_ins(*, now: datetime) -> int:
    """A task for each check-in that should be answered by now and is not; how many were told.

    Where a text asked and its question is still followed up, or a person has a task in the text's place, that is the
    task: there is no second one.
    """
    silent = (
        CheckIn.objects.filter(answered_at=None, told_at=None, due_at__lte=now)
        .exclude(journey__state__in=JOURNEY_ENDED)
        .select_related("journey__patient", "journey__clinic", "journey__protocol_version")
        .order_by("due_at", "id")
    )
    told = []
    for row in silent:
        asked = _asked_by_text(row)
        if asked is not None and asked.closed_at is None and asked.told_at is None and asked.tell_at is not None:
            continue  # its own clock is running
        if not _has_its_task(row, asked):
            open_items([_silence_item(row, now)], now=now)
        told.append(row.pk)
    return CheckIn.objects.filter(pk__in=told, told_at=None).update(told_at=now)


def _asked_by_text(row: CheckIn) -> Question | None:
    """The last question that the check-in's step put by text, if it did."""
    spec = protocol_of(row.journey.protocol_version).check_in(row.key)
    if spec is None or not spec.step:
        return None
    rows = Question.objects.filter(journey=row.journey, answers="check-in", reminder__step=spec.step)
    return rows.order_by("-asked_at", "-id").first()


def _has_its_task(row: CheckIn, asked: Question | None) -> bool:
    """Whether the patient was seen, or a person knows already: from the question, its answer or the text's call."""
    if asked is not None and (asked.told_at is not None or asked.answered_at is not None):
        return True
    protocol = protocol_of(row.journey.protocol_version)
    spec = protocol.check_in(row.key)
    if spec is not None and _is_kept(spec, protocol, facts_of(row.journey, ())):
        return True
    texts = protocol.asking_texts(spec.step, "check-in") if spec is not None else ()
    causes = Q(cause__in=[call_cause(spec.step, text) for text in texts]) if spec is not None else Q(pk=None)
    return WorkItem.objects.filter(causes, journey=row.journey, opened_at__gte=row.opens_at).exists()


def _silence_item(row: CheckIn, now: datetime) -> NewItem:
    protocol = protocol_of(row.journey.protocol_version)
    spec = protocol.check_in(row.key)
    title = for_staff(spec.title) if spec is not None else row.key
    urgent = spec is not None and spec.if_silent == "urgent"
    calls = protocol.call_of(spec.step) if spec is not None else {}
    begun = "begun and not finished" if row.begun_at is not None else "not answered"
    return NewItem(
        journey=row.journey,
        kind="check-in-silent",
        cause=silence_cause(row.key),
        why=f"Call: the questions “{title}” were {begun}. Go through them by phone, on the journey's page.",
        say=calls.get(row.journey.patient.language) or calls.get("en", ""),
        due_at=now + (CALL_WITHIN if urgent else DAY),
        priority=Priority.URGENT if urgent else Priority.ROUTINE,
    )
