"""What the table says about one medicine of one patient: a draft, or what a person has to answer or decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pathway.holds.names import Match, match
from pathway.holds.rows import HoldTable, Row
from pathway.planner.clock import shift

AskKind = Literal[
    "medicine-unknown", "medicine-unclear", "hold-decision", "clearance-needed", "ask-stent", "medicine-flag",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine as it stands on the patient's list.

    `variant` is what a person answered where a fact decides between rows. `has_stent`, `has_risk_flag`: None as long as
    nobody asked.
    """

    name: str
    rxcui: str = ""
    variant: str = ""
    has_stent: bool | None = None
    has_risk_flag: bool | None = None


@dataclass(frozen=True, slots=True)
class LabValue:
    """One result: its number, in the unit of its gate, and when it was taken (UTC)."""

    value: Decimal
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Patient:
    """What a proposal depends on besides the medicine. `clearance`: the newest creatinine clearance in mL/min."""

    age: int
    zone: ZoneInfo
    clearance: LabValue | None = None


@dataclass(frozen=True, slots=True)
class DraftHold:
    """A hold to draft. Durations are ISO 8601; of `restart_after` and `restart_when` one is empty.

    `shortest` and `restart_from` are the other end of the table's range, empty without one. `note` is for the signer.
    """

    drug: str
    row: str
    duration: str
    shortest: str
    restart_after: str
    restart_from: str
    restart_when: str
    needs_inr: bool
    needs_cardiology: bool
    note: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Something a person has to answer or decide about a medicine, and what to say to the patient."""

    kind: AskKind
    why: str
    say: str = ""
    routine: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft, or none, and what a person has to do. Nothing at all: the table says that nothing is to be done."""

    hold: DraftHold | None = None
    asks: tuple[Ask, ...] = ()


def propose(
    table: HoldTable, medicine: Medicine, *, beside: Iterable[Medicine] = (), patient: Patient, now: datetime
) -> Proposal:
    """What the table says about a medicine, given the others on the list (`beside`). Never a guess: see `Match`."""
    matches = [match(table, name=one.name, rxcui=one.rxcui, variant=one.variant) for one in beside]
    found = match(table, name=medicine.name, rxcui=medicine.rxcui, variant=medicine.variant)
    if found.kind == "found" and (follows := found.row.follows_beside):
        leading = next((one for one in matches if any(row.name == follows for row in one.rows)), None)
        if leading is not None:
            return _like_the_other(table, medicine, found.row, leading, patient, now)
    if found.kind == "found":
        return _by_row(table, medicine, found, [row for one in matches for row in one.rows], patient, now)
    return Proposal(asks=(_not_found(medicine, found),))


def _not_found(medicine: Medicine, found: Match) -> Ask:
    """The task for a medicine that means no one row."""
    name = medicine.name
    if found.kind == "undecided":
        ways = " or ".join(f"{row.variant_says or row.name}" for row in found.rows)
        return Ask(
            "medicine-unclear",
            f"{name}: write down how it is taken, {ways}. Nothing is drafted before that.",
            f"Ask how and why {name} is taken: {ways}?",
        )
    if found.kind == "combination":
        parts = ", ".join(found.parts)
        return Ask(
            "hold-decision", f"{name} is a combination of {parts}: one part cannot be held alone. A prescriber decides."
        )
    if found.kind == "contradiction":
        code, said = found.parts[0], found.parts[-1]
        return Ask(
            "medicine-unclear",
            f"{name}: its code {medicine.rxcui} means {code}, its name {said}. Find out which, and mend the list.",
            "Ask the patient to read out the label.",
        )
    return Ask("medicine-unknown", f"{name} is not in the table of holds: a prescriber decides whether it is held.")


def _like_the_other(
    table: HoldTable, medicine: Medicine, row: Row, leading: Match, patient: Patient, now: datetime
) -> Proposal:
    """A medicine that follows another one beside it, for instance dipyridamole with aspirin."""
    name = leading.rows[0].name
    if leading.kind != "found":
        why = f"{medicine.name} is taken with {name} and follows its rule: settle {name} first."
        return Proposal(asks=(Ask("medicine-unclear", why),))
    other = leading.row
    if other.action != "hold":
        return Proposal(asks=(Ask("hold-decision", f"{medicine.name} is taken with {name}: {other.note}"),))
    draft = _draft(table, medicine, other, other.hold, other.hold_from, f"As {name}, beside which it is taken.")
    return Proposal(_named(draft, row))


