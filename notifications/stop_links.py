"""The address in an email where its reader stops our messages. It names the message, and nobody can make one up.

Nothing is kept for it: the id is signed with `SECRET_KEY`, and works as long as that key does. Whoever finds an old
email must be able to stop what still comes.
"""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

PURPOSE = "notifications.stop"


def stop_url(message_id: UUID) -> str:
    """The address of the page that stops the messages of whoever one of our messages (its id) was for."""
    return f"{settings.PUBLIC_URL}/stop/{_signer().sign(message_id.hex)}"


def message_id_in(token: str) -> UUID | None:
    """The id of the message that a token names; None for a token that is not ours."""
    try:
        return UUID(_signer().unsign(token))
    except BadSignature:
        return None


def _signer() -> Signer:
    return Signer(sep=".", salt=PURPOSE)
