"""Reads one TOML table field by field. A field that is missing or wrong becomes a finding and a harmless value."""

import re
from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from pathway.planner.spec import Duration, Moment
from pathway.protocol_file.durations import DurationError, read_duration
from pathway.protocol_file.findings import Findings, did_you_mean, listed, shown

KEY = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*", re.ASCII)
LONGEST_KEY = 30  # "<step>/<reminder>" and a drug's name fit the database's columns
WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
MISSING = object()


class Table:
    """One table of the file, named `where` in findings, such as `steps[4] "fasting"`; `prefix` goes before fields."""

    def __init__(self, raw: Mapping[str, Any], where: str, findings: Findings, *, prefix: str = "") -> None:
        self.raw = raw
        self.where = where
        self.findings = findings
        self.prefix = prefix
        self.known: list[str] = []

    def finish(self) -> None:
        """Report every field that nobody asked for."""
        for field in self.raw:
            if field not in self.known:
                hint = did_you_mean(field, self.known) or f" Known here: {listed(self.known)}."
                self.wrong(field, f"no such field here.{hint}")

    def wrong(self, field: str, message: str) -> None:
        """Note a finding about one field."""
        self.findings.add(self.where, self.prefix + (shown(field).strip('"') or '""'), message)

    def take(self, field: str, kind: type, needed: str, *, required: bool = True) -> Any:
        """The value of a field when it is of that type, else `MISSING`; `needed` says what to write."""
        self.known.append(field)
        value = self.raw.get(field, MISSING)
        if value is MISSING:
            if required:
                self.wrong(field, f"is missing: give {needed}.")
            return MISSING
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong(field, f"{shown(value)} will not do: give {needed}.")
            return MISSING
        return value

    def text(self, field: str, needed: str, *, required: bool = True, longest: int = 2000) -> str:
        """A string that is not blank (unless it may be left out)."""
        value = self.take(field, str, needed, required=required)
        if value is MISSING:
            return ""
        if required and not value.strip():
            self.wrong(field, f"is empty: give {needed}.")
        if len(value) > longest:
            self.wrong(field, f"has {len(value)} characters: at most {longest} fit.")
        return str(value)

    def key(self, field: str, needed: str, *, required: bool = True) -> str:
        """A key: lowercase letters, digits and single hyphens."""
        value = self.text(field, needed, required=required)
        if value.strip() and not self.is_key(value):
            self.wrong(field, f"{shown(value)} is not a key: {key_rule()}.")
        return value

    @staticmethod
    def is_key(value: str) -> bool:
        """Whether a string can be a key."""
        return bool(KEY.fullmatch(value)) and len(value) <= LONGEST_KEY

    def choice(self, field: str, allowed: Sequence[str], *, required: bool = True) -> str:
        """One of a few words."""
        value = self.text(field, f"one of {listed(allowed)}", required=required)
        if value and value not in allowed:
            self.wrong(field, f"{shown(value)} is not one of {listed(allowed)}.{did_you_mean(value, allowed)}")
            return ""
        return value

    def flag(self, field: str) -> bool:
        """`true` or `false`; false when left out."""
        value = self.take(field, bool, "true or false", required=False)
        return value is True

    def positive(self, field: str) -> int:
        """A whole number of at least one."""
        value = self.take(field, int, "a whole number of at least 1")
        if value is MISSING:
            return 1
        if value < 1:
            self.wrong(field, f"{shown(value)} is too small: give a whole number of at least 1.")
            return 1
        return int(value)

    def words(self, field: str) -> tuple[str, ...]:
        """A list of strings; empty when left out."""
        value = self.take(field, list, 'a list of words, such as ["one", "two"]', required=False)
        if value is MISSING:
            return ()
        if not all(isinstance(word, str) and word.strip() for word in value):
            self.wrong(field, 'every entry must be a word in quotes, such as ["one", "two"].')
            return ()
        return tuple(value)

    def wall_time(self, field: str) -> time:
        """A time of day on the patient's clock, written `"HH:MM"`."""
        value = self.text(field, 'a time of day such as "08:00"')
        if not value.strip():
            return time(0)
        match = WALL_TIME.fullmatch(value)
        if not match:
            self.wrong(field, f'{shown(value)} is not a time of day: write hours and minutes, such as "08:00".')
            return time(0)
        return time(int(match[1]), int(match[2]))

    def length(self, field: str) -> timedelta:
        """An elapsed time of zero or more, such as `PT30M`."""
        offset = self.offset(field, "an elapsed time such as PT30M")
        if offset.days or offset.elapsed < timedelta(0):
            self.wrong(field, "must be hours or minutes, not days and not before: write it like PT30M.")
            return timedelta(0)
        return offset.elapsed

    def offset(self, field: str, needed: str, *, required: bool = True) -> Duration:
        """An ISO 8601 duration, zero when left out."""
        value = self.text(field, needed, required=required)
        if not value.strip():
            return Duration()
        try:
            return read_duration(value)
        except DurationError as error:
            self.wrong(field, f"{shown(value)}: {error}.")
            return Duration()

    def wait(self, field: str) -> Duration | None:
        """How long to wait, such as `P1D` or `PT3H`: more than nothing. None when left out."""
        value = self.offset(field, "a time to wait such as P1D or PT3H", required=False)
        if self.raw.get(field, MISSING) is MISSING or self.findings.has(self.where, self.prefix + field):
            return None
        if value.days < 0 or value.elapsed < timedelta(0) or value == Duration():
            self.wrong(field, "must be more than nothing, and after: write it like P1D or PT3H.")
            return None
        return value

    def moment(self, field: str, *, required: bool = True) -> Moment | None:
        """`{ from = "...", offset = "...", at = "..." }`. Whether the anchor exists is checked later."""
        needed = 'a moment such as { from = "procedure", offset = "-P1D", at = "18:00" }'
        value = self.take(field, dict, needed, required=required)
        if value is MISSING:
            return None
        inner = Table(value, self.where, self.findings, prefix=f"{self.prefix}{field}.")
        anchor = inner.text("from", "what the moment is counted from")
        offset = inner.offset("offset", "a duration such as -P1D", required=False)
        at = inner.wall_time("at") if "at" in value else None
        inner.known.append("at")
        inner.finish()
        if at is not None and offset.elapsed:
            inner.wrong("at", "a clock time goes with whole days only: take it away, or write the offset in days.")
        return Moment(anchor=anchor, offset=offset, at=at)

    def wording(self, field: str, languages: Sequence[str], *, required: bool = True) -> dict[str, str]:
        """A text in every language; empty strings when it may be left out and is."""
        example = "{ " + listed(f'{language} = "..."' for language in languages) + " }"
        value = self.take(field, dict, f"the words in every language: {example}", required=required)
        if value is MISSING:
            return dict.fromkeys(languages, "")
        inner = Table(value, self.where, self.findings, prefix=f"{self.prefix}{field}.")
        spoken = {language: inner.text(language, f"the words in {language}") for language in languages}
        inner.finish()
        return spoken

    def table(self, field: str) -> "Table":
        """A table inside this one. One that is missing is one finding, not one for each of its fields."""
        value = self.take(field, dict, f"a table [{field}]")
        if value is MISSING:
            return Table({}, field, Findings(self.findings.file))
        return Table(value, field, self.findings)

    def optional(self, field: str) -> "Table | None":
        """A table that may be left out."""
        if field not in self.raw:
            self.known.append(field)
            return None
        return self.table(field)

    def tables(self, field: str, *, required: bool = True) -> list["Table"]:
        """A list of tables, each named by its place and key."""
        prefix = "" if self.where == TOP else f"{self.where} "
        value = self.take(field, list, f"at least one table [[{field}]]", required=required)
        if value is MISSING:
            return []
        if required and not value:
            self.wrong(field, f"is empty: give at least one table [[{field}]].")
        found = []
        for index, raw in enumerate(value):
            if not isinstance(raw, dict):
                self.wrong(f"{field}[{index}]", f"{shown(raw)} will not do: give a table [[{field}]].")
                continue
            name = raw.get("key")
            label = f" {shown(name)}" if isinstance(name, str) else ""
            found.append(Table(raw, f"{prefix}{field}[{index}]{label}", self.findings))
        return found


TOP = "top of the file"


def key_rule() -> str:
    """What a key looks like, in words."""
    return f"lowercase letters, digits and single hyphens, a letter first, at most {LONGEST_KEY} characters"
