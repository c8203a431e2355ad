"""Is it still right to send this, now? Everything is asked again when a reminder is due, since a plan can be days old.

`verdict` decides from facts that `with_facts` loaded and queries nothing. The order of the questions is the order in
which a nurse would ask them; the first "no" is the reason that staff read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.dispatcher.facts import messages_of, protocol_behind, spec_behind, usable_contacts
from notifications.models import MessageState
from pathway.models import MilestoneStatus, Reminder
from pathway.planner.clock import Window, sending_hours, to_utc
from pathway.states import JOURNEY_ENDED
from patients.models import ContactPoint


@dataclass(frozen=True, slots=True)
class Go:
    """Send it to this contact; the sending must start before `until` (UTC)."""

    contact: ContactPoint
    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Not at this hour: try again at `run_at` (UTC)."""

    run_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """One of its messages is proven to have been taken at `sent_at` (UTC)."""

    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """It has become wrong. `tell` says whether a person must know."""

    reason: str
    tell: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """The patient should have heard this and cannot by message: a person takes over, under this kind of work item."""

    reason: str
    kind: str = "missed-message"


Verdict = Go | Wait | AlreadySent | Withdraw | Miss


def verdict(reminder: Reminder, *, now: datetime, kinds: frozenset[str]) -> Verdict:
    """What to do with a claimed reminder at `now`. `kinds` are the kinds of contact that a channel exists for."""
    proven = [m.sent_at for m in messages_of(reminder) if m.sent_at and m.state != MessageState.FAILED]
    if proven:
        return AlreadySent(min(proven))
    obstacle = what_has_changed(reminder) or who_may_not_be_written_to(reminder, now=now)
    if obstacle is not None:
        return obstacle
    contacts = usable_contacts(reminder, kinds)
    if not contacts:
        return Miss("No phone number or address is left to which it could be sent.")
    return at_this_hour(reminder, contacts[0], now=now)


def what_has_changed(reminder: Reminder) -> Withdraw | Miss | None:
    """Whether the journey, its milestone or the signed hold behind the words is gone."""
    journey = reminder.journey
    if journey.state in JOURNEY_ENDED and not tells_a_cancellation(reminder):
        return Withdraw(f"The journey has ended ({journey.get_state_display().lower()}).")
    if reminder.needs_booked:
        booked = {m.key for m in journey.milestones.all() if m.status != MilestoneStatus.EXPECTED}
        if reminder.needs_booked not in booked:
            return Miss("Nobody has booked a time for it.", kind="book-visit")
    if speaks_of_a_hold(reminder) and not tells_a_cancellation(reminder) and not has_signed_hold(reminder):
        return Withdraw("No signed medicine plan stands behind it.", tell=True)
    return None


def who_may_not_be_written_to(reminder: Reminder, *, now: datetime) -> Miss | None:
    """Whether the patient stopped the messages, or never agreed to them."""
    patient = reminder.journey.patient
    if patient.stopped_at is not None:
        return Miss("The patient stopped the messages.")
    agreed = any(
        consent.given_at <= now and (consent.revoked_at is None or consent.revoked_at > now)
        for consent in patient.consents.all()
    )
    return None if agreed else Miss("The patient has not agreed to messages.")


def at_this_hour(reminder: Reminder, contact: ContactPoint, *, now: datetime) -> Go | Wait | Miss:
    """Send inside the window; outside it wait for the next one where the reminder may, else a person takes over.

    The window is the narrower of the protocol's and the clinic's, on the patient's clock.
    """
    patient, protocol = reminder.journey.patient, protocol_behind(reminder)
    opens, closes = sending_hours(protocol, patient.clinic.window_opens, patient.clinic.window_closes)
    window = Window(opens, closes, timedelta(0), patient.tz)
    if window.is_open(now):
        closing = to_utc(datetime.combine(now.astimezone(patient.tz).date(), closes), patient.tz)
        return Go(contact, until=min(reminder.useful_until, closing))
    opening = window.next_opening(now)
    if reminder.waits_for_window and opening < reminder.useful_until:
        return Wait(opening, "It waits for the sending hours.")
    return Miss("It was due outside the sending hours and could not wait for the next.")


def tells_a_cancellation(reminder: Reminder) -> bool:
    """Whether it takes back what was told: owed also by an ended journey, and once a hold is no longer signed."""
    if reminder.base_key.endswith("/cancelled"):
        return True
    protocol = protocol_behind(reminder)
    return any(reminder.text == spec.cancelled for step in protocol.steps for spec in step.reminders)


def speaks_of_a_hold(reminder: Reminder) -> bool:
    """Whether its words belong to the medicine plan, by its key or by its text."""
    specs = [spec for step in protocol_behind(reminder).steps for spec in step.reminders if spec.for_each_hold]
    own = spec_behind(reminder)
    return (own is not None and own.for_each_hold) or reminder.text in {spec.text for spec in specs}


def has_signed_hold(reminder: Reminder) -> bool:
    """Whether a hold that a prescriber signed and nobody declined stands behind it.

    Its key, or one that was merged into it, must be that of such a hold's drug: `medication-plan/ready/apixaban`.
    """
    signed = [hold.drug for hold in reminder.journey.signed_holds]  # type: ignore[attr-defined]
    spec = spec_behind(reminder)
    if spec is None or not spec.for_each_hold:
        return bool(signed)
    keys = [reminder.base_key, *reminder.covers]
    own = [f"{spec.key}/{drug}" for drug in signed]
    return any(key == mine or key.startswith(f"{mine}/") for key in keys for mine in own)
