"""Reads a hold table file. Everything that is wrong with it is told at once: where, what, and how to mend it."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from pathway.holds.names import plain_name
from pathway.holds.rows import (
    ACTIONS,
    CONFIDENCE,
    GATES,
    RESTART_WHEN,
    ClearanceGate,
    Combination,
    Dangers,
    HoldTable,
    InrGate,
    Row,
)
from pathway.protocol_file.findings import Findings, ProtocolError, did_you_mean, listed, shown
from pathway.protocol_file.table import TOP, Table

LONGEST_NAME = 40
LONGEST_HOLD = timedelta(days=30)
"""No medicine of the sources is held longer: a longer one is a slip of the pen."""


class TableError(ProtocolError):
    """A hold table that cannot be used; `findings` holds everything that is wrong with it."""


def read_table(source: str, *, file: str) -> HoldTable:
    """The table in a TOML text; `file` is how findings name it. Raises `TableError`."""
    findings = Findings(file)
    try:
        raw = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        findings.add(TOP, "TOML", f"cannot be read: {error}.")
        raise TableError(findings.found) from error
    table = _table(Table(raw, TOP, findings))
    if not findings.found:
        _check_names(table, findings)
    if findings.found:
        raise TableError(findings.found)
    return table


def _table(top: Table) -> HoldTable:
    about, gates, names = top.table("table"), top.table("gates"), top.table("names")
    dangers = top.table("dangers")
    made = HoldTable(
        key=about.key("key", "the table's short name"),
        title=about.text("title", "what the table is for"),
        version=about.text("version", 'the version, such as "1"', longest=20),
        reviewed_by=about.text("reviewed_by", "who reviewed it", required=False, longest=200),
        source=about.text("source", "where it is from"),
        dangers=Dangers(
            dangers.text("version", 'the version, such as "1"', longest=20),
            dangers.text("clot", "the danger of stopping early"),
            dangers.text("bleeding", "the danger of stopping late"),
        ),
        inr=_inr(_named(gates, "inr")),
        clearance=_clearance(_named(gates, "creatinine-clearance")),
        dropped=names.words("salts") + names.words("forms"),
        rows=tuple(_row(one) for one in top.tables("rows")),
        combinations=tuple(_combination(one) for one in top.tables("combinations", required=False)),
    )
    for one in (about, gates, names, dangers, top):
        one.finish()
    return made


def _named(gates: Table, name: str) -> Table:
    """A gate's table, which findings call by its whole name."""
    one = gates.table(name)
    one.where = f"gates.{name}"
    return one


def _inr(one: Table) -> InrGate:
    one.choice("unit", ("ratio",))
    one.text("source", "where the bounds are from")
    made = InrGate(_number(one, "normal_up_to"), one.offset("within", "how old a result may be, such as P1D"))
    if not _is_longer_than_nothing(made.within.days, made.within.elapsed):
        one.wrong("within", "must be more than nothing: write it like P1D.")
    one.finish()
    return made


def _clearance(one: Table) -> ClearanceGate:
    one.choice("unit", ("mL/min",))
    one.text("source", "where the bounds are from")
    impaired, decide = _number(one, "impaired_below"), _number(one, "decide_below")
    if decide > impaired:
        one.wrong("decide_below", "is above impaired_below: it must be the lower of the two.")
    made = ClearanceGate(impaired, decide, one.offset("within", "how old a result may be, such as P90D"))
    one.finish()
    return made


def _number(one: Table, field: str) -> Decimal:
    """A number written in quotes, so that 1.2 stays 1.2."""
    text = one.text(field, 'a number in quotes, such as "1.2"')
    try:
        number = Decimal(text or "1")
    except InvalidOperation:
        one.wrong(field, f'{shown(text)} is not a number: write it in quotes, such as "1.2".')
        return Decimal(1)
    if not number.is_finite() or number <= 0:
        one.wrong(field, f"{shown(text)} is not more than nothing.")
        return Decimal(1)
    return number


def _row(one: Table) -> Row:
    rxcui = one.text("rxcui", "the code", required=False, longest=12)
    if rxcui and not rxcui.isdecimal():
        one.wrong("rxcui", f"{shown(rxcui)} is not a code: digits only.")
    age = one.positive("flag_from_age") if "flag_from_age" in one.raw else 0
    one.known.append("flag_from_age")
    row = Row(
        key=one.key("key", "the row's own name"),
        name=one.text("name", "the generic name", longest=LONGEST_NAME),
        drug_class=one.text("class", "what kind of medicine it is"),
        action=one.choice("action", ACTIONS),
        rxcui=rxcui,
        brands=one.words("brands"),
        spellings=one.words("spellings"),
        variant=one.key("variant", "what tells it from the other rows of its name", required=False),
        variant_says=one.text("variant_says", "the variant in words", required=False),
        decides=one.words("decides"),
        gates=one.words("gates"),
        ask=one.text("ask", "what to ask", required=False),
        follows_beside=one.text("follows_beside", "a name of this table", required=False),
        flag_beside=one.words("flag_beside"),
        flag_from_age=age,
        flag_asks=one.text("flag_asks", "what to ask about", required=False),
        flag_then=one.text("flag_then", "what follows from a flag", required=False),
        restart_when=one.choice("restart_when", tuple(RESTART_WHEN), required=False),
        note=one.text("note", "what the signer reads", required=False),
        source=one.text("source", "where the row is from"),
        confidence=one.choice("confidence", CONFIDENCE),
        **{
            field: _length(one, field)
            for field in ("hold", "hold_from", "hold_impaired", "hold_impaired_from", "restart", "restart_from")
        },
    )
    one.finish()
    _check_row(row, one.wrong)
    return row


