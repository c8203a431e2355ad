"""A message as words that can be compared: no capitals, accents, apostrophes or punctuation."""

import re
import unicodedata

APOSTROPHES = re.compile(r"['’‘ʼ`´′]")


def plain(body: str) -> str:
    """The words with one space between them; `¡Sí, claro!` is `si claro`, `Can't` is `cant`."""
    apart = unicodedata.normalize("NFKD", APOSTROPHES.sub("", body)).casefold()
    letters = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", letters))
