"""Replies where nobody can reply: a text without the sentences that only a text message can follow. Pure.

A telephone and an email take no "Reply C to confirm". In a call the keys take that place (`call_keys`). Nobody reads
what is sent back to an email, so it says whom to call instead, and where its reader can stop the messages. The words
are our own (D); the Spanish needs a native reader's check, as that of a protocol.
"""

import re
from collections.abc import Mapping

from pathway.answers import Words

CODE = r"(?:[A-Z]{4,}|[CR123])\b"
"""What a text may ask for: a reply key, or a word in capitals such as STOP."""

REPLY: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(rf"(?i:(?:then )?reply )|(?i:(?:then )?text ){CODE}"),
    "es": re.compile(rf"(?i:(?:luego )?(?:respond|contest)[ae] )|(?i:(?:luego )?(?:mand|env[ií])[ae] ){CODE}"),
}
"""How a sentence begins, by language, that says what to text back. "Text messages are not private" is none."""

TEMPLATE_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=\{link\})\s+(?=[A-ZÁÉÍÓÚÑ¿¡])")
"""Where a sentence of a protocol's text ends. A link before a capital letter ends one too: no dot may touch it."""

ASK_BY_EMAIL: Mapping[str, Words] = {
    "read": {
        "en": "Please call us when you have read this.",
        "es": "Por favor llame cuando lo haya leído.",
    },
    "done": {
        "en": "Please call us when you have done this.",
        "es": "Por favor llame cuando lo haya hecho.",
    },
    "confirm": {
        "en": "Please call us to say if you can come, or if you need a new time.",
        "es": "Por favor llame y diga si puede venir, o si quiere otra hora.",
    },
    "ride": {
        "en": "Please call us to say if you have a ride home or not.",
        "es": "Por favor llame y diga si tiene o no quien le lleve a casa.",
    },
    "check-in": {
        "en": "Please call us to say how you feel.",
        "es": "Por favor llame y diga cómo se siente.",
    },
}
"""By answer set (`pathway.answers.ANSWER_SETS`): what an email asks for in place of a reply."""

NO_REPLIES: Words = {
    "en": "No one reads replies to this email. Call us: {phone}",
    "es": "Nadie lee lo que se responde a este correo. Llame al {phone}",
}
STOP_HERE: Words = {
    "en": "To stop all our messages: {stop}",
    "es": "Para no recibir más mensajes: {stop}",
}
"""`{stop}` is the reader's own address of the page that stops the messages."""


def without_replies(template: str, language: str) -> str:
    """A text of a protocol without the sentences that say what to text back."""
    sentences = TEMPLATE_SENTENCE_END.split(template.strip())
    return " ".join(one for one in sentences if not REPLY[language].match(one))


def as_email(template: str, *, language: str, asks: str, may_stop: bool) -> str:
    """A text of a protocol as an email says it: its words, what it `asks` for (an answer set), and whom to call.

    `may_stop` is false for the email that says that messages have stopped.
    """
    foot = [NO_REPLIES[language], *([STOP_HERE[language]] if may_stop else [])]
    asked = [ASK_BY_EMAIL[asks][language]] if asks else []
    return "\n\n".join([without_replies(template, language), *asked, "\n".join(foot)])
