"""The protocol files that come with Milepost."""

import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "protocols"
NOT_PROTOCOLS = frozenset({"words"})  # the word list of `protocol check` lives beside the protocols it checks


def shipped_keys() -> list[str]:
    """The keys of the shipped protocols, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem not in NOT_PROTOCOLS)


def shipped_path(key: str) -> Path:
    """Where the shipped protocol of that key lies. Raises `LookupError` naming the shipped ones."""
    if key not in shipped_keys():
        raise LookupError(f"no protocol {key!r} is shipped; there is {', '.join(shipped_keys())}")
    return FOLDER / f"{key}.toml"


@cache
def shipped_milestones() -> tuple[str, ...]:
    """The keys of the milestones of all shipped protocols, each once."""
    trees = (tomllib.loads(read_shipped(key)) for key in shipped_keys())
    return tuple(dict.fromkeys(one["key"] for tree in trees for one in tree["milestones"]))


def read_shipped(key: str) -> str:
    """The text of a shipped protocol file. Raises `LookupError` naming the shipped ones."""
    return shipped_path(key).read_text(encoding="utf-8")
