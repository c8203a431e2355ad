"""What is known of the insurer's word about one journey."""

from pathway.coverage import Coverage
from pathway.models import Journey, PriorAuthorisation
from pathway.states import AuthorisationState


def authorisation_of(journey: Journey) -> PriorAuthorisation | None:
    """The prior authorisation of a journey; None where nobody has recorded one."""
    found: PriorAuthorisation | None = getattr(journey, "authorisation", None)  # Django raises an AttributeError
    return found


def coverage_of(journey: Journey) -> Coverage | None:
    """The same as the rules take it."""
    row = authorisation_of(journey)
    return Coverage(AuthorisationState(row.state), row.expires_date, row.number) if row is not None else None
