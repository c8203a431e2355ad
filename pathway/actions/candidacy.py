"""Candidacy: answers recorded at the consult, and a clinician's decision. Both are added, never overwritten."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from pathway.actions.calls import PROMISED
from pathway.actions.close_questions import close_moot_questions
from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.holds import suspend_holds
from pathway.actions.replan import replan
from pathway.actions.work_items import close_items, open_item
from pathway.candidacy import answers_as_json, judge, overrules, read_answers, verdict_of
from pathway.models import CandidacyAssessment, CandidacyDecision, Journey, JourneyEvent, Milestone, MilestoneStatus
from pathway.queries.prescribers import is_prescriber
from pathway.queries.protocols import protocol_of
from pathway.states import CANDIDACY_OPEN, JourneyState, TransitionError, Verdict, check_transition
from patients.models import Staff

CALL_KINDLY_WITHIN = timedelta(hours=4)
"""How soon somebody who is not a candidate hears it from a person (D)."""

CANDIDATE, NOT_A_CANDIDATE = JourneyState.CANDIDATE, JourneyState.NOT_A_CANDIDATE
BECOMES_CANDIDATE = frozenset({JourneyState.REFERRED, JourneyState.CONSULT, NOT_A_CANDIDATE})
"""A journey in one of these becomes a candidate's; one that is further on already stays where it is."""


class NotDecidable(ValueError):
    """A decision that cannot be taken like this; `str()` says why and what to do, `field` where it belongs."""

    def __init__(self, told: str, *, field: str) -> None:
        super().__init__(told)
        self.field = field


@transaction.atomic
def record_assessment(
    *, journey: Journey, answers: Mapping[str, object], by: Staff, now: datetime
) -> CandidacyAssessment:
    """Keep the answers to the checklist of the journey's protocol version (see `pathway.candidacy.read_answers`).

    Earlier assessments stay; nothing is decided by it. Raise `AnswersError` naming each wrong answer and
    `TransitionError` once the patient is admitted or the journey has ended otherwise.
    """
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    _check_open(journey)
    items = protocol_of(journey.protocol_version).candidacy
    read = read_answers(items, answers)
    result = verdict_of(judge(items, read))
    assessment = CandidacyAssessment.objects.create(
        journey=journey, answers=answers_as_json(read), result=result, at=now, by=by
    )
    _event(journey, "candidacy-assessed", by, now, detail={"assessment": assessment.pk, "result": result.value})
    return assessment


@transaction.atomic
def decide_candidacy(
    *,
    journey: Journey,
    decision: JourneyState,
    assessment: CandidacyAssessment | None,
    reason: str,
    by: Staff,
    now: datetime,
) -> CandidacyDecision:
    """Decide, as a prescriber of the clinic, whether the patient is a candidate, and plan again.

    `assessment` is what the decision rests on: the last one, or None where nothing was recorded. Deciding otherwise
    than the checklist says, or while it lacks an answer, needs a `reason`. "Not a candidate" ends the journey as a
    cancellation does and gives a nurse the call to the patient. Raise `NotAPrescriber`, `NotDecidable`, or
    `TransitionError` once the patient is admitted.
    """
    if not is_prescriber(by, clinic_id=journey.clinic_id):
        raise NotAPrescriber(f"{by} is not a prescriber of this clinic.")
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    _check_open(journey)
    reason = reason.strip()
    last = CandidacyAssessment.objects.filter(journey=journey).order_by("-pk").first()
    if last != assessment:
        raise NotDecidable("New answers were recorded meanwhile: look at them, then decide.", field="decision")
    result = Verdict(last.result) if last is not None else Verdict.MISSING
    if overrules(decision, result) and not reason:
        raise NotDecidable(f"The checklist says “{_in_words(result)}”: say why you decide otherwise.", field="reason")
    made = CandidacyDecision.objects.create(
        journey=journey, assessment=last, decision=decision, result=result, reason=reason[:200], at=now, by=by
    )
    detail = {"decision": made.pk, "result": result.value}
    _event(journey, f"decided-{decision.value}", by, now, why=reason, detail=detail)
    before = JourneyState(journey.state)
    if decision is NOT_A_CANDIDATE and before is not NOT_A_CANDIDATE:
        _end_kindly(journey, reason or _failed(journey, last), by, now)
        return made
    if decision is CANDIDATE and before in BECOMES_CANDIDATE:
        check_transition(before, CANDIDATE)
        if before is NOT_A_CANDIDATE:
            _begin_again(journey, by, now)
        Journey.objects.filter(pk=journey.pk).update(state=CANDIDATE, ended_reason="")
    replan(journey, by=by, now=now)
    return made


