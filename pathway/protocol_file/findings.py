"""What is wrong with a protocol file, said so that a clinician can mend it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: in which file, table and field, what it is and how to mend it."""

    file: str
    table: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.table}: {self.field}: {self.message}"


class ProtocolError(Exception):
    """A protocol file that cannot be used; `findings` holds everything that is wrong with it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class Findings:
    """Collects the findings of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Finding] = []

    def add(self, table: str, field: str, message: str) -> None:
        """Note one finding; the same one is noted once."""
        finding = Finding(self.file, " ".join(table.split()), field, " ".join(message.split()))
        if finding not in self.found:
            self.found.append(finding)

    def has(self, table: str, field: str) -> bool:
        """Whether that field, or one inside it, has a finding already."""
        return any(
            one.table == table and (one.field == field or one.field.startswith(f"{field}.")) for one in self.found
        )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?` for the nearest known word, with a leading space; empty when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def shown(value: object) -> str:
    """A value from the file as it can stand in a one-line message."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= 60 else text[:57] + "..."


def listed(words: Iterable[str]) -> str:
    """Words as a list for a message: `a, b, c`."""
    return ", ".join(words)
