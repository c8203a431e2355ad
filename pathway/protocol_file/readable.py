"""The words in a protocol file's tables, as far as they can be read, whether or not the file is a good protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pathway.protocol_file.findings import shown

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadableText:
    """Words in one language, and how findings name their table and field; `allows` are medical words let pass."""

    key: str
    table: str
    field: str
    language: str
    words: str
    allows: tuple[str, ...] = ()


def texts_in(tree: Tree) -> Iterator[ReadableText]:
    """The messages under `[texts]` as texts."""
    for key, raw in table_in(tree, "texts").items():
        if not isinstance(raw, dict):
            continue
        allows = tuple(word for word in list_in(raw, "allows") if isinstance(word, str))
        for language, words in strings_in(raw):
            if language != "allows":
                yield ReadableText(key, f"texts.{key}", language, language, words, allows)


def emails_in(tree: Tree) -> Iterator[ReadableText]:
    """The messages under `[texts]` in words of their own for an email."""
    for key, raw in table_in(tree, "texts").items():
        if isinstance(raw, dict):
            allows = tuple(word for word in list_in(raw, "allows") if isinstance(word, str))
            for language, words in strings_in(table_in(raw, "email")):
                yield ReadableText(key, f"texts.{key}", f"email.{language}", language, words, allows)


def subjects_in(tree: Tree) -> Iterator[ReadableText]:
    """The subject lines of emails."""
    for language, words in strings_in(table_in(table_in(tree, "messages"), "subject")):
        yield ReadableText("subject", "messages", f"subject.{language}", language, words)


def copy_beginnings_in(tree: Tree) -> Iterator[ReadableText]:
    """What stands before a text in a copy to a caregiver."""
    for field in ("copy_prefix", "copy_no_reply"):
        for language, words in strings_in(table_in(table_in(tree, "messages"), field)):
            yield ReadableText(field, "messages", f"{field}.{language}", language, words)


def details_in(tree: Tree) -> Iterator[ReadableText]:
    """What the patient's page says of each step, and how it asks for each measure."""
    for tables, field in (("steps", "detail"), ("measures", "question")):
        for index, raw in enumerate(list_in(tree, tables)):
            if not isinstance(raw, dict):
                continue
            key = raw.get("key")
            table = f"{tables}[{index}]" + (f" {shown(key)}" if isinstance(key, str) else "")
            for language, words in strings_in(table_in(raw, field)):
                yield ReadableText(field, table, f"{field}.{language}", language, words)


def questions_in(tree: Tree) -> Iterator[ReadableText]:
    """What check-ins ask the patient, and tell them."""
    for index, question in enumerate(list_in(tree, "check_in_questions")):
        if not isinstance(question, dict):
            continue
        key = question.get("key")
        table = f"check_in_questions[{index}]" + (f" {shown(key)}" if isinstance(key, str) else "")
        for field in ("ask", "tell"):
            for language, words in strings_in(table_in(question, field)):
                yield ReadableText(field, table, f"{field}.{language}", language, words)


def number_of_reminders(tree: Tree) -> int:
    """How many messages the steps of one journey send; one for each hold counts once."""
    return sum(len(list_in(step, "reminders")) for step in list_in(tree, "steps") if isinstance(step, dict))


def strings_in(raw: Tree) -> Iterator[tuple[str, str]]:
    """The fields of a table that hold words."""
    for field, value in raw.items():
        if isinstance(value, str) and value.strip():
            yield field, value


def table_in(raw: Tree, field: str) -> Tree:
    """A table inside a table; an empty one where there is none."""
    value = raw.get(field)
    return value if isinstance(value, dict) else {}


def list_in(raw: Tree, field: str) -> list[Any]:
    """A list inside a table; an empty one where there is none."""
    value = raw.get(field)
    return value if isinstance(value, list) else []