def _length(one: Table, field: str) -> str:
    """A duration as the file writes it; empty when left out."""
    found = one.offset(field, "a duration such as P3D or PT12H", required=False)
    if found.days < 0 or found.elapsed < timedelta(0) or timedelta(days=found.days) + found.elapsed > LONGEST_HOLD:
        one.wrong(field, f"must be from nothing to {LONGEST_HOLD.days} days, without a sign.")
    return str(one.raw.get(field, "")).strip()


def _check_row(row: Row, wrong: Callable[[str, str], None]) -> None:
    """What a row says fits together."""
    if "/" in row.name:
        wrong("name", "holds a slash: list two medicines in one tablet under [[combinations]].")
    for gate in row.gates:
        if gate not in GATES:
            wrong("gates", f"{shown(gate)} is not one of {listed(GATES)}.{did_you_mean(gate, GATES)}")
    if row.action == "hold" and not row.hold:
        wrong("hold", 'is missing: an action of "hold" needs its length, such as P3D.')
    if row.action == "hold" and bool(row.restart) == bool(row.restart_when):
        wrong("restart", "give either restart, such as PT24H, or restart_when: one of them says when it starts again.")
    if row.action != "hold" and (row.hold or row.gates):
        wrong("action", f"{shown(row.action)} drafts nothing: take hold and gates away.")
    if row.action == "decide" and not row.note:
        wrong("note", "is missing: a prescriber who is to decide needs the reason.")
    if ("creatinine-clearance" in row.gates) != bool(row.hold_impaired):
        wrong("hold_impaired", "goes with the gate creatinine-clearance: give both or neither.")
    if bool(row.variant) != bool(row.variant_says):
        wrong("variant_says", "goes with variant: give both or neither.")
    if (row.flag_asks or row.flag_beside or row.flag_from_age) and not row.flag_then:
        wrong("flag_then", "is missing: say what follows from a flag.")


def _combination(one: Table) -> Combination:
    made = Combination(
        one.key("key", "its own name"), one.words("names"), one.words("parts"),
        one.text("follows", "a name of this table", required=False),
    )  # fmt: skip
    if len(made.parts) < 2:
        one.wrong("parts", "needs at least two medicines.")
    if not made.names:
        one.wrong("names", "is missing: give the product's names.")
    if made.follows and made.follows not in made.parts:
        one.wrong("follows", "must be one of its parts.")
    one.finish()
    return made


def _check_names(table: HoldTable, findings: Findings) -> None:
    """No name and no code means two medicines; rows of one name are told apart."""
    _check_unique([row.key for row in table.rows], findings)
    owner: dict[str, str] = {}
    for index, row in enumerate(table.rows):
        where = f'rows[{index}] "{row.key}"'
        for field, words in (("name", (row.name,)), ("brands", row.brands), ("spellings", row.spellings)):
            for word in words:
                other = owner.setdefault(plain_name(word, table.dropped), row.name)
                if other != row.name:
                    findings.add(where, field, f"{shown(word)} already means {other}: one name, one medicine.")
        for word in row.decides:
            other = owner.setdefault(plain_name(word, table.dropped), f"{row.name} ({row.variant})")
            if other != f"{row.name} ({row.variant})":
                findings.add(where, "decides", f"{shown(word)} already means {other}: one name, one medicine.")
        alike = table.named(row.name)
        if len(alike) > 1 and (not row.variant or [one.variant for one in alike].count(row.variant) > 1):
            findings.add(where, "variant", f"must tell it from the other rows of {row.name}: give each its own.")
        if any(one.rxcui == row.rxcui and one.name != row.name for one in table.rows if row.rxcui):
            findings.add(where, "rxcui", f"{row.rxcui} is the code of another medicine as well: check both.")
        if row.follows_beside and not table.named(row.follows_beside):
            findings.add(where, "follows_beside", f"{shown(row.follows_beside)} is no name of this table.")
    for index, one in enumerate(table.combinations):
        where = f'combinations[{index}] "{one.key}"'
        if not any(table.named(part) for part in one.parts):
            findings.add(where, "parts", "none of them is a name of this table: take the combination away.")
        for name in one.names:
            if owner.setdefault(plain_name(name, table.dropped), one.key) != one.key:
                findings.add(where, "names", f"{shown(name)} already means another medicine.")


def _check_unique(keys: list[str], findings: Findings) -> None:
    for index, key in enumerate(keys):
        if keys.index(key) != index:
            findings.add(f'rows[{index}] "{key}"', "key", "is there already: each row needs its own.")


def _is_longer_than_nothing(days: int, elapsed: timedelta) -> bool:
    return timedelta(days=days) + elapsed > timedelta(0)
