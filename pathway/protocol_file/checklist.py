"""The `[[candidacy]]` tables and what is said when somebody is not a candidate."""

from pathway.candidacy import KINDS, Bound, BoundError, ChecklistItem, Kind, read_bound
from pathway.protocol_file.amounts import read_range, read_source
from pathway.protocol_file.findings import listed
from pathway.protocol_file.table import MISSING, Table

ANSWERS = {"yes-no": ("yes", "no")}


def read_checklist(top: Table, languages: tuple[str, ...]) -> tuple[tuple[ChecklistItem, ...], dict[str, str]]:
    """The items of the checklist and the words for the call to somebody who is no candidate; both may be left out."""
    items: list[ChecklistItem] = []
    for table in top.tables("candidacy", required=False):
        item = read_item(table)
        if item.key and any(item.key == other.key for other in items):
            table.wrong("key", "is used twice: give every item its own key.")
        items.append(item)
    if not items and "not_a_candidate" not in top.raw:
        top.known.append("not_a_candidate")
        return (), {}
    call_table = top.table("not_a_candidate")
    call = call_table.wording("call", languages)
    call_table.finish()
    return tuple(items), call


def read_item(table: Table) -> ChecklistItem:
    """One `[[candidacy]]`."""
    named = table.choice("kind", KINDS)
    kind: Kind = next((one for one in KINDS if one == named), "yes-no")
    unit, lowest, highest = "", None, None
    if kind == "number":
        unit = table.text("unit", 'the unit, such as "mm"', longest=20)
        lowest, highest = read_range(table)
    choices = read_choices(table) if kind in ("choice", "list") else {}
    passes, bound = read_rule(table, kind, tuple(choices))
    if bound is not None and lowest is not None and highest is not None and not lowest <= bound.limit <= highest:
        table.wrong("passes", "lies outside lowest and highest, so all answers or none would pass.")
    source, confidence = read_source(table)
    item = ChecklistItem(
        key=table.key("key", "a key such as symptom-duration"),
        title=table.text("title", "a few words that a reason begins with", longest=60),
        question=table.text("question", "the question in full", longest=200),
        kind=kind,
        source=source,
        confidence=confidence,
        unit=unit,
        lowest=lowest,
        highest=highest,
        choices=choices,
        passes=passes,
        bound=bound,
        optional=table.flag("optional"),
    )
    table.finish()
    return item


def read_choices(table: Table) -> dict[str, str]:
    """The choices, key to words."""
    needed = 'the choices, such as { none = "none", good = "good" }'
    raw = table.take("choices", dict, needed)
    if raw is MISSING:
        return {}
    inner = Table(raw, table.where, table.findings, prefix=f"{table.prefix}choices.")
    for key in raw:
        if not Table.is_key(key):
            inner.wrong(key, "is not a key: write lowercase letters, digits and single hyphens, a letter first.")
    if len(raw) < 2:
        table.wrong("choices", f"holds fewer than two: give {needed}.")
    return {key: inner.text(key, "the words of the choice", longest=60) for key in raw}


def read_rule(table: Table, kind: Kind, choices: tuple[str, ...]) -> tuple[tuple[str, ...], Bound | None]:
    """What passes: `"yes"`, a bound such as `">= 2.5"`, or a list of choices. Left out, an answer is only noted."""
    if kind == "choice":
        return tuple(one for one in table.words("passes") if is_known(table, one, choices)), None
    text = table.text("passes", "what passes", required=False, longest=20)
    if not text.strip():
        return (), None
    if kind == "yes-no":
        return ((text,) if is_known(table, text, ANSWERS[kind]) else ()), None
    try:
        return (), read_bound(text)
    except BoundError as error:
        table.wrong("passes", f'"{text}" will not do: {error}.')
        return (), None


def is_known(table: Table, answer: str, known: tuple[str, ...]) -> bool:
    """Whether an answer that passes can be given at all."""
    if answer not in known:
        table.wrong("passes", f'"{answer}" is not one of {listed(known)}.')
    return answer in known
