"""How the provider signs what it sends us."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(url: str, form: Mapping[str, str], *, token: str) -> str:
    """The value of `X-Twilio-Signature` for a form posted to a url: HMAC-SHA1 over both, keyed by the auth token."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
