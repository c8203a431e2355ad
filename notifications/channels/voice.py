"""Calls through Twilio that read a message and take a key for an answer."""

from django.conf import settings

from notifications.channels.base import Envelope, Sought
from notifications.channels.evidence import Trace
from notifications.channels.spoken import twiml
from notifications.channels.twilio import TwilioChannel, status_address

RING_SECONDS = 30
"""Short enough that a machine seldom answers; what it would keep has no medical word in it."""

DETECTION = {"MachineDetection": "Enable", "AsyncAmd": "true", "AsyncAmdStatusCallbackMethod": "POST"}
"""The provider listens for a machine while the words are read already: a person who waits in silence hangs up."""


class VoiceChannel(TwilioChannel):
    """One call a message, which says what each key stands for; the key goes to `/hooks/twilio/voice/<id>/key`.

    Whether a person or a machine took it is told where every receipt goes, `/hooks/twilio/status/<id>`.

    A look-up cannot compare words, since the provider keeps none of a call's. Any call that was made from our number to
    this one since the offer, and is not known as another message's, is taken for it; where another message's call is as
    unproven, nobody can tell.
    """

    kind = "voice"
    resource = "Calls"
    words_tell = False

    def form(self, envelope: Envelope) -> dict[str, str]:
        action = f"{settings.PUBLIC_URL}/hooks/twilio/voice/{envelope.reference}/key"
        words = twiml(envelope.body, language=envelope.language, action=action, answers=envelope.answers)
        told_at = {"AsyncAmdStatusCallback": status_address(envelope.reference)}
        return {"From": self.sender, "Twiml": words, "Timeout": str(RING_SECONDS), **DETECTION, **told_at}

    def is_like(self, trace: Trace, sought: Sought) -> bool:
        return trace.sender == self.sender
