"""What no protocol may get wrong: fasting, and anything said about a medicine.

These rules do not judge a clinic's plan. They close the ways in which a slip of the pen would tell a patient to eat too
late, let a warning fall silent, or speak of a medicine that no prescriber has signed.
"""

from datetime import timedelta

from pathway.planner.spec import Moment, Protocol, ReminderSpec, StepSpec
from pathway.protocol_file.findings import Findings
from pathway.protocol_file.order import bounds
from pathway.protocol_file.places import reminder_table, steps_of

FAST_STARTS, FAST_ENDS = Moment("fast-start"), Moment("procedure")
DAY = timedelta(days=1)
SHORTEST_DAY = timedelta(hours=23)


def check_safety(protocol: Protocol, findings: Findings) -> None:
    """Add a finding for every step and reminder that could mislead a patient about food or a medicine."""
    for table, step in steps_of(protocol):
        if step.kind == "fasting":
            check_fast(step, findings, table=table)
        for index, spec in enumerate(step.reminders):
            check_reminder(step, spec, findings, table=reminder_table(table, index, spec))


def check_fast(step: StepSpec, findings: Findings, *, table: str) -> None:
    """A fast is the clinic's, which is never shorter than six hours (ASA 2017), and lasts until the procedure."""
    if step.starts != FAST_STARTS:
        told = (
            'a fast must begin exactly at { from = "fast-start" }, or the six hours that clinics keep would not hold.'
        )
        add_once(findings, table, "starts", told)
    if step.ends != FAST_ENDS:
        add_once(findings, table, "ends", 'a fast must last until the procedure: write { from = "procedure" }.')


def check_reminder(step: StepSpec, spec: ReminderSpec, findings: Findings, *, table: str) -> None:
    """What is said of food or a medicine comes in time, is never held back, and is never just left out."""
    if step.kind == "medication" and not spec.for_each_hold:
        told = 'must be "hold": no word about a medicine goes out before a prescriber has signed.'
        add_once(findings, table, "for_each", told)
    if step.kind == "fasting" and spec.moves != "earlier":
        add_once(findings, table, "moves", 'must be "earlier": told later, the patient may have eaten.')
    if step.kind == "fasting" or spec.for_each_hold:
        subject = "fasting" if step.kind == "fasting" else "a medicine"
        if spec.if_late != "call":
            told = f'must be "call": what concerns {subject} is said by a person when no text can say it in time.'
            add_once(findings, table, "if_late", told)
        if not spec.safety:
            add_once(findings, table, "safety", f"must be true: no cap may hold back what concerns {subject}.")
    if spec.for_each_hold and spec.send.anchor == "last-dose" and not surely_before_hold(spec.useful_until):
        told = (
            'may be after the hold has begun, too late for a last dose: end it at { from = "hold-start" } or earlier.'
        )
        add_once(findings, table, "useful_until", told)


def surely_before_hold(moment: Moment) -> bool:
    """Whether a moment never comes after the hold has begun.

    `last-dose` is the midnight that begins the day before; of a hold that is counted in hours it is the moment at which
    the hold begins, where the planner ends the text's use.
    """
    latest = bounds(moment)[1]
    if moment.anchor == "last-dose":
        return latest <= (SHORTEST_DAY if moment.offset.elapsed else DAY)
    return moment.anchor == "hold-start" and latest <= timedelta(0)


def add_once(findings: Findings, table: str, field: str, message: str) -> None:
    """Note a finding, unless that field is known to be wrong: the value at hand is then only a stand-in."""
    if not findings.has(table, field):
        findings.add(table, field, message)
