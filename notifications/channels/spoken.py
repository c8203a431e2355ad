"""A text message as it is said on the telephone: no link spelled out, numbers by digits, keys instead of replies."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

LONGEST_TWIML = 4_000
"""Characters that the provider takes."""

LINK = re.compile(r"https?://\S+?(?=[.,;:!?)]*(?:\s|$))")
LINK_THAT_ENDS_A_SENTENCE = re.compile(rf"{LINK.pattern}(?=\s+[^a-záéíóúñ]|$)")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
NUMBER = re.compile(r"\+?\(?\d[\d ().-]{7,}\d|(?<!\d)911(?!\d)")
DIGITS_OF_A_NUMBER = 9
"""Fewer are no telephone number but a date or an amount, except the emergency number."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What a call says in one language besides the message. `reply` begins a sentence that only a text can follow."""

    code: str
    page: str
    ask_for_link: str
    call_us: str
    reply: re.Pattern[str]
    once_more: str
    keys: str
    goodbye: str


VOICES = {
    "en": Voice(
        code="en-US",
        page="your care page",
        ask_for_link="Ask us for the link to your care page.",
        call_us="Call us at",
        reply=re.compile(r"(then )?(reply|text) ", re.IGNORECASE),
        once_more="Once more.",
        keys="Press 1 if you understand. Press 2 if you have a question.",
        goodbye="Goodbye.",
    ),
    "es": Voice(
        code="es-MX",
        page="su página",
        ask_for_link="Pídanos el enlace de su página.",
        call_us="Llámenos al",
        reply=re.compile(r"(luego )?(responda|mande|conteste) ", re.IGNORECASE),
        once_more="Repetimos.",
        keys="Oprima 1 si entendió. Oprima 2 si tiene una pregunta.",
        goodbye="Adiós.",
    ),
}


def twiml(body: str, *, language: str, action: str) -> str:
    """The call as the provider's XML: the words twice, then the keys. A key pressed meanwhile is posted to `action`."""
    voice = VOICES.get(language, VOICES["en"])
    words = sayable(body, voice)
    whole = call([words, voice.once_more, words, voice.keys], voice=voice, action=action)
    if len(whole) > LONGEST_TWIML:
        return call([words, voice.keys], voice=voice, action=action)
    return whole


def call(sentences: list[str], *, voice: Voice, action: str) -> str:
    """The XML of one call."""
    say = f"<Say language={quoteattr(voice.code)}>"
    said = '<Pause length="1"/>'.join(f"{say}{escape(sentence)}</Say>" for sentence in sentences)
    gather = f'<Gather numDigits="1" timeout="8" method="POST" action={quoteattr(action)}>{said}</Gather>'
    return f"<Response>{gather}{say}{escape(voice.goodbye)}</Say></Response>"


def sayable(body: str, voice: Voice) -> str:
    """The words as they are said.

    A link is a page's name, and how to get it: whether a text with it ever arrived is not known here. Sentences on what
    to reply are left out, since keys take their place.
    """
    has_link = LINK.search(body) is not None
    body = LINK.sub(voice.page, LINK_THAT_ENDS_A_SENTENCE.sub(f"{voice.page}.", body))
    sentences = [one for one in SENTENCE_END.split(body.strip()) if not voice.reply.match(one)]
    sentences = [f"{voice.call_us} {one}" if NUMBER.fullmatch(one.rstrip(".")) else one for one in sentences]
    if has_link:
        sentences.append(voice.ask_for_link)
    whole = " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in sentences)
    return NUMBER.sub(lambda found: by_digits(found.group()), whole)


def by_digits(number: str) -> str:
    """`(202) 555-0143` as `2 0 2, 5 5 5, 0 1 4 3`; what has too few digits stays as it is."""
    groups = re.findall(r"\d+", number)
    if len("".join(groups)) < DIGITS_OF_A_NUMBER and number != "911":
        return number
    return ", ".join(" ".join(group) for group in groups)
