"""Reads `[fasting]`, `[[readiness]]` and `[discharge]`: the procedure's day. Each of them may be left out."""

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from pathway.answers import ANSWER_SETS
from pathway.planner.day import (
    MOST_POINTS,
    DaySpec,
    DischargeItem,
    DischargeSpec,
    ItemKind,
    ReadinessCheck,
    SatisfiedBy,
    Score,
    ScoreItem,
    Stands,
)
from pathway.planner.spec import Protocol
from pathway.protocol_file.findings import Findings, did_you_mean, listed
from pathway.protocol_file.places import milestone_keys
from pathway.protocol_file.table import Table


def read_day(top: Table) -> DaySpec:
    """What the file says of the procedure's day."""
    fasting, discharge = top.optional("fasting"), top.optional("discharge")
    day = DaySpec(
        long_food=fasting.length("long_food") if fasting else None,
        long_clear=fasting.length("long_clear") if fasting else None,
        readiness=tuple(_read_check(table) for table in top.tables("readiness", required=False)),
        discharge=_read_discharge(discharge) if discharge else None,
    )
    if fasting:
        fasting.finish()
    if discharge:
        discharge.finish()
    return day


def check_day(protocol: Protocol, findings: Findings) -> None:
    """What the sections name exists, no key is used twice, and a score can be passed and failed."""
    day, known = protocol.day, milestone_keys(protocol)
    _check_keys("readiness", [check.key for check in day.readiness], findings)
    if day.discharge is None:
        return
    _check_keys("discharge items", [item.key for item in day.discharge.items], findings)
    _check_keys("discharge scores", [score.key for score in day.discharge.scores], findings)
    for index, item in enumerate(day.discharge.items):
        for key in item.milestones:
            if key not in known:
                told = f'"{key}" is no milestone: {listed(known)}.{did_you_mean(key, known)}'
                findings.add(f'discharge items[{index}] "{item.key}"', "milestones", told)
    for index, score in enumerate(day.discharge.scores):
        table = f'discharge scores[{index}] "{score.key}"'
        _check_keys(f"{table} items", [item.key for item in score.items], findings)
        if score.items and score.pass_at > score.best:
            told = f"{score.pass_at} cannot be reached: {len(score.items)} items make {score.best} at most."
            findings.add(table, "pass_at", told)


def _check_keys(table: str, keys: Iterable[str], findings: Findings) -> None:
    for key, count in Counter(keys).items():
        if key and count > 1:
            findings.add(table, "key", f'"{key}" is used twice: give each its own key.')


def _read_check(table: Table) -> ReadinessCheck:
    """One `[[readiness]]`."""
    satisfied_by = table.choice("satisfied_by", get_args(SatisfiedBy))
    answers = table.choice("answers", tuple(ANSWER_SETS), required=satisfied_by == "answer")
    if answers and satisfied_by != "answer":
        table.wrong("answers", 'goes with satisfied_by = "answer" only: take one of the two away.')
    check = ReadinessCheck(
        key=table.key("key", "a key such as ride"),
        title=table.text("title", "what has to be so", longest=120),
        satisfied_by=satisfied_by or "person",  # type: ignore[arg-type]
        stands=table.choice("stands", get_args(Stands)) or "day",  # type: ignore[arg-type]
        answers=answers,
    )
    table.finish()
    return check


def _read_discharge(table: Table) -> DischargeSpec:
    return DischargeSpec(
        scores=tuple(_read_score(inner) for inner in table.tables("scores", required=False)),
        items=tuple(_read_item(inner) for inner in table.tables("items")),
    )


def _read_score(table: Table) -> Score:
    """One `[[discharge.scores]]`."""
    score = Score(
        key=table.key("key", "a key such as aldrete"),
        title=table.text("title", "the name of the score", longest=80),
        pass_at=table.positive("pass_at"),
        items=tuple(_read_score_item(inner) for inner in table.tables("items")),
    )
    table.finish()
    return score


def _read_score_item(table: Table) -> ScoreItem:
    points = table.words("points")
    if len(points) != MOST_POINTS + 1:
        table.wrong("points", 'says when it counts 0, 1 and 2: give three texts, such as ["none", "some", "all"].')
        points = ("",) * (MOST_POINTS + 1)
    item = ScoreItem(table.key("key", "a key such as breathing"), table.text("title", "the name of the item"), points)
    table.finish()
    return item


def _read_item(table: Table) -> DischargeItem:
    """One `[[discharge.items]]`."""
    kind = table.choice("kind", get_args(ItemKind))
    choices, milestones = table.words("choices"), table.words("milestones")
    for field, given, wanted in (("choices", choices, "choice"), ("milestones", milestones, "visits")):
        if kind == wanted and not given:
            table.wrong(field, f'is missing: kind = "{wanted}" needs it.')
        elif given and kind and kind != wanted:
            table.wrong(field, f'goes with kind = "{wanted}" only: take it away.')
    item = DischargeItem(
        key=table.key("key", "a key such as walked"),
        title=table.text("title", "what has to be so", longest=120),
        kind=kind or "yes",  # type: ignore[arg-type]
        choices=choices,
        milestones=milestones,
    )
    table.finish()
    return item
