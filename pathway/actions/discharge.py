"""Going home: scores, the checklist, the escort; blocked until all is there, or a prescriber decides by name."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from pathway.actions.journeys import record
from pathway.actions.procedure_day import NotNow, NotReady, lock_journey, override_missing, write_event
from pathway.actions.referrals import record_referral
from pathway.models import (
    DischargeAnswer,
    Escort,
    Journey,
    Milestone,
    MilestoneStatus,
    RecoveryScore,
    TherapyReferral,
)
from pathway.planner.day import DischargeSpec
from pathway.queries.discharge import going_home
from pathway.queries.protocols import protocol_of
from pathway.states import JourneyState, check_transition
from patients.models import Staff

RIDE_SERVICE = re.compile(r"\b(uber|lyft|taxi|cab|cabbie|ride ?-?share|driver)\b", re.IGNORECASE)
"""Names that are no name of a person who stays with the patient."""


class NotAnEscort(NotNow):
    """Somebody who cannot take a sedated patient home."""


@transaction.atomic
def score_recovery(*, journey: Journey, key: str, points: Mapping[str, int], by: Staff, now: datetime) -> RecoveryScore:
    """Keep one scoring of the patient. Raise `ScoreError` for points that make none, `NotNow` for an unknown score.

    Earlier scorings stay beside it: how fast somebody recovers is a finding as well.
    """
    journey = lock_journey(journey)
    spec = _checklist(journey).score(key)
    if spec is None:
        raise NotNow(f"This protocol has no score “{key}”.")
    _must_be_after_procedure(journey)
    total = spec.total(points)
    row = RecoveryScore.objects.create(journey=journey, score_key=key, points=dict(points), total=total, at=now, by=by)
    write_event(journey, "recovery-score", by, now, f"{spec.title}: {total} of {spec.best}")
    return row


@transaction.atomic
def answer_item(*, journey: Journey, key: str, answer: str, by: Staff, now: datetime) -> DischargeAnswer:
    """Write down the answer to one line of the checklist; the latest counts. `NotNow` for what it does not take.

    What is said of physical therapy is the referral itself.
    """
    journey = lock_journey(journey)
    item = _checklist(journey).item(key)
    if item is None or not item.is_answered:
        raise NotNow(
            f"“{item.title if item else key}” is not answered here: it follows from what is written elsewhere."
        )
    _must_be_after_procedure(journey)
    answer = answer.strip()
    if not answer:
        raise NotNow(f"{item.title}: write what is so.")
    if item.takes and answer not in item.takes:
        raise NotNow(f"{item.title}: choose one of {', '.join(item.takes)}.")
    row = DischargeAnswer.objects.create(journey=journey, item_key=key, answer=answer[:200], at=now, by=by)
    if item.kind == "therapy":
        _refer(journey, answer == "yes", by, now)
    else:
        write_event(journey, "discharge-item", by, now, f"{item.title}: {row.answer}")
    return row


def _refer(journey: Journey, is_referred: bool, by: Staff, now: datetime) -> None:
    """The answer as the journey's referral; a first visit that is known stays."""
    known = TherapyReferral.objects.filter(journey=journey, is_referred=True).first() if is_referred else None
    day = known.first_visit_date if known is not None else None
    record_referral(journey=journey, is_referred=is_referred, first_visit_date=day, by=by, now=now)


@transaction.atomic
def name_escort(
    *, journey: Journey, name: str, phone: str, is_present: bool, is_adult_who_stays: bool, by: Staff, now: datetime
) -> Escort:
    """Write down who takes the patient home (`phone` E.164). The driver of a ride service is no escort."""
    journey = lock_journey(journey)
    name = name.strip()
    if not name or not phone:
        raise NotAnEscort("Enter the escort's name and phone number.")
    if RIDE_SERVICE.search(name):
        raise NotAnEscort("The driver of a ride service is not an escort: name an adult who stays with the patient.")
    row = Escort.objects.create(
        journey=journey, name=name[:120], phone=phone, is_present=is_present, is_adult_who_stays=is_adult_who_stays,
        at=now, by=by,
    )  # fmt: skip
    Journey.objects.filter(pk=journey.pk).update(escort=row.name)
    write_event(journey, "escort", by, now, f"{row.name}, {'here' if is_present else 'not here yet'}")
    return row


@transaction.atomic
def discharge(*, journey: Journey, at: datetime, by: Staff, now: datetime, override: str = "") -> Journey:
    """Let the patient go home, at `at` (UTC): bathing, driving and activity are counted from it.

    Raise `NotReady` with what the checklist lacks, each by name. A prescriber of the clinic may let the patient go all
    the same: `override` is the reason, and stays in the history by name. A signed hold's restart goes on as planned.
    """
    journey = lock_journey(journey)
    check_transition(JourneyState(journey.state), JourneyState.DISCHARGED)
    procedure = _must_be_after_procedure(journey)
    if not procedure.at <= at <= now:
        raise NotNow("The patient goes home after the procedure, and not in the future. Check the time.")
    checklist = going_home(journey)
    missing = checklist.missing if checklist is not None else ()
    if missing:
        if not override.strip():
            raise NotReady("The patient cannot go home yet.", missing)
        override_missing(journey, "discharge-overridden", missing, override, by, now)
    return record(journey=journey, key="discharge", at=at, by=by, now=now)


def _checklist(journey: Journey) -> DischargeSpec:
    spec = protocol_of(journey.protocol_version).day.discharge
    if spec is None:
        raise NotNow("This protocol has no checklist for going home.")
    return spec


def _must_be_after_procedure(journey: Journey) -> Milestone:
    done = Milestone.objects.filter(journey=journey, key="procedure", status=MilestoneStatus.DONE).first()
    if done is None:
        raise NotNow("Record the procedure first.")
    return done
