"""What the provider took: one line for each acceptance, in memory and, when it has a file, there too."""

import json
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Taken:
    """One acceptance. `reference` is our uuid from the callback's path, `at` UTC in ISO 8601; of a call, TwiML.

    `detection` is where a call's offer wants to hear whether a person or a machine took it.
    """

    kind: str
    reference: str
    sid: str
    account: str
    sender: str
    to: str
    body: str
    at: str
    callback: str = ""
    detection: str = ""
    validity: str = ""


class Ledger:
    """Acceptances in order, and what every offer met. A file survives the process, and is read when it begins."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._taken = [Taken(**json.loads(line)) for line in whole_lines(path)] if path else []
        self._file = path.open("a") if path else None
        self.met: Counter[str] = Counter()

    def add(self, taken: Taken) -> None:
        """Keep one acceptance. On the disk's way before the offer is answered: a kill -9 does not lose it."""
        with self._lock:
            self._taken.append(taken)
            if self._file:
                self._file.write(json.dumps(asdict(taken)) + "\n")
                self._file.flush()

    def taken(self, kind: str = "") -> list[Taken]:
        """Every acceptance so far, or those of one kind (sms, voice)."""
        with self._lock:
            return [one for one in self._taken if kind in {"", one.kind}]

    def doubles(self) -> dict[str, int]:
        """The references that were taken more than once, and how often."""
        counts = Counter(one.reference for one in self.taken())
        return {reference: times for reference, times in counts.items() if times > 1}

    def close(self) -> None:
        if self._file:
            self._file.close()


def whole_lines(path: Path) -> list[str]:
    """The lines of a ledger's file; none when there is no file. A last line that was cut off is left out."""
    if not path.exists():
        return []
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
