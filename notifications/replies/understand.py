"""What a message means, from its words alone. Pure: which question is open, and whose number it is, comes later.

Nothing is guessed. A message is an answer only when every word of it is known and none contradicts another; it is a
STOP only when it says nothing else. Everything else is free words, which a person reads.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from notifications.replies import vocabulary as known
from notifications.replies.danger import Sign, dangers_in
from notifications.replies.plain import plain


class Kind(StrEnum):
    """What a message is."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    ANSWER = "answer"
    WORDS = "words"


class Plainly(StrEnum):
    """An answer in plain words, whatever keys the question takes."""

    YES = "yes"
    NO = "no"
    QUESTION = "question"
    GOOD = "good"
    WORSE = "worse"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message means. `choice` of an answer is a reply key (C, R, 1, 2, 3) or a `Plainly` value.

    `dangers` are the signs that it names, the gravest first, whatever else it says. `topics` are those of
    `vocabulary.TOPICS` that an answer names.
    """

    kind: Kind
    choice: str = ""
    dangers: tuple[Sign, ...] = ()
    topics: frozenset[str] = frozenset()


REACTION = re.compile(
    r"^\s*(?P<sign>liked|loved|emphasized|laughed at|questioned|disliked|le gusto|le encanto|le dio risa"
    r"|no le gusto|destaco|pregunto|enfatizo|removed an? [a-z ]{1,20} from|quito un[oa]? [a-z ]{1,20} de"
    r"|(?:(?:reacted|reacciono|reacciono con) )?(?P<tapped>[^\w\s\"“«]{1,8}) (?:to|a))\s*"
    r"[“\"«](?P<quote>.*)[”\"»]\s*$",
    re.IGNORECASE | re.DOTALL,
)
"""What phones send when somebody taps a sign on a text: the sign, and the words of that text quoted."""

SIGNATURE = re.compile(
    r"\n\s*(?:sent from|sent via|get outlook|enviado desde|enviado con|--+\s*(?:\n|$)|__+).*", re.IGNORECASE | re.DOTALL
)
"""What mail programs and phones put under a message; words of danger are heard in it all the same."""

LIKED = {"liked", "le gusto"}
SHORTENED = ("…", "...")
LEAST_QUOTED = 12
"""Letters: what a phone shortened to less than this could be anybody's words."""


def understand(body: str, *, ours: Collection[str] = ()) -> Intent:
    """The intent of one message. `ours` are the texts that we sent to this number lately, for what quotes one."""
    own = without_our_words(body, ours)
    dangers = dangers_in(own)
    own = SIGNATURE.sub("", own)
    kind, choice = kind_of(own)
    topics = topics_of(own) if kind is Kind.ANSWER else frozenset[str]()
    return Intent(kind, choice, dangers, topics)


def quotes_a_text(body: str) -> bool:
    """Whether the message has the form of a tapped reaction, whoever's words it quotes."""
    return REACTION.match(without_accents(body)) is not None


def without_our_words(body: str, ours: Collection[str]) -> str:
    """A tapped reaction as the sign that it is, where the text it quotes is ours: our "fever" is nobody's.

    Whatever else is quoted is the patient's own, and read as such.
    """
    reaction = REACTION.match(without_accents(body))
    if reaction is None or not is_ours(reaction["quote"], ours):
        return body
    if reaction["tapped"]:
        return reaction["tapped"]
    sign = reaction["sign"].lower()
    return "👍" if sign in LIKED else sign


def is_ours(quote: str, ours: Collection[str]) -> bool:
    """Whether these are the words of one of our texts, or how a phone shortened them."""
    quoted, shortened = plain(quote), quote.rstrip().endswith(SHORTENED) and len(plain(quote)) >= LEAST_QUOTED
    return any(quoted == sent or (shortened and sent.startswith(quoted)) for sent in map(plain, ours))


