"""Whether the insurer's word lets a procedure take place on a day. Pure: no database, no clock."""

from dataclasses import dataclass
from datetime import date

from pathway.states import AuthorisationState

A = AuthorisationState


@dataclass(frozen=True, slots=True)
class Coverage:
    """A prior authorisation as it stands; `expires` is the last day of an approval, None in every other state."""

    state: AuthorisationState
    expires: date | None = None
    number: str = ""


def lacking(coverage: Coverage | None, day: date) -> str:
    """What is lacking for a procedure on `day` (the clinic's calendar), as part of a sentence; empty when nothing is.

    None: nobody has written anything down about it.
    """
    if coverage is None:
        return "nobody has recorded a prior authorisation"
    if coverage.state is A.NOT_NEEDED:
        return ""
    if coverage.state is not A.APPROVED or coverage.expires is None:
        return STANDS[coverage.state]
    if day > coverage.expires:
        return (
            f"approval {coverage.number} ends on {coverage.expires:%b} {coverage.expires.day}, {coverage.expires.year}"
        )
    return ""


STANDS = {
    A.DRAFT: "the request is a draft and was not sent",
    A.SENT: "the insurer has not answered yet",
    A.MORE_INFO: "the insurer asks for more before it decides",
    A.APPROVED: "the approval has no expiry date",
    A.DENIED: "the insurer said no",
    A.APPEAL: "the insurer has not answered the appeal yet",
}
"""How each state that is no approval stands, as part of a sentence."""
