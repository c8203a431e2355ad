"""Twilio's signature of a request: HMAC-SHA1 over the address it called and every field that it sent."""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence


def signature(*, url: str, fields: Mapping[str, Sequence[str]], token: str) -> str:
    """The value of `X-Twilio-Signature`: the address, then each field's name and values, sorted, nothing between.

    The scheme is HMAC-SHA1 by the provider's choice; as a keyed hash it is not touched by what is broken in SHA-1.
    """
    told = url + "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    return b64encode(hmac.digest(token.encode(), told.encode(), "sha1")).decode()


def is_signed(claimed: str, *, url: str, fields: Mapping[str, Sequence[str]], tokens: Iterable[str]) -> bool:
    """Whether a signature was made with one of these tokens; in a time that tells nothing of how near it came."""
    given = claimed.encode()
    matches = [hmac.compare_digest(given, signature(url=url, fields=fields, token=one).encode()) for one in tokens]
    return any(matches)
