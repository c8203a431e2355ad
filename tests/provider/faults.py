"""In which ways the provider fails, and how often."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

OFFERS = {
    "busy": "429 with Retry-After: not taken",
    "error": "500: not taken",
    "error-taken": "500, although it was taken",
    "silent": "no answer ever: not taken",
    "silent-taken": "no answer ever, although it was taken",
    "drop": "the connection ends before an answer: not taken",
    "drop-taken": "the connection ends before an answer, although it was taken",
    "garbled-taken": "200 and half an answer, although it was taken",
    "twice": "the answer comes twice on one connection",
}
"""What an offer may meet instead of a plain answer, by name."""

NUMBERS = {"opted-out": "21610 for texts to this number", "landline": "21614 for texts to this number"}
"""What a number may be; drawn once for each number."""

CALLBACKS = {
    "late": "its callbacks come ten times later",
    "doubled": "each of its callbacks comes twice",
    "disordered": "its last callback comes first",
    "undelivered": "it ends undelivered, with one of the carrier's codes; a call ends unanswered",
    "machine": "an answering machine takes the call",
    "unreported": "its callbacks never come",
}
"""What may become of what was taken; each is drawn apart from the others."""

LOOK_UPS = {"look-up": "500 to a question about what was taken"}
ALL = {**OFFERS, **NUMBERS, **CALLBACKS, **LOOK_UPS}


@dataclass(frozen=True)
class Faults:
    """Shares between 0 and 1, by the names above; what is not named never happens."""

    shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.shares) - set(ALL)
        if unknown:
            raise ValueError(f"no such faults: {', '.join(sorted(unknown))}; there are: {', '.join(ALL)}")

    @classmethod
    def read(cls, text: str) -> "Faults":
        """`0.05`: that share of offers fails, in all ways alike. `busy=0.01,landline=0.02`: these."""
        if not text:
            return cls()
        if "=" not in text:
            return cls(dict.fromkeys(OFFERS, float(text) / len(OFFERS)))
        pairs = (pair.partition("=") for pair in text.split(","))
        return cls({name.strip(): float(share) for name, _, share in pairs})

    def of_offer(self, name: str) -> str:
        """What the offer called `name` meets: one of `OFFERS`, or "". It depends on the name, not on the order."""
        draw = drawn(f"offer/{name}")
        for fault in OFFERS:
            draw -= self.shares.get(fault, 0)
            if draw < 0:
                return fault
        return ""

    def has(self, fault: str, name: str) -> bool:
        """Whether the number, message or question called `name` has this fault; the same for the same name."""
        share = self.shares.get(fault, 0)
        return share > 0 and drawn(f"{fault}/{name}") < share


def drawn(name: str) -> float:
    """A number from 0 to 1 that depends on the name alone."""
    return random.Random(name).random()
