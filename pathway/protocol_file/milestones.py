"""What the kinds of milestones ask of a protocol: one procedure, one way home, and follow-ups that have a window."""

from pathway.planner.spec import MilestoneSpec, Protocol
from pathway.protocol_file.findings import Findings
from pathway.protocol_file.order import bounds
from pathway.protocol_file.places import milestone_table

ONCE = ("consult", "procedure", "discharge")
PROCEDURE = "procedure"


def check_milestones(protocol: Protocol, findings: Findings) -> None:
    """Add a finding for every milestone whose kind does not fit the others, or lacks what its kind needs."""
    seen: set[str] = set()
    for index, spec in enumerate(protocol.milestones):
        table = milestone_table(index, spec)
        if spec.kind in ONCE and spec.kind in seen:
            findings.add(table, "kind", f'"{spec.kind}" is the kind of another milestone: a journey has one of them.')
        seen.add(spec.kind)
        if (spec.kind == PROCEDURE) != (spec.key == PROCEDURE):
            told = 'the milestone with the key "procedure" is the one of the kind "procedure": give it both or neither.'
            findings.add(table, "kind", told)
        if spec.kind == "follow-up":
            check_window(spec, findings, table=table)


def check_window(spec: MilestoneSpec, findings: Findings, *, table: str) -> None:
    """A follow-up says when it should be, so that somebody hears in time that nobody has booked it."""
    for field in ("expected", "book_from", "book_until"):
        if getattr(spec, field) is None and not findings.has(table, field):
            told = f"is missing: a follow-up needs {field}, or nobody would hear that it is not booked."
            findings.add(table, field, told)
    opens, closes = spec.book_from, spec.book_until
    if opens is None or closes is None or opens.anchor != closes.anchor:
        return
    if spec.expected is not None and spec.expected.anchor == opens.anchor:
        target = bounds(spec.expected)
        if target[1] < bounds(opens)[0] or target[0] > bounds(closes)[1]:
            findings.add(table, "expected", "lies outside the window from book_from to book_until: move one of them.")
