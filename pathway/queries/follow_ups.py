"""The follow-up visits of a journey, for the staff's page."""

from dataclasses import dataclass
from datetime import datetime

from pathway.models import SETTLED, Journey, Milestone, MilestoneStatus, TherapyReferral
from pathway.queries.protocols import protocol_of
from pathway.staff_words import for_staff, full_time
from pathway.states import JOURNEY_ENDED


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One visit in words; what can be said of it now."""

    key: str
    title: str
    state: str
    tone: str
    when: str
    may_be_missed: bool
    may_be_closed: bool


def follow_ups(journey: Journey, *, now: datetime) -> list[FollowUp]:
    """The visits after the procedure, in the order of the protocol."""
    rows = {row.key: row for row in journey.milestones.exclude(status=MilestoneStatus.EXPECTED)}
    ended = journey.state in JOURNEY_ENDED
    return [
        _follow_up(spec.key, for_staff(spec.title), rows.get(spec.key), journey, now, ended=ended)
        for spec in protocol_of(journey.protocol_version).follow_ups
    ]


def _follow_up(
    key: str, title: str, row: Milestone | None, journey: Journey, now: datetime, *, ended: bool
) -> FollowUp:
    state, tone = "not booked", "warn"
    if row is not None:
        booked = ("not recorded yet", "warn") if row.at <= now else ("booked", "live")
        state, tone = {
            MilestoneStatus.DONE.value: ("kept", "good"),
            MilestoneStatus.MISSED.value: ("missed", "bad"),
            MilestoneStatus.CLOSED.value: ("closed", ""),
        }.get(row.status, booked)
    return FollowUp(
        key=key,
        title=title,
        state=state,
        tone=tone,
        when=full_time(row.at.astimezone(journey.clinic.tz)) if row is not None else "",
        may_be_missed=not ended and row is not None and row.status == MilestoneStatus.BOOKED and row.at <= now,
        may_be_closed=not ended and (row is None or row.status not in SETTLED),
    )


def therapy_referral(journey: Journey) -> TherapyReferral | None:
    """What was decided about physical therapy, and by whom; None while nobody did."""
    return TherapyReferral.objects.filter(journey=journey).select_related("decided_by").first()
