"""The protocol files that come with Milepost."""

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


def read_shipped(key: str) -> str:
    """The text of a shipped protocol file. Raises `LookupError` naming the shipped ones."""
    return shipped_path(key).read_text(encoding="utf-8")