def _check_open(journey: Journey) -> None:
    if JourneyState(journey.state) not in CANDIDACY_OPEN:
        raise TransitionError(f"The journey is {journey.state}: candidacy is decided before the patient is admitted.")


def _end_kindly(journey: Journey, why: str, by: Staff, now: datetime) -> None:
    """End the journey: nothing that waits goes out, what was told is taken back, a person makes the call.

    No text says it. A text can only be read alone, and it could be wrong about what the patient knows by then.
    """
    check_transition(JourneyState(journey.state), NOT_A_CANDIDATE)
    suspend_holds(
        journey=journey, why="the patient is not a candidate for the procedure", now=now, by=by, running_only=False
    )
    Journey.objects.filter(pk=journey.pk).update(state=NOT_A_CANDIDATE, ended_reason=why[:200])
    replan(journey, by=by, now=now)
    journey.refresh_from_db()
    close_moot_questions(journey=journey, now=now)
    close_items(
        journey=journey, causes=["candidate-after-all"], outcome="Decided anew: not a candidate.", now=now, by=by
    )
    call = protocol_of(journey.protocol_version).not_a_candidate_call
    open_item(
        journey=journey,
        kind="not-a-candidate-call",
        cause=PROMISED,  # one call, also where a text that takes a visit back has promised one
        why=f"Call: not a candidate, decided by {by}. Ask first whether the patient has heard it from the doctor.",
        say=call.get(journey.patient.language) or next(iter(call.values()), ""),
        due_at=now + CALL_KINDLY_WITHIN,
        now=now,
    )


def _failed(journey: Journey, assessment: CandidacyAssessment | None) -> str:
    """The reasons of the items that were not met, as one line."""
    items = protocol_of(journey.protocol_version).candidacy
    answers = read_answers(items, assessment.answers if assessment is not None else {})
    return " ".join(one.reason for one in judge(items, answers) if one.verdict is Verdict.DOES_NOT_MEET)


def _begin_again(journey: Journey, by: Staff, now: datetime) -> None:
    """Take up a journey that had ended: what was booked before is forgotten, since nobody kept those times.

    Somebody tells the patient, who may have heard the opposite.
    """
    booked = Milestone.objects.filter(journey=journey, status=MilestoneStatus.BOOKED)
    for milestone in booked.order_by("at"):
        detail = {"milestone": milestone.key, "at": milestone.at.isoformat()}
        _event(journey, "taken-off", by, now, why="booked before the journey ended", detail=detail)
    booked.delete()
    close_items(journey=journey, causes=[PROMISED], outcome="Decided anew: a candidate.", now=now, by=by)
    open_item(
        journey=journey,
        kind="candidate-after-all",
        cause="candidate-after-all",
        why="Call: the doctor has decided anew, the patient is a candidate. They may have heard that they are not.",
        due_at=now + CALL_KINDLY_WITHIN,
        now=now,
    )


def _in_words(result: Verdict) -> str:
    return result.value.replace("-", " ")


def _event(
    journey: Journey, kind: str, by: Staff, now: datetime, why: str = "", detail: Mapping[str, object] | None = None
) -> None:
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind=kind, why=why[:300], detail=dict(detail or {}),
        plan_version=journey.plan_version,
    )  # fmt: skip
