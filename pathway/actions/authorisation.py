"""Prior authorisation: what the insurer was asked and what it said, written down as it happens."""

from datetime import date, datetime

from django.db import transaction

from pathway.actions.replan import replan
from pathway.models import Journey, JourneyEvent, PriorAuthorisation
from pathway.staff_words import full_day
from pathway.states import JOURNEY_ENDED, AuthorisationState, JourneyState, TransitionError, check_transition
from patients.models import Staff

A = AuthorisationState
NEEDS_NOTE = {
    A.MORE_INFO: "Write down what the insurer asks for.",
    A.DENIED: "Write down why the insurer said no.",
}


class NotRecordable(ValueError):
    """An authorisation that lacks something; `str()` says what, `field` where it belongs."""

    def __init__(self, told: str, *, field: str) -> None:
        super().__init__(told)
        self.field = field


@transaction.atomic
def record_authorisation(
    *,
    journey: Journey,
    state: AuthorisationState,
    by: Staff,
    now: datetime,
    number: str = "",
    expires_date: date | None = None,
    note: str = "",
) -> PriorAuthorisation:
    """Write down how the prior authorisation stands from now on; the tasks that follow are opened or closed.

    An approval has a number and its last valid day (the clinic's calendar), a no and a question have a note. Raise
    `NotRecordable` where one is lacking, `TransitionError` for a state that cannot follow and for an ended journey.
    """
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
    if JourneyState(journey.state) in JOURNEY_ENDED:
        raise TransitionError(f"The journey is {journey.state}: nothing is to be authorised.")
    number, note = number.strip(), note.strip()
    _check_complete(state, number, expires_date, note, today=now.astimezone(journey.clinic.tz).date())
    row, is_new = PriorAuthorisation.objects.get_or_create(
        journey=journey, defaults={"changed_at": now, "changed_by": by}
    )
    before = AuthorisationState(row.state)
    if before is not state:
        check_transition(before, state)
    elif not is_new and not _changes(row, number, expires_date, note):
        return row
    approved = state is A.APPROVED
    PriorAuthorisation.objects.filter(pk=row.pk, state=before).update(
        state=state, number=number[:40] if approved else "", expires_date=expires_date if approved else None,
        note=note[:200], changed_at=now, changed_by=by,
    )  # fmt: skip
    until = f"{number}, valid until {full_day(expires_date)}" if approved and expires_date else ""
    JourneyEvent.objects.create(
        journey=journey, at=now, by=by, kind=f"authorisation-{state.value}",
        why=": ".join(part for part in (until, note) if part)[:300], plan_version=journey.plan_version,
        detail={"was": "" if is_new else before.value},
    )  # fmt: skip
    replan(journey, by=by, now=now)
    row.refresh_from_db()
    return row


def _check_complete(
    state: AuthorisationState, number: str, expires_date: date | None, note: str, *, today: date
) -> None:
    if state is A.APPROVED:
        if not number:
            raise NotRecordable("Enter the number of the approval.", field="number")
        if expires_date is None:
            raise NotRecordable("Enter the last day on which the approval is valid.", field="expires_date")
        if expires_date < today:
            raise NotRecordable("This day has passed: check the year, or ask the insurer anew.", field="expires_date")
    if state in NEEDS_NOTE and not note:
        raise NotRecordable(NEEDS_NOTE[state], field="note")


def _changes(row: PriorAuthorisation, number: str, expires_date: date | None, note: str) -> bool:
    """Whether the same state is written down with something new about it."""
    return (row.number, row.expires_date, row.note) != (number, expires_date, note)