def without_accents(body: str) -> str:
    """The message with letters bare of their accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", body) if not unicodedata.combining(char))


def kind_of(body: str) -> tuple[Kind, str]:
    """What a message is, and the choice when it is an answer."""
    words = plain(body).split()
    said = " ".join(words)
    asks = "?" in body or "¿" in body
    if not asks and is_stop(said):
        return Kind.STOP, ""
    if not asks and is_keyword(words, known.START_WORDS, known.START_COMPANY):
        return Kind.START, ""
    if is_keyword(words, known.HELP_WORDS, known.POLITE):
        return Kind.HELP, ""
    choice = answer_in(body, words, asks=asks)
    return (Kind.ANSWER, choice) if choice else (Kind.WORDS, "")


def is_stop(said: str) -> bool:
    """Whether the message asks for no more messages and says nothing else.

    "Stop eating?" and "when do I stop my pills" are questions about medicine: a single word too many makes it one.
    """
    if said in known.STOP_EXACTLY:
        return True
    words = said.replace("opt out", "optout").split()
    if is_keyword(words, known.STOP_FIRMLY, known.STOP_COMPANY):
        return True
    about_texts = bool(known.TEXT_WORDS & set(words))
    every = known.STOP_WORDS | known.STOP_COMPANY | known.TEXT_WORDS | known.TEXT_COMPANY
    asks_to_end = bool(known.STOP_WORDS & set(words)) or any(phrase in said for phrase in known.NO_MORE)
    return about_texts and asks_to_end and set(words) <= every


def topics_of(body: str) -> frozenset[str]:
    """What an answer says that it is about; empty for a bare one."""
    said = set(plain(body).split())
    return frozenset(topic for topic, named in known.TOPICS.items() if named & said)


def is_keyword(words: list[str], keywords: frozenset[str], company: frozenset[str]) -> bool:
    """Whether a message is a keyword, with nothing beside it but the company it may keep."""
    return bool(keywords & set(words)) and set(words) <= keywords | company


def answer_in(body: str, words: list[str], *, asks: bool) -> str:
    """The choice that a message makes when all of it is one answer; empty when it is not, or may be something else."""
    if has_unknown_sign(body):
        return ""
    said = " ".join(words)
    if said in known.WHOLE and not asks:
        return Plainly(known.WHOLE[said])
    keys = {word.upper() for word in words if word.upper() in known.KEYS}
    says = {meaning for meaning, ways in known.SAYS.items() if ways & set(words)}
    says |= {known.SIGNS[char] for char in body if char in known.SIGNS}
    if (asks or (words and words[0] in known.ASKING)) and says != {"question"}:
        return ""
    if len(keys) > 1 or (keys and says - known.GOES_WITH[min(keys)]):
        return ""
    choice = min(keys) if keys else strongest(says)
    return choice if choice and set(words) <= fitting(keys, says) and not contradicts_itself(said, words, says) else ""


def fitting(keys: set[str], says: set[str]) -> set[str]:
    """The words that may stand in a message with these keys and meanings."""
    fit = {key.lower() for key in keys}
    for meaning in says:
        fit |= known.SAYS[meaning] | known.BESIDE[meaning]
    return fit | known.BESIDE_ALL


def contradicts_itself(said: str, words: list[str], says: set[str]) -> bool:
    """Whether a "no" stands beside a "have" that it does not deny."""
    return "no" in says and bool(known.HAVE & set(words)) and not any(denied in said for denied in known.HAVE_NOT)


def strongest(says: set[str]) -> str:
    """The one thing that all of it says: a plain yes beside "good" is good; a yes beside a no is nothing."""
    if says == {"yes", "good"}:
        return Plainly.GOOD
    if says == {"no", "change"}:
        return Plainly.CHANGE
    return Plainly(min(says)) if len(says) == 1 else ""


def has_unknown_sign(body: str) -> bool:
    """Whether the message holds a picture sign (emoji) that stands for nothing here."""
    return any(
        unicodedata.category(char) == "So" and char not in known.SIGNS and char not in known.MUTE_SIGNS for char in body
    )
