"""A text message as it is said on the telephone: no link spelled out, numbers by digits, keys instead of replies."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pathway.call_keys import call_keys
from pathway.replying import REPLY

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
    """What a call says in one language besides the message."""

    code: str
    page: str
    ask_for_link: str
    call_us: str
    once_more: str
    goodbye: str


VOICES = {
    "en": Voice(
        code="en-US",
        page="your care page",
        ask_for_link="Ask us for the link to your care page.",
        call_us="Call us at",
        once_more="Once more.",
        goodbye="Goodbye.",
    ),
    "es": Voice(
        code="es-MX",
        page="su página",
        ask_for_link="Pídanos el enlace de su página.",
        call_us="Llámenos al",
        once_more="Repetimos.",
        goodbye="Adiós.",
    ),
}


def twiml(body: str, *, language: str, action: str, answers: str = "") -> str:
    """The call as the provider's XML: the words and what each key stands for, then both again. `answers` is the set.

    No key counts before its meaning was said: only one pressed from the second reading on is posted to `action`.
    """
    language = language if language in VOICES else "en"
    voice = VOICES[language]
    words, keys = sayable(body, language), " ".join(key.say[language] for key in call_keys(answers))
    whole = call([words, keys], [voice.once_more, words, keys], voice=voice, action=action)
    if len(whole) > LONGEST_TWIML:
        return call([words], [keys], voice=voice, action=action)
    return whole


def call(first: list[str], while_listening: list[str], *, voice: Voice, action: str) -> str:
    """The XML of one call: what is said first, what is said while a key is waited for, and goodbye."""
    say, pause = f"<Say language={quoteattr(voice.code)}>", '<Pause length="1"/>'

    def said(sentences: list[str]) -> str:
        return pause.join(f"{say}{escape(sentence)}</Say>" for sentence in sentences)

    gather = '<Gather numDigits="1" timeout="8" method="POST" action={}>{}</Gather>'
    heard = gather.format(quoteattr(action), said(while_listening))
    return f"<Response>{said(first)}{heard}{said([voice.goodbye])}</Response>"


def sayable(body: str, language: str) -> str:
    """The words as they are said in one of the `VOICES`.

    A link is a page's name, and how to get it: whether a text with it ever arrived is not known here. Sentences on what
    to reply are left out, since keys take their place.
    """
    voice, has_link = VOICES[language], LINK.search(body) is not None
    body = LINK.sub(voice.page, LINK_THAT_ENDS_A_SENTENCE.sub(f"{voice.page}.", body))
    sentences = [one for one in SENTENCE_END.split(body.strip()) if not REPLY[language].match(one)]
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
