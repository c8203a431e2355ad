"""What must fit together in a protocol whose tables have the right shape."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from pathway.planner.spec import DERIVED_ANCHORS, HOLD_ANCHORS, Moment, Protocol
from pathway.protocol_file.asking import check_asking
from pathway.protocol_file.day import check_day
from pathway.protocol_file.findings import Findings, did_you_mean, listed
from pathway.protocol_file.order import check_order
from pathway.protocol_file.places import milestone_keys, milestone_table, reminder_table, step_table, steps_of
from pathway.protocol_file.safety import check_safety
from pathway.protocol_file.table import TOP
from pathway.protocol_file.texts import check_texts

Spec = TypeVar("Spec")
PROCEDURE = "procedure"
MILESTONE_ANCHORS = ("enrolled",)
"""What a milestone may be counted from besides other milestones: arrival and fast-start follow from the procedure."""


def check_consistency(protocol: Protocol, findings: Findings) -> None:
    """Add a finding for everything in the protocol that does not fit together."""
    check_messages(protocol, findings)
    check_keys(protocol, findings)
    check_anchors(protocol, findings)
    check_cycles(protocol, findings)
    check_order(protocol, findings)
    check_texts(protocol, findings)
    check_asking(protocol, findings)
    check_safety(protocol, findings)
    check_day(protocol, findings)


def check_messages(protocol: Protocol, findings: Findings) -> None:
    """The sending window opens before it closes and has room for its margin."""
    opens, closes = protocol.window_opens, protocol.window_closes
    length = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    if not opens < closes:
        told = "must be later than window_opens, on the same day: give a later time."
        findings.add("messages", "window_closes", told)
    elif protocol.closing_margin.total_seconds() / 60 >= length:
        told = f"must be shorter than the sending window of {length} minutes: give a shorter time."
        findings.add("messages", "closing_margin", told)


def check_keys(protocol: Protocol, findings: Findings) -> None:
    """Keys are unique, none is the name of a derived moment, and there is a procedure."""
    for index, milestone in repeated(protocol.milestones, [one.key for one in protocol.milestones]):
        findings.add(milestone_table(index, milestone), "key", "is used twice: give every milestone its own key.")
    for index, milestone in enumerate(protocol.milestones):
        if milestone.key in DERIVED_ANCHORS + HOLD_ANCHORS:
            told = "is a moment that Milepost works out by itself: give the milestone another key."
            findings.add(milestone_table(index, milestone), "key", told)
    for index, step in repeated(protocol.steps, [one.key for one in protocol.steps]):
        findings.add(step_table(index, step), "key", "is used twice: give every step its own key.")
    for table, step in steps_of(protocol):
        for index, spec in repeated(step.reminders, [one.key for one in step.reminders]):
            told = "is used twice in this step: give every reminder its own key."
            findings.add(reminder_table(table, index, spec), "key", told)
    if protocol.milestones and PROCEDURE not in milestone_keys(protocol):
        told = 'has no "procedure": arrival and fasting are worked out from it, so add a milestone with that key.'
        findings.add(TOP, "milestones", told)


def check_anchors(protocol: Protocol, findings: Findings) -> None:
    """Every moment is counted from something that exists there."""
    milestones = milestone_keys(protocol)
    for index, milestone in enumerate(protocol.milestones):
        table = milestone_table(index, milestone)
        for field in ("expected", "example", "book_from", "book_until"):
            moment = getattr(milestone, field)
            check_anchor(moment, (*milestones, *MILESTONE_ANCHORS), findings, table=table, field=field)
    for table, step in steps_of(protocol):
        if step.about and step.about not in milestones:
            told = f'"{step.about}" is no milestone: {listed(milestones)}.{did_you_mean(step.about, milestones)}'
            findings.add(table, "about", told)
        for field in ("starts", "ends", "eases"):
            check_anchor(getattr(step, field), (*milestones, *DERIVED_ANCHORS), findings, table=table, field=field)
        for index, spec in enumerate(step.reminders):
            known = (*milestones, *DERIVED_ANCHORS, *(HOLD_ANCHORS if spec.for_each_hold else ()))
            for field in ("send", "useful_until"):
                inner = reminder_table(table, index, spec)
                check_anchor(getattr(spec, field), known, findings, table=inner, field=field)


def check_anchor(moment: Moment | None, known: tuple[str, ...], findings: Findings, *, table: str, field: str) -> None:
    """One moment is counted from one of the known anchors."""
    if moment is None or not moment.anchor or moment.anchor in known:
        return
    if moment.anchor in HOLD_ANCHORS:
        told = f'"{moment.anchor}" belongs to a medicine hold: use it in reminders with for_each = "hold" only.'
    elif moment.anchor in DERIVED_ANCHORS:
        told = f'"{moment.anchor}" follows from the procedure: count a milestone from "procedure" instead.'
    else:
        told = f'"{moment.anchor}" is unknown.{did_you_mean(moment.anchor, known)} Known here: {listed(known)}.'
    findings.add(table, f"{field}.from", told)


def check_cycles(protocol: Protocol, findings: Findings) -> None:
    """No milestone is expected, directly or over others, from itself. An example stands in for an expectation."""
    follows = {
        one.key: moment.anchor for one in protocol.milestones if (moment := one.expected or one.example) is not None
    }
    for index, milestone in enumerate(protocol.milestones):
        seen = [milestone.key]
        while (anchor := follows.get(seen[-1])) is not None and anchor not in seen:
            seen.append(anchor)
        if anchor == milestone.key:
            field = "expected" if milestone.expected else "example"
            told = f"goes round in a circle ({' from '.join([*seen, milestone.key])}): count one of them from another."
            findings.add(milestone_table(index, milestone), field, told)


def repeated(specs: Iterable[Spec], keys: list[str]) -> Iterator[tuple[int, Spec]]:
    """The specs, with their places, whose key was used before."""
    seen: Counter[str] = Counter()
    for index, (spec, key) in enumerate(zip(specs, keys, strict=True)):
        seen[key] += 1
        if key and not key.endswith("/") and seen[key] > 1:
            yield index, spec