def _named(draft: DraftHold, row: Row) -> DraftHold:
    return DraftHold(
        row.name, row.key, draft.duration, draft.shortest, draft.restart_after, draft.restart_from, draft.restart_when,
        draft.needs_inr, draft.needs_cardiology, draft.note,
    )  # fmt: skip


def _by_row(
    table: HoldTable, medicine: Medicine, found: Match, beside: list[Row], patient: Patient, now: datetime
) -> Proposal:
    row = found.row
    if row.action == "decide":
        return Proposal(asks=(Ask("hold-decision", f"{medicine.name}: {row.note} A prescriber decides."),))
    if row.action == "continue":
        return Proposal(asks=_flags(medicine, row, beside, patient))
    if row.action == "none":
        return Proposal()
    asks: list[Ask] = []
    length, shortest, extra = row.hold, row.hold_from, ""
    if "creatinine-clearance" in row.gates:
        value = usable_clearance(table, patient, now)
        if value is None:
            why = f"{row.name}: a creatinine clearance in mL/min is needed before a hold can be drafted."
            return Proposal(asks=(Ask("clearance-needed", why),))
        if value < table.clearance.decide_below:
            why = f"{row.name}: creatinine clearance {value} mL/min is too low for the table. A prescriber decides."
            return Proposal(asks=(Ask("hold-decision", why),))
        extra = f"Creatinine clearance {value} mL/min."
        if value < table.clearance.impaired_below:
            length, shortest = row.hold_impaired, row.hold_impaired_from
    if "stent" in row.gates and medicine.has_stent is None:
        why = f"{row.name}: is there a stent in the heart or elsewhere? With one, cardiology has to agree first."
        asks.append(Ask("ask-stent", why, "Ask: do you have a stent? When was it put in, and by whom?"))
    if found.by == "code":
        extra = f"Matched by its code alone: the list says “{medicine.name}”. {extra}".strip()
    return Proposal(_draft(table, medicine, row, length, shortest, extra), tuple(asks))


def usable_clearance(table: HoldTable, patient: Patient, now: datetime) -> Decimal | None:
    """The creatinine clearance in mL/min while it is new enough to go by."""
    found = patient.clearance
    if found is None or shift(found.taken_at, table.clearance.within, patient.zone) < now:
        return None
    return found.value


def _draft(table: HoldTable, medicine: Medicine, row: Row, length: str, shortest: str, extra: str) -> DraftHold:
    ask = f"Ask: {row.ask}" if row.ask else ""
    return DraftHold(
        drug=row.name,
        row=row.key,
        duration=length,
        shortest=shortest,
        restart_after=row.restart,
        restart_from=row.restart_from,
        restart_when=row.restart_when,
        needs_inr="inr" in row.gates,
        needs_cardiology="stent" in row.gates and medicine.has_stent is not False,
        note=" ".join(part for part in (row.note, ask, extra, f"Source: {row.source} ({row.confidence}).") if part),
    )


def _flags(medicine: Medicine, row: Row, beside: list[Row], patient: Patient) -> tuple[Ask, ...]:
    """A medicine that goes on: whether somebody has to look at it, or to ask first."""
    name, seen = medicine.name, []
    others = sorted({one.name for one in beside if one.drug_class in row.flag_beside})
    if others:
        seen.append(f"taken with {' and '.join(others)}")
    if row.flag_from_age and patient.age >= row.flag_from_age:
        seen.append(f"{patient.age} years old")
    if medicine.has_risk_flag:
        seen.append(row.flag_asks)
    if seen:
        return (Ask("medicine-flag", f"{name} goes on, with a risk ({'; '.join(seen)}). {row.flag_then}"),)
    if row.flag_asks and medicine.has_risk_flag is None:
        why = f"{name} goes on by default. Ask about {row.flag_asks}. If any: {row.flag_then}"
        return (Ask("medicine-flag", why, f"Ask about: {row.flag_asks}.", routine=True),)
    return ()
