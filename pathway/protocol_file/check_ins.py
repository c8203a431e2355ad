"""The check-ins of a protocol: `[[check_in_questions]]`, and `[[check_ins]]` that each ask some of them."""

from collections.abc import Mapping, Sequence
from typing import cast, get_args

from pathway.check_ins import HIGHEST, LOWEST, REPLY, YES_NO
from pathway.planner.spec import (
    DERIVED_ANCHORS,
    CheckInQuestion,
    CheckInSpec,
    Level,
    Moment,
    Protocol,
    Wording,
)
from pathway.protocol_file.findings import Findings, did_you_mean, listed
from pathway.protocol_file.order import surely_before
from pathway.protocol_file.places import milestone_keys
from pathway.protocol_file.table import Table

KINDS = ("yes-no", "number", "choice")
LEVELS: tuple[Level, ...] = get_args(Level)
NOWHERE = Moment(anchor="")


def read_check_ins(top: Table, languages: Sequence[str]) -> tuple[CheckInSpec, ...]:
    """Both lists; a protocol without them asks nobody how they are."""
    questions: dict[str, CheckInQuestion] = {}
    for table in top.tables("check_in_questions", required=False):
        question = read_question(table, languages)
        if question.key == REPLY:
            table.wrong("key", f'"{REPLY}" is what a text says: give the question another key.')
        if question.key in questions:
            table.wrong("key", "is used twice: give every question its own key.")
        questions[question.key] = question
    return tuple(read_check_in(table, languages, questions) for table in top.tables("check_ins", required=False))


def read_question(table: Table, languages: Sequence[str]) -> CheckInQuestion:
    """One `[[check_in_questions]]`."""
    kind = table.choice("kind", KINDS)
    level = table.choice("level", LEVELS, required=False)
    question = CheckInQuestion(
        key=table.key("key", "a key such as fever"),
        kind=kind,
        ask=table.wording("ask", languages),
        staff=table.text("staff", "what staff call it, in English, such as Fever over 101.5 °F", longest=80),
        level=cast(Level, level) if level else None,
        when=table.words("when"),
        at_least=table.positive("at_least") if "at_least" in table.raw else None,
        options=read_options(table, languages) if kind == "choice" else {},
        say=table.wording("say", languages, required=bool(level) and level != "expected"),
        tell=table.wording("tell", languages, required=level == "expected"),
        only_with_hold=table.choice("only_for", ("hold",), required=False) == "hold",
        measure=table.key("measure", "the key of a measure such as pain", required=False),
    )
    if question.measure and kind != "number":
        table.wrong("measure", 'goes with kind = "number" only: take it away.')
    check_sign(table, question)
    table.known += ["at_least", "options"]
    table.finish()
    return question


def read_options(table: Table, languages: Sequence[str]) -> Mapping[str, Wording]:
    """The options of a choice: a table of keys, each with its words."""
    raw = table.take("options", dict, 'the options, such as { good = { en = "Good" }, bad = { en = "Bad" } }')
    if not isinstance(raw, dict):
        return {}
    inner = Table(raw, table.where, table.findings, prefix=f"{table.prefix}options.")
    found = {key: inner.wording(key, languages) for key in raw if inner.is_key(key)}
    for key in raw:
        if key not in found:
            inner.known.append(key)
            inner.wrong(key, "is not a key: lowercase letters, digits and single hyphens.")
    if len(found) < 2:
        table.wrong("options", "has fewer than two: give at least two to choose from.")
    return found


def check_sign(table: Table, question: CheckInQuestion) -> None:
    """An answer that is a sign exists, and says how grave it is."""
    by = "at_least" if question.kind == "number" else "when"
    given = question.at_least is not None if by == "at_least" else bool(question.when)
    if (question.level is not None) != given:
        missing = by if question.level is not None else "level"
        table.wrong(missing, f"is missing: a sign needs level and {by}, a plain question neither.")
    if by == "when" and question.at_least is not None:
        table.wrong("at_least", "is for numbers: name the answers in when.")
    if by == "at_least" and question.when:
        table.wrong("when", "is for answers in words: give the number in at_least.")
    if question.at_least is not None and question.at_least > HIGHEST:
        table.wrong("at_least", f"is more than anybody can answer: give 1 to {HIGHEST}.")
    allowed = YES_NO if question.kind == "yes-no" else tuple(question.options)
    for answer in question.when if question.kind in ("yes-no", "choice") else ():
        if answer not in allowed:
            near = did_you_mean(answer, allowed)
            table.wrong("when", f'"{answer}" cannot be answered here: {listed(allowed)}.{near}')


