"""What the table proposes for a patient's list of medicines: drafts, and what a person has to answer first."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from pathway.actions.hold_changes import NotAPrescriber
from pathway.actions.hold_tasks import keep_items
from pathway.actions.holds import decline_hold, draft_from_table, draft_hold
from pathway.actions.replan import replan
from pathway.actions.work_items import NewItem
from pathway.holds.proposing import Ask, DraftHold, propose
from pathway.holds.shipped import hold_table
from pathway.models import Journey, MedicationHold, Priority
from pathway.planner import Duration, iso_duration
from pathway.planner.clock import DAY, HOUR
from pathway.queries.holds import DECISIONS, as_medicine, hold_patient, is_longer, medicines_taken, visit_of
from pathway.queries.prescribers import is_prescriber
from pathway.queries.protocols import protocol_of
from pathway.staff_words import in_words
from pathway.states import HOLD_SIGNED, JOURNEY_ENDED, HoldState, JourneyState
from patients.models import Medication, Staff

MEDICINE = "medicine:"
"""How the causes of the tasks about a medicine on the list begin."""

URGENT_BELOW = 10 * DAY
"""With less time than this before the procedure such a task is urgent: the longest hold is ten days (D)."""


@transaction.atomic
def draft_holds(*, journey: Journey, by: Staff | None, now: datetime) -> None:
    """Draft what the table proposes, and keep one task for each thing it leaves to a person. Nothing is ever signed.

    Done again it changes nothing. A draft whose medicine changed takes the new values; one whose medicine left the
    list is declined. What is signed stays as it is, and a prescriber is told. A draft that a prescriber declined is not
    made again unless the table proposes something else.
    """
    journey = Journey.objects.select_for_update(of=("self",), no_key=True).select_related(
        "patient__clinic", "clinic", "protocol_version"
    ).defer("protocol_version__source").get(pk=journey.pk)  # fmt: skip
    visit = visit_of(journey)
    over = JourneyState(journey.state) in JOURNEY_ENDED or (visit is not None and visit.done)
    listed = [] if over else medicines_taken(journey.patient_id)
    patient = hold_patient(journey, now=now)
    earliest = protocol_of(journey.protocol_version).restart_not_before
    asks: list[tuple[Medication, Ask]] = []
    proposed: dict[str, tuple[Medication, DraftHold]] = {}
    for row in listed:
        beside = [as_medicine(other) for other in listed if other.pk != row.pk]
        found = propose(hold_table(), as_medicine(row), beside=beside, patient=patient, now=now)
        asks += [(row, ask) for ask in found.asks]
        if found.hold is None:
            continue
        draft = _not_restarted_sooner(found.hold, earliest)
        if draft.drug in proposed:
            first = proposed[draft.drug][0].name
            why = f"{row.name} and {first} are one medicine, and both are on the list: find out which is taken."
            asks.append((row, Ask("medicine-unclear", why)))
            continue
        proposed[draft.drug] = row, draft
    decided = _held_by_hand(journey)
    asks = [(row, ask) for row, ask in asks if row.pk not in decided or ask.kind not in DECISIONS]
    proposed = {drug: found for drug, found in proposed.items() if found[0].pk not in decided}
    asks += [] if over else _bring_in_line(journey, proposed, by, now)
    urgent = visit is not None and visit.at - now < URGENT_BELOW
    booked_for = f"{visit.at:%Y%m%dT%H%MZ}" if visit is not None else ""
    items = [_item(journey, row, ask, urgent, booked_for, now) for row, ask in asks]
    keep_items(journey, MEDICINE, {item.cause: item for item in items}, now)


def _held_by_hand(journey: Journey) -> set[int | None]:
    """The medicines on the list for which a prescriber has decided on a hold."""
    holds = MedicationHold.objects.filter(journey=journey, table_version="").exclude(state=HoldState.DECLINED)
    return set(holds.values_list("medication_id", flat=True))


@transaction.atomic
def draft_decided(
    *, journey: Journey, medication: Medication, duration: str, restart_after: str, needs_inr: bool, why: str,
    by: Staff, now: datetime,
) -> MedicationHold:  # fmt: skip
    """Draft a hold that a prescriber of the clinic has decided on: the table does not know the medicine, or proposes
    no days for it. Signed it is afterwards, like any other. `NotAPrescriber`, or `ValueError` as `draft_hold`."""
    if not is_prescriber(by, clinic_id=journey.clinic_id):
        raise NotAPrescriber(f"{by} is not a prescriber of this clinic.")
    if not why.strip():
        raise ValueError("Say why it is held. It stays in the history.")
    hold = draft_hold(
        journey=journey, drug=medication.name, duration=duration, restart_after=restart_after, medication=medication,
        needs_inr=needs_inr, note=f"By hand, decided by {by}: {why.strip()}", by=by, now=now,
    )  # fmt: skip
    draft_holds(journey=journey, by=by, now=now)
    replan(journey, by=by, now=now)
    return hold


def _not_restarted_sooner(draft: DraftHold, earliest: Duration | None) -> DraftHold:
    """The draft with a restart no sooner than the protocol says, and the signer told why; what has no date has none."""
    if earliest is None or not draft.restart_after or not is_longer(iso_duration(earliest), draft.restart_after):
        return draft
    length = in_words(iso_duration(earliest))
    note = f"By this protocol it is not restarted sooner than {length} after the procedure, whatever the table says."
    return replace(draft, restart_after=iso_duration(earliest), restart_from="", note=f"{note} {draft.note}".strip())


def _item(journey: Journey, row: Medication, ask: Ask, urgent: bool, booked_for: str, now: datetime) -> NewItem:
    priority = Priority.ROUTINE if ask.routine else Priority.URGENT if urgent else Priority.SOON
    return NewItem(
        journey=journey,
        kind=ask.kind,
        cause=f"{MEDICINE}{row.pk}:{ask.kind}:{row.variant}:{booked_for}"[:120],
        why=ask.why,
        say=ask.say,
        due_at=now + (4 * HOUR if priority is Priority.URGENT else DAY),
        priority=priority,
    )


def _bring_in_line(
    journey: Journey, proposed: dict[str, tuple[Medication, DraftHold]], by: Staff | None, now: datetime
) -> list[tuple[Medication, Ask]]:
    """Make, change and decline drafts; what a prescriber has to decide about holds that are signed is returned."""
    holds = list(MedicationHold.objects.filter(journey=journey).select_related("medication", "journey").order_by("pk"))
    alive = {hold.drug: hold for hold in holds if hold.state != HoldState.DECLINED}
    declined = {
        (hold.drug, hold.drafted_duration, hold.table_version)
        for hold in holds
        if hold.state == HoldState.DECLINED and hold.signed_at is None and hold.table_version
    }
    asks = []
    for drug, (row, draft) in proposed.items():
        hold = alive.get(drug)
        if hold is None:
            if (drug, draft.duration, hold_table().version) not in declined:
                draft_from_table(journey=journey, medication=row, draft=draft, by=by, now=now)
        elif hold.state == HoldState.DRAFTED and hold.table_version and _differs(hold, row, draft):
            draft_from_table(journey=journey, medication=row, draft=draft, by=by, now=now)
        elif HoldState(hold.state) in HOLD_SIGNED and hold.table_version and draft.duration != hold.drafted_duration:
            asks += _outgrown(hold, row, draft)
    for drug, hold in alive.items():
        if drug in proposed or hold.medication is None:
            continue
        if not hold.table_version and hold.medication.stopped_at is None:
            continue  # decided by hand, and still taken
        if hold.state == HoldState.DRAFTED:
            decline_hold(hold=hold, reason="the list of medicines no longer asks for it", by=None, now=now)
        elif HoldState(hold.state) in HOLD_SIGNED:
            why = f"{drug}: its hold is signed, and the list of medicines no longer asks for it. A prescriber decides."
            asks.append((hold.medication, Ask("hold-decision", why)))
    return asks


def _differs(hold: MedicationHold, row: Medication, draft: DraftHold) -> bool:
    return (
        hold.medication_id, hold.row, hold.table_version, hold.duration, hold.shortest, hold.restart_after,
        hold.restart_when, hold.needs_inr, hold.needs_cardiology, hold.note,
    ) != (
        row.pk, draft.row, hold_table().version, draft.duration, draft.shortest, draft.restart_after,
        draft.restart_when, draft.needs_inr, draft.needs_cardiology, draft.note,
    )  # fmt: skip


def _outgrown(hold: MedicationHold, row: Medication, draft: DraftHold) -> list[tuple[Medication, Ask]]:
    """A signed hold that new facts make too short: for instance kidneys that turned out to be impaired."""
    if not is_longer(draft.shortest or draft.duration, hold.duration):
        return []
    why = (
        f"{hold.drug} is signed for {in_words(hold.duration)}; by what is known now the table asks for "
        f"{in_words(draft.duration)}. A prescriber decides."
    )
    return [(row, Ask("hold-decision", why))]
