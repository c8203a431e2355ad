"""What a patient may answer to a text, and what follows from each answer. Pure: no Django, no database, no clock.

A text says which keys it takes ("Reply C if you have a ride or R if not"); its set maps each key to a meaning. Every
set also takes `QUESTION`, since a patient may always have one: by phone that is key 2, in a text it is free words. Keys
are C, R, 1, 2, 3 only: phone companies take YES for "subscribe" and END, QUIT, CANCEL for "stop".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

Words = Mapping[str, str]
"""One text in every language that patients are spoken to in: language code to words."""

QUESTION = "question"
"""The choice that every set takes besides its own keys."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class NotAnAnswer(Exception):
    """A choice that the set does not have; `str()` says which ones it has."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a person has to do about an answer, and how soon (D).

    It is soon, due `within` of the answer. With less than `urgent_below` left until the text is of no use it is urgent,
    due within an hour. In no case is it due after that moment.
    """

    kind: str
    why: str
    say: Words
    within: timedelta = 4 * HOUR
    urgent_below: timedelta = 6 * HOUR

    def is_urgent(self, *, useful_until: datetime, now: datetime) -> bool:
        """Whether little time is left (instants UTC)."""
        return useful_until - now < self.urgent_below

    def due_at(self, *, useful_until: datetime, now: datetime) -> datetime:
        """By when (UTC). What is of no use any more is due as if there were time: the patient waits for a call."""
        due = now + (min(HOUR, self.within) if self.is_urgent(useful_until=useful_until, now=now) else self.within)
        return min(due, useful_until) if useful_until > now else due


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one choice says. `said` ends the sentence "Alma answered C: ..." on the staff's pages.

    `acknowledges`: the patient has done, read or agreed to what was asked, so nobody need call about it. Any answer
    ends the asking; one that acknowledges nothing has a task that does the rest.
    """

    slug: str
    said: str
    acknowledges: bool
    task: Task | None = None


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """The answers that one kind of question takes, by reply key.

    `yes` is the key that plain consent stands for ("yes", "ok", a thumbs-up), `no` the one that a plain refusal stands
    for, where it can be told: a "yes" to "Weak leg, fever, or bad pain?" is no good news. `one_page`: the questions of
    one step that use this set ask about one and the same page, so that one answer is good for all of them.
    """

    meanings: Mapping[str, Meaning]
    yes: str = ""
    no: str = ""
    one_page: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The reply keys that a text with this set names, in order."""
        return tuple(self.meanings)

    def meaning(self, choice: str) -> Meaning:
        """What a reply key, or `QUESTION`, says. Raises `NotAnAnswer`."""
        if choice == QUESTION:
            return HAS_QUESTION
        try:
            return self.meanings[choice]
        except KeyError:
            raise NotAnAnswer(f"{choice!r} is none of {', '.join((*self.keys, QUESTION))}") from None


HAS_QUESTION = Meaning(
    "question",
    "has a question",
    acknowledges=False,
    task=Task(
        "patient-question",
        "has a question: call back.",
        {
            "en": "Ask what the question is, and answer it or find out.",
            "es": "Pregunte cuál es la duda, y respóndala o averigüe.",
        },
    ),
)

UNDERSTOOD = Meaning("understood", "has read it", acknowledges=True)
DONE = Meaning("done", "has done it", acknowledges=True)
CONFIRMED = Meaning("confirmed", "confirms", acknowledges=True)
HAS_RIDE = Meaning("has-ride", "has a ride", acknowledges=True)
GOOD = Meaning("good", "feels good", acknowledges=True)

CHANGE = Meaning(
    "change",
    "asks for another time",
    acknowledges=False,
    task=Task(
        "change-visit",
        "asks for another time: move the visit.",
        {
            "en": "Find a time that works and book it here: the texts follow.",
            "es": "Busque una hora que le sirva y anótela aquí: los textos se ajustan.",
        },
        urgent_below=DAY,
    ),
)

NO_RIDE = Meaning(
    "no-ride",
    "has no ride",
    acknowledges=False,
    task=Task(
        "no-ride",
        "has no ride home. Without an adult to take them home the procedure cannot go ahead.",
        {
            "en": "Ask who could come: an adult, by name and phone. A ride-share driver is not an escort. "
            "If there is nobody, tell the clinician.",
            "es": "Pregunte quién puede venir: un adulto, con nombre y teléfono. Un chofer de aplicación no cuenta. "
            "Si no hay nadie, avise al médico.",
        },
        urgent_below=2 * DAY,
    ),
)

WORSE = Meaning(
    "worse",
    "feels worse",
    acknowledges=False,
    task=Task(
        "feels-worse",
        "feels worse after the procedure: call now.",
        {
            "en": "911 now for: weak legs, numb between the legs, cannot pee or hold it, fast rising back pain, chest "
            "pain, trouble breathing. Then ask about fever, the dressing, headache, calves, vomiting.",
            "es": "911 ya si: piernas débiles, no siente entre las piernas, no puede orinar o aguantar, dolor de "
            "espalda que sube rápido, dolor de pecho, le falta el aire. Luego: fiebre, herida, dolor de cabeza, "
            "pantorrillas, vómito.",
        },
        within=HOUR,  # clinical facts, section 6
        urgent_below=timedelta.max,
    ),
)

ANSWER_SETS: Mapping[str, AnswerSet] = {
    "read": AnswerSet({"C": UNDERSTOOD}, yes="C", one_page=True),
    "done": AnswerSet({"C": DONE}, yes="C"),
    "confirm": AnswerSet({"C": CONFIRMED, "R": CHANGE}, yes="C", no="R"),
    "ride": AnswerSet({"C": HAS_RIDE, "R": NO_RIDE}, yes="C", no="R"),
    "check-in": AnswerSet({"1": GOOD, "2": HAS_QUESTION, "3": WORSE}),
}
"""By the name that a protocol file gives in `answers`."""

MEANINGS: Mapping[str, Meaning] = {
    meaning.slug: meaning for one in ANSWER_SETS.values() for meaning in (*one.meanings.values(), HAS_QUESTION)
}
"""By slug, as `Question.answer` keeps it."""
