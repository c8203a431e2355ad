"""Texts through Twilio."""

from notifications.channels.base import Envelope, NoAnswer, Sought
from notifications.channels.evidence import Trace
from notifications.channels.twilio import TwilioChannel

LONGEST_VALIDITY = 36_000
"""Seconds: the longest that the provider keeps trying."""

TRIAL_PREFIX = "Sent from your Twilio trial account - "
REDACTED = {"", "REDACTED"}


class SmsChannel(TwilioChannel):
    """One text a message, which the provider gives up on when it is of no use any more."""

    kind = "sms"
    resource = "Messages"
    words_tell = True

    def form(self, envelope: Envelope) -> dict[str, str]:
        sender = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        seconds = int((envelope.useful_until - envelope.offered_at).total_seconds())
        validity = max(1, min(seconds, LONGEST_VALIDITY))
        return {sender: self.sender, "Body": envelope.body, "ValidityPeriod": str(validity)}

    def is_like(self, trace: Trace, sought: Sought) -> bool:
        body = trace.body.strip()
        if body in REDACTED:
            raise NoAnswer("the provider keeps no words")
        return body.removeprefix(TRIAL_PREFIX) == sought.body.strip()
