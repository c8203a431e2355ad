"""The tasks about follow-ups: one undone at most for each visit, closed when it is booked, kept or closed."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from pathway.actions.work_items import NewItem, close_items, open_items
from pathway.models import Journey, Priority, WorkItem
from pathway.planner import AT_THE_LATEST, Facts, FollowUpNeed, Protocol, follow_up_needs
from pathway.staff_words import FOLLOW_UP, follow_up_cause, for_staff, full_day, full_time
from pathway.states import WorkItemState

KINDS: Mapping[str, str] = MappingProxyType(
    {"book": "book-visit", "book-again": "book-again", "record": "record-visit", "settle": "lost-to-follow-up"}
)
PRIORITY = {"book": Priority.ROUTINE, "book-again": Priority.SOON, "record": Priority.SOON, "settle": Priority.SOON}

SAY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "book": {
            "en": "Find a day and a time that work, and say why the visit matters.",
            "es": "Busque un día y una hora que le sirvan, y diga por qué importa la cita.",
        },
        "book-again": {
            "en": "Ask how the patient is and what kept them from coming. Find a new time.",
            "es": "Pregunte cómo está y por qué no pudo venir. Busque otra hora.",
        },
        "settle": {
            "en": "Ask how the patient is, and about pain, walking and the wound. Offer a visit or a talk by phone.",
            "es": "Pregunte cómo está, por el dolor, cómo camina y la herida. Ofrezca una cita o hablar por teléfono.",
        },
    }
)


def tell_follow_ups(*, journey: Journey, protocol: Protocol, facts: Facts, now: datetime) -> None:
    """Open what is to be done about each follow-up, and close what is done, at each planning and so each hour.

    What a person has dealt with is not asked again before its next stage comes.
    """
    needs = [] if facts.ended else list(follow_up_needs(protocol, facts, now))
    wanted = {follow_up_cause(need.key, need.stage): need for need in needs}
    known = list(WorkItem.objects.filter(journey=journey, cause__startswith=FOLLOW_UP).values_list("cause", "state"))
    # A text that could not tell of the visit may have opened the last stage before its time.
    stands = {follow_up_cause(need.key, AT_THE_LATEST) for need in needs if need.want == "book"} | wanted.keys()
    gone = [cause for cause, state in known if state != WorkItemState.RESOLVED and cause not in stands]
    if gone:
        close_items(journey=journey, causes=gone, outcome="Overtaken: no longer needed.", now=now, by=None)
    dealt_with = {cause for cause, state in known if state == WorkItemState.RESOLVED}
    open_items(
        [_item(journey, protocol, need, now) for cause, need in wanted.items() if cause not in dealt_with], now=now
    )


def _item(journey: Journey, protocol: Protocol, need: FollowUpNeed, now: datetime) -> NewItem:
    say = SAY.get(need.want, {})
    return NewItem(
        journey=journey,
        kind=KINDS[need.want],
        cause=follow_up_cause(need.key, need.stage),
        why=_why(journey, protocol, need),
        say=say.get(journey.patient.language) or say.get("en", ""),
        due_at=max(need.due_at, now),
        priority=PRIORITY[need.want],
    )


def _why(journey: Journey, protocol: Protocol, need: FollowUpNeed) -> str:
    title = next(for_staff(spec.title) for spec in protocol.milestones if spec.key == need.key)
    zone = journey.clinic.tz
    until = full_day(need.until.astimezone(zone).date()) if need.until is not None else ""
    if need.want == "record":
        at = next(one.at for one in journey.milestones.all() if one.key == need.key)
        when = full_time(at.astimezone(zone))
        return f"“{title}” was on {when} and nobody wrote down whether the patient came. Record it, or book it anew."
    if need.want == "settle":
        return f"“{title}” should have been by {until} and was not. Book it all the same, or close it with the reason."
    again = "The patient missed" if need.want == "book-again" else "Nobody has booked"
    return f"{again} “{title}”. Book it{' again' * (need.want == 'book-again')}{f' by {until}' if until else ''}."
