"""Patients' links: random, of one journey, kept only as a hash, and gone after a while."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from pathway.models import Journey, PatientLink

VALID_FOR = timedelta(days=30)
TOKEN_BYTES = 8
"""64 random bits, 11 characters: short enough for a text; the birth date and the throttle guard the rest."""


def token_hash(token: str) -> str:
    """How a link's token is kept: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_links(journey_ids: Iterable[int], *, now: datetime) -> dict[int, str]:
    """A new link for each journey, one however often it is named: its id to the token, which is kept nowhere."""
    tokens = {journey_id: secrets.token_urlsafe(TOKEN_BYTES) for journey_id in journey_ids}
    PatientLink.objects.bulk_create(
        PatientLink(journey_id=journey_id, token_hash=token_hash(token), created_at=now, expires_at=now + VALID_FOR)
        for journey_id, token in tokens.items()
    )
    return tokens


def issue_link(*, journey: Journey, now: datetime) -> str:
    """A new link for one journey: its token."""
    return issue_links([journey.pk], now=now)[journey.pk]


def revoke_links(*, journey: Journey, now: datetime) -> int:
    """Close every open link of a journey; the number closed."""
    return PatientLink.objects.filter(journey=journey, revoked_at=None).update(revoked_at=now)
