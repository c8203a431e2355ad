"""Check-ins of a journey, with what the protocol asks in them."""

from dataclasses import dataclass
from datetime import datetime

from pathway.check_ins import FoundSign, asked, signs_in, unanswered
from pathway.models import CheckIn, Journey, MedicationHold
from pathway.planner.spec import CheckInQuestion, CheckInSpec
from pathway.queries.protocols import protocol_of
from pathway.staff_words import for_staff
from pathway.states import HOLD_SIGNED, JOURNEY_ENDED, HoldState

HELD = tuple(state.value for state in (*HOLD_SIGNED, HoldState.RESTARTED))


@dataclass(frozen=True, slots=True)
class OpenCheckIn:
    """A check-in that can be answered now, what it asks this patient, and what is left to answer."""

    row: CheckIn
    spec: CheckInSpec
    questions: tuple[CheckInQuestion, ...]
    left: tuple[CheckInQuestion, ...]

    @property
    def title(self) -> str:
        return for_staff(self.spec.title)

    @property
    def signs(self) -> tuple[FoundSign, ...]:
        return signs_in(self.spec, self.row.answers)


def spec_of(check_in: CheckIn) -> CheckInSpec:
    """What the protocol says about a check-in. Raises `LookupError` where it has no such check-in."""
    spec = protocol_of(check_in.journey.protocol_version).check_in(check_in.key)
    if spec is None:
        raise LookupError(f"the protocol has no check-in {check_in.key!r}")
    return spec


def has_hold(journey: Journey) -> bool:
    """Whether the patient holds, or held, a medicine by a signed plan."""
    return MedicationHold.objects.filter(journey=journey, state__in=HELD, signed_at__isnull=False).exists()


def open_check_ins(journey: Journey, *, now: datetime) -> list[OpenCheckIn]:
    """The check-ins that can be answered now and are not answered in full, the one that is due first."""
    if journey.state in JOURNEY_ENDED:
        return []
    rows = journey.check_ins.filter(opens_at__lte=now, closes_at__gt=now).order_by("due_at", "id")
    found = [open_check_in(row) for row in rows]
    return [one for one in found if one is not None and one.left]


def staff_check_ins(journey: Journey, *, now: datetime) -> list[OpenCheckIn]:
    """What staff can go through by phone: each check-in that has opened and is not answered in full.

    Also after the page has closed it: what a patient says late is written down all the same.
    """
    if journey.state in JOURNEY_ENDED:
        return []
    rows = journey.check_ins.filter(opens_at__lte=now).order_by("-opens_at", "id")
    found = [open_check_in(row) for row in rows]
    return [one for one in found if one is not None and one.left][:MOST_SHOWN]


MOST_SHOWN = 2
"""How many the journey's page offers: the newest."""


def open_check_in(row: CheckIn) -> OpenCheckIn | None:
    """One check-in with what is left of it; None where the protocol has no such check-in any more."""
    spec = protocol_of(row.journey.protocol_version).check_in(row.key)
    if spec is None:
        return None
    questions = asked(spec, has_hold=has_hold(row.journey))
    return OpenCheckIn(row, spec, questions, unanswered(questions, row.answers))
