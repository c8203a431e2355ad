"""Twilio's calls: what became of a message, a message that came in, a key that was pressed.

A message that we do not know gets the same answer as one that we do.
"""

from uuid import UUID
from xml.sax.saxutils import escape

from django.http import HttpResponse
from django.utils import timezone

from notifications.queries.messages import clinic_of_message
from notifications.queries.senders import clinics_reached
from notifications.replies.keys import Heard, press_key
from notifications.replies.receipts import REPORTS, apply_receipt
from notifications.replies.receive import Incoming, receive
from notifications.webhooks.signed import Call, signed

NOT_KEPT = "[A picture or file came with this message. It was not kept.]"
SAID = {
    "en": {
        Heard.UNDERSTOOD: "Thank you. Goodbye.",
        Heard.QUESTION: "Thank you. We will call you back. Goodbye.",
        Heard.CALL: "Thank you. We will call you. Goodbye.",
        Heard.WORSE: "Thank you. We will call you soon. If it is an emergency, hang up and call 9 1 1. Goodbye.",
        Heard.NOTHING: "Sorry, we did not understand. Please call your clinic. Goodbye.",
    },
    "es": {
        Heard.UNDERSTOOD: "Gracias. Adiós.",
        Heard.QUESTION: "Gracias. Le vamos a llamar. Adiós.",
        Heard.CALL: "Gracias. Le vamos a llamar. Adiós.",
        Heard.WORSE: "Gracias. Le llamamos pronto. Si es una emergencia, cuelgue y llame al 9 1 1. Adiós.",
        Heard.NOTHING: "No le entendimos. Por favor llame a su clínica. Adiós.",
    },
}
"""What the call says after a key, by language."""

VOICES = {"en": "en-US", "es": "es-US"}


@signed
def status(call: Call, message_id: UUID) -> HttpResponse:
    """A receipt for a text or a call. Who took a call says more than that it was taken (`AnsweredBy`)."""
    fields, clinic_id = call.fields, clinic_of_message(message_id)
    state, answered_by = fields.get("MessageStatus") or fields.get("CallStatus", ""), fields.get("AnsweredBy", "")
    if clinic_id is not None and call.speaks_for(clinic_id):
        apply_receipt(
            message_id=message_id,
            status=answered_by if answered_by in REPORTS else state,
            code=fields.get("ErrorCode", ""),
            reference=fields.get("MessageSid") or fields.get("CallSid", ""),
            now=timezone.now(),
        )
    return HttpResponse(status=204)


@signed
def message(call: Call) -> HttpResponse:
    """A text that came in. Answers, where there are any, go out like every other text, not in this response."""
    fields = call.fields
    sent_to = {fields.get("To", ""), fields.get("MessagingServiceSid", "")} - {""}
    accounts = [one for one in call.accounts if one.sender in sent_to] or call.accounts
    body = fields.get("Body", "").replace("\x00", "")
    if fields.get("NumMedia", "0") != "0":
        body = f"{body}\n{NOT_KEPT}".strip()
    if not (fields.get("MessageSid") and fields.get("From")):
        return HttpResponse(status=400)
    incoming = Incoming(
        channel="sms",
        address=fields["From"][:254],
        sent_to=fields.get("To", "")[:254],
        body=body,
        reference=fields["MessageSid"][:64],
        clinics=clinics_reached(accounts, known=call.known),
    )
    receive(incoming=incoming, now=timezone.now())
    return twiml("")


@signed
def key(call: Call, message_id: UUID) -> HttpResponse:
    """A key that was pressed in one of our calls, or none."""
    heard, language, clinic_id = Heard.NOTHING, "en", clinic_of_message(message_id)
    if clinic_id is not None and call.speaks_for(clinic_id):
        heard, language = press_key(
            message_id=message_id,
            digits=call.fields.get("Digits", "")[:10],
            call=call.fields.get("CallSid", "")[:64],
            now=timezone.now(),
        )
    language = language if language in SAID else "en"
    return twiml(f'<Say language="{VOICES[language]}">{escape(SAID[language][heard])}</Say><Hangup/>')


def twiml(inner: str) -> HttpResponse:
    """What the provider is to do next, in its own markup; nothing when empty."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>'
    return HttpResponse(document, content_type="text/xml; charset=utf-8")