def read_check_in(table: Table, languages: Sequence[str], questions: Mapping[str, CheckInQuestion]) -> CheckInSpec:
    """One `[[check_ins]]` with the questions that it names."""
    keys = table.words("questions")
    if not keys:
        table.wrong("questions", "names none: give the keys of the questions to ask, in order.")
    for key in keys:
        if key not in questions:
            table.wrong("questions", f'there is no question "{key}".{did_you_mean(key, questions)}')
    if len(set(keys)) < len(keys):
        table.wrong("questions", "names a question twice: take one away.")
    spec = CheckInSpec(
        key=table.key("key", "a key such as day-1"),
        title=table.wording("title", languages),
        opens=table.moment("opens") or NOWHERE,
        due=table.moment("due") or NOWHERE,
        closes=table.moment("closes") or NOWHERE,
        questions=tuple(questions[key] for key in dict.fromkeys(keys) if key in questions),
        step=table.key("step", "the step whose text asks for it", required=False),
        if_silent=table.choice("if_silent", ("urgent", "routine")),
    )
    table.finish()
    return spec


def check_check_ins(protocol: Protocol, findings: Findings) -> None:
    """Check-ins have keys of their own, moments in order, counted from something that exists, and gravest first."""
    anchors, steps = (*milestone_keys(protocol), *DERIVED_ANCHORS), {one.key for one in protocol.steps}
    seen: set[str] = set()
    for index, spec in enumerate(protocol.check_ins):
        table = f'check_ins[{index}] "{spec.key}"'
        if spec.key in seen:
            findings.add(table, "key", "is used twice: give every check-in its own key.")
        seen.add(spec.key)
        for field in ("opens", "due", "closes"):
            anchor = getattr(spec, field).anchor
            if anchor and anchor not in anchors:
                told = f'"{anchor}" is unknown.{did_you_mean(anchor, anchors)} Known here: {listed(anchors)}.'
                findings.add(table, f"{field}.from", told)
        if surely_before(spec.due, spec.opens):
            findings.add(table, "due", "is before opens: give a later moment.")
        if surely_before(spec.closes, spec.due):
            findings.add(table, "closes", "is before due: give a later moment.")
        if spec.step and spec.step not in steps:
            findings.add(table, "step", f'there is no step "{spec.step}".{did_you_mean(spec.step, steps)}')
        check_gravest_first(spec, findings, table=table)
        check_measured(protocol, spec, findings, table=table)


def check_measured(protocol: Protocol, spec: CheckInSpec, findings: Findings, *, table: str) -> None:
    """What is kept as a measure is one, asked on this occasion, and takes every answer."""
    measures = {one.key: one for one in protocol.measures}
    for question in spec.questions:
        measure = measures.get(question.measure)
        if not question.measure:
            continue
        if measure is None:
            near = did_you_mean(question.measure, measures)
            told = f'question "{question.key}" is kept as "{question.measure}", which is no measure.{near}'
        elif spec.step not in measure.asked_at:
            told = f'question "{question.key}": measure "{measure.key}" is not asked_at "{spec.step}": add it there.'
        elif measure.lowest > LOWEST or measure.highest < HIGHEST:
            told = f'question "{question.key}" is answered {LOWEST} to {HIGHEST}, and "{measure.key}" takes less.'
        else:
            continue
        findings.add(table, "questions", told)


def check_gravest_first(spec: CheckInSpec, findings: Findings, *, table: str) -> None:
    """Whoever stops half-way has been asked about what is an emergency."""
    emergencies = [index for index, one in enumerate(spec.questions) if one.level == "emergency"]
    if emergencies and emergencies != list(range(len(emergencies))):
        findings.add(table, "questions", "asks about an emergency late: put the emergency questions first.")
