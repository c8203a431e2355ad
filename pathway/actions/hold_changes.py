"""The one way in which a hold's state changes, and who may change it."""

from datetime import datetime

from pathway.models import JourneyEvent, MedicationHold
from pathway.states import HoldState, check_transition
from patients.models import Membership, Role, Staff


class NotAPrescriber(Exception):
    """Only a prescriber of the patient's clinic decides about a hold."""


class NotOfThisClinic(Exception):
    """Only a nurse or prescriber of the patient's clinic attests what the patient did."""


def require_prescriber(hold: MedicationHold, by: Staff) -> None:
    """Raise `NotAPrescriber` unless this person is one of the hold's clinic."""
    if not _has_role(hold, by, Role.PRESCRIBER):
        raise NotAPrescriber(f"{by} is not a prescriber of this clinic.")


def require_clinician(hold: MedicationHold, by: Staff) -> None:
    """Raise `NotOfThisClinic` unless this person is a nurse or prescriber of the hold's clinic."""
    if not _has_role(hold, by, Role.NURSE, Role.PRESCRIBER):
        raise NotOfThisClinic(f"{by} is neither a nurse nor a prescriber of this clinic.")


def _has_role(hold: MedicationHold, by: Staff, *roles: Role) -> bool:
    return Membership.objects.filter(staff=by, clinic_id=hold.journey.clinic_id, role__in=roles).exists()


def change_hold(hold: MedicationHold, after: HoldState, **fields: object) -> None:
    """One conditional UPDATE from the state that the row shows now. Raises `TransitionError`."""
    hold.refresh_from_db()
    before = HoldState(hold.state)
    check_transition(before, after)
    changed = MedicationHold.objects.filter(pk=hold.pk, state=before).update(state=after, **fields)
    if not changed:
        hold.refresh_from_db()
        check_transition(HoldState(hold.state), after)
    hold.refresh_from_db()


def write_hold_event(
    hold: MedicationHold, kind: str, *, by: Staff | None, now: datetime, why: str = "", at: datetime | None = None
) -> None:
    """A line of history about a hold; `at` is the instant (UTC) that was attested or set."""
    detail = {"hold": hold.pk, "drug": hold.drug, "duration": hold.duration}
    if at is not None:
        detail["at"] = at.isoformat()
    JourneyEvent.objects.create(
        journey_id=hold.journey_id, at=now, by=by, kind=kind, why=why[:300], detail=detail,
    )  # fmt: skip
