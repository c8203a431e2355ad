"""What the keys of a telephone say in a call: spoken before any is taken, and never more than was spoken. Pure.

1 is "I understand" and 2 "I have a question" (D). Where a text asks for more than to be read or done, key 1 would be an
answer that nobody gave: such a call names the choices of its question, each with a key of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pathway.answers import QUESTION, Words


@dataclass(frozen=True, slots=True)
class CallKey:
    """One key of a call: the choice of the answer set that it stands for, and the sentence that offers it."""

    digit: str
    choice: str
    say: Words


ASK = CallKey("2", QUESTION, {"en": "Press 2 if you have a question.", "es": "Oprima 2 si tiene una pregunta."})

NOTHING_ASKED = (CallKey("1", "", {"en": "Press 1 if you understand.", "es": "Oprima 1 si entendió."}), ASK)
"""The keys of a call that asks for no answer: key 1 says only that somebody listened."""

CALL_KEYS: Mapping[str, tuple[CallKey, ...]] = {
    "read": (
        CallKey(
            "1",
            "C",
            {
                "en": "Press 1 if you have read it and understand it.",
                "es": "Oprima 1 si ya lo leyó y lo entendió.",
            },
        ),
        ASK,
    ),
    "done": (CallKey("1", "C", {"en": "Press 1 if you have done it.", "es": "Oprima 1 si ya lo hizo."}), ASK),
    "confirm": (
        CallKey("1", "C", {"en": "Press 1 to confirm your visit.", "es": "Oprima 1 para confirmar su cita."}),
        ASK,
        CallKey("3", "R", {"en": "Press 3 if you need another time.", "es": "Oprima 3 si necesita otra hora."}),
    ),
    "ride": (
        CallKey("1", "C", {"en": "Press 1 if you have a ride home.", "es": "Oprima 1 si tiene quien le lleve a casa."}),
        ASK,
        CallKey("3", "R", {"en": "Press 3 if you have no ride.", "es": "Oprima 3 si no tiene quien le lleve."}),
    ),
    "check-in": (
        CallKey("1", "1", {"en": "Press 1 if you feel good.", "es": "Oprima 1 si se siente bien."}),
        CallKey("2", "2", ASK.say),
        CallKey("3", "3", {"en": "Press 3 if you feel worse.", "es": "Oprima 3 si se siente peor."}),
    ),
}
"""By answer set (`pathway.answers.ANSWER_SETS`), in the order in which they are spoken."""


def call_keys(answers: str) -> tuple[CallKey, ...]:
    """The keys of a call that asks for this set of answers (its name; empty where it asks nothing)."""
    return CALL_KEYS[answers] if answers else NOTHING_ASKED
