"""Tasks about what is not decided or not granted: candidacy after the consult, the insurer's word before the procedure.

Each cause names what it was about, so that a task ends when that is mended and a person's outcome is not asked again.
"""

from collections.abc import Iterator
from datetime import datetime

from pathway.actions.work_items import NewItem
from pathway.coverage import lacking
from pathway.models import CandidacyDecision, Journey, Priority
from pathway.planner import Facts, Protocol
from pathway.planner.clock import DAY
from pathway.queries.coverage import authorisation_of, coverage_of
from pathway.staff_words import full_day
from pathway.states import AuthorisationState, JourneyState

PENDING = ("candidacy:", "authorisation:")
"""How the causes of these tasks begin."""

URGENT_BELOW = 3 * DAY
"""With less time than this before the procedure an insurer's no cannot wait its turn (D)."""

UNDECIDED = {
    JourneyState.CONSULT: "The first visit has taken place: decide whether the patient is a candidate.",
    JourneyState.SCHEDULED: "The procedure is booked and nobody has decided that the patient is a candidate.",
}


def pending_items(journey: Journey, protocol: Protocol, facts: Facts, now: datetime) -> dict[str, NewItem]:
    """By cause, what waits for a clinician's or an insurer's word. Nothing of a journey that has ended."""
    if facts.ended:
        return {}
    items = [*_undecided(journey, protocol, facts, now), *_uncovered(journey, facts, now)]
    return {item.cause: item for item in items}


def _undecided(journey: Journey, protocol: Protocol, facts: Facts, now: datetime) -> Iterator[NewItem]:
    """Having had the consult is not being a candidate: somebody has to decide. Only where there is a checklist."""
    state = JourneyState(journey.state)
    consult = facts.milestones.get("consult")
    if not protocol.candidacy or state not in UNDECIDED or consult is None or not consult.done:
        return
    if state is JourneyState.SCHEDULED and CandidacyDecision.objects.filter(journey=journey).exists():
        return
    cause = f"candidacy:{state.value}"
    yield NewItem(journey, "decide-candidacy", cause, UNDECIDED[state], now + DAY)


def _uncovered(journey: Journey, facts: Facts, now: datetime) -> Iterator[NewItem]:
    """What stands between the insurer and the procedure: a no, a question, an approval that ends too early."""
    procedure = facts.milestones.get("procedure")
    if procedure is not None and procedure.done:
        return
    row = authorisation_of(journey)
    day = procedure.at.astimezone(journey.clinic.tz).date() if procedure is not None else None
    soon = procedure is not None and procedure.at - now < URGENT_BELOW
    priority = Priority.URGENT if soon else Priority.SOON
    when = f" The procedure is on {full_day(day)}." if day is not None else ""
    state = AuthorisationState(row.state) if row is not None else None
    if row is not None and state in ASKS:
        kind, said, to_do = ASKS[state]
        cause = f"authorisation:{state}:{row.changed_at:%Y%m%dT%H%M%SZ}"
        note = row.note if row.note.endswith((".", "!", "?")) else f"{row.note}."
        yield NewItem(journey, kind, cause, f"{said}: {note}{when} {to_do}", now + DAY, priority=priority)
        return
    if day is None:
        return
    lacks = lacking(coverage_of(journey), day)
    if not lacks or not (journey.clinic.needs_authorisation or state is AuthorisationState.APPROVED):
        return
    kind = "authorisation-expires" if state is AuthorisationState.APPROVED else "authorisation-missing"
    cause = f"authorisation:{state or 'none'}:{row.expires_date if row is not None else ''}:{day}"
    why = f"{lacks[0].upper()}{lacks[1:]}.{when} Get an approval for that day, or move the procedure."
    yield NewItem(journey, kind, cause, why, now + DAY, priority=priority)


ASKS = {
    AuthorisationState.DENIED: (
        "authorisation-denied",
        "The insurer said no",
        "Appeal or ask anew, and tell the doctor and the patient.",
    ),
    AuthorisationState.MORE_INFO: (
        "authorisation-more-info",
        "The insurer asks for more before it decides",
        "Send it, and record that it was sent.",
    ),
}
"""The answers of an insurer that somebody has to act on: kind of task, what was said, what to do."""
