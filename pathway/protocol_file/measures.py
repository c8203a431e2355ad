"""The `[[measures]]` tables."""

from collections.abc import Iterable

from pathway.outcomes import MeasureSpec, same_kind
from pathway.protocol_file.amounts import read_amount, read_range, read_source
from pathway.protocol_file.findings import did_you_mean, listed
from pathway.protocol_file.table import Table


def read_measures(top: Table, languages: tuple[str, ...], occasions: Iterable[str]) -> tuple[MeasureSpec, ...]:
    """The measures of a protocol; `occasions` are the keys of the milestones and steps at which one can be asked."""
    known, measures = tuple(dict.fromkeys(key for key in occasions if key)), list[MeasureSpec]()
    for table in top.tables("measures", required=False):
        measure = read_measure(table, languages, known)
        if measure.key and any(measure.key == other.key for other in measures):
            table.wrong("key", "is used twice: give every measure its own key.")
        measures.append(measure)
    return tuple(measures)


def read_measure(table: Table, languages: tuple[str, ...], occasions: tuple[str, ...]) -> MeasureSpec:
    """One `[[measures]]`."""
    unit = table.text("unit", 'the unit values are kept in, such as "m"', longest=12)
    entered_in = table.words("entered_in") or (unit,)
    for other in entered_in:
        if unit and not same_kind(other, unit):
            table.wrong("entered_in", f'"{other}" cannot be told in "{unit}": name units of one kind.')
    if unit not in entered_in:
        table.wrong("entered_in", f'lacks "{unit}", the unit itself: add it.')
    asked_at = table.words("asked_at")
    for key in asked_at:
        if key not in occasions:
            told = f'"{key}" is no milestone and no step: {listed(occasions)}.{did_you_mean(key, occasions)}'
            table.wrong("asked_at", told)
    licensed = table.flag("licensed")
    if licensed and "question" in table.raw:
        table.wrong("question", "must not be here: a licensed measure is entered as a score only, without its words.")
    lowest, highest = read_range(table)
    source, confidence = read_source(table)
    measure = MeasureSpec(
        key=table.key("key", "a key such as pain"),
        title=table.text("title", "what is measured", longest=60),
        unit=unit,
        entered_in=entered_in,
        lowest=lowest,
        highest=highest,
        better="higher" if table.choice("better", ("lower", "higher")) == "higher" else "lower",
        asked_at=asked_at,
        source=source,
        confidence=confidence,
        whole=table.flag("whole"),
        important_change=read_amount(table, "important_change", "a change in the unit, such as 2", required=False),
        important_percent=read_amount(table, "important_percent", "a share in percent, such as 30", required=False),
        ratio=table.flag("ratio"),
        licensed=licensed,
        question=table.wording("question", languages, required=not licensed),
    )
    for field in ("important_change", "important_percent"):
        value = getattr(measure, field)
        if value is not None and value <= 0:
            table.wrong(field, "must be more than nothing: any change at all would be important.")
    table.finish()
    return measure
