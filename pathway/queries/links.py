"""Finding a patient's link by its token."""

import hashlib
from datetime import datetime

from pathway.models import PatientLink


def closed_link_of(token: str) -> PatientLink | None:
    """A link that we gave out with this token, whether or not it still opens something, with its clinic; else None."""
    return PatientLink.objects.filter(token_hash=_digest(token)).select_related("journey__clinic").first()


def link_of(token: str, *, now: datetime) -> PatientLink | None:
    """The link with this token, if it still opens something, with journey, patient and clinic; else None.

    Only the SHA-256 of a token is stored, so a copy of the database opens nobody's page.
    """
    return (
        PatientLink.objects.filter(token_hash=_digest(token), revoked_at=None, expires_at__gt=now)
        .select_related("journey__clinic", "journey__patient__clinic", "journey__protocol_version__protocol")
        .first()
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
