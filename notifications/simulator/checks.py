"""What must never happen, asked after a simulation of the provider's ledger and of the rows that are left."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from notifications.models import Message
from notifications.simulator.clock import OUTAGE, TICK
from notifications.simulator.happenings import Cast, Stage
from notifications.simulator.provider import Taken
from notifications.simulator.world import HOLDS
from pathway.actions.questions import no_answer_cause
from pathway.models import JourneyEvent, MedicationHold, Origin, Question, Reminder, WorkItem
from pathway.planner.clock import Window
from pathway.planner.spec import Protocol
from pathway.queries.protocols import protocol_of
from pathway.states import REMINDER_PENDING, ReminderState
from patients.models import Clinic

REACHED = frozenset({ReminderState.SENT, ReminderState.DELIVERED, ReminderState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must never happen and did: the rule, and where."""

    rule: str
    where: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a provider took, with the reminder behind it and the life it was sent to."""

    taken: Taken
    reminder: Reminder
    cast: Cast

    @property
    def name(self) -> str:
        return f"life {self.cast.life.index}, {self.reminder.key}, {self.taken.offered_at:%Y-%m-%d %H:%M:%S}Z"


def violations(casts: Sequence[Cast], *, stage: Stage, ledger: Sequence[Taken], now: datetime) -> list[Violation]:
    """Every violation, in the order of the rules; `now` is the end of the simulation (UTC)."""
    deliveries = deliveries_of(casts, ledger)
    protocol = protocol_of(stage.version)
    clinics = [place.clinic for place in stage.places]
    return [
        *sent_twice(deliveries),
        *sent_outside_the_window(deliveries, protocol, clinics),
        *sent_too_late(deliveries),
        *sent_without_a_signature(deliveries, protocol),
        *sent_with_a_medicine_in_words(deliveries),
        *sent_after_a_cancellation(deliveries),
        *sent_without_agreement(deliveries),
        *asked_after_an_answer(deliveries),
        *left_in_silence(now=now),
        *not_accounted_for(deliveries, now=now),
    ]


def deliveries_of(casts: Sequence[Cast], ledger: Sequence[Taken]) -> list[Delivery]:
    """The ledger joined with the rows behind it."""
    behind: dict[UUID, int] = dict(Message.objects.filter(reminder__isnull=False).values_list("pk", "reminder_id"))
    reminders = Reminder.objects.in_bulk()
    by_journey = {cast.journey.pk: cast for cast in casts if cast.journey is not None}
    found = [(taken, reminders[behind[taken.reference]]) for taken in ledger]
    return [Delivery(taken, reminder, by_journey[reminder.journey_id]) for taken, reminder in found]


def duplicates(ledger: Sequence[Taken]) -> int:
    """How many times a patient read a reminder again."""
    behind = dict(Message.objects.values_list("pk", "reminder_id"))
    counts = Counter(behind[taken.reference] for taken in ledger)
    return sum(count - 1 for count in counts.values())


def sent_twice(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    seen: set[int] = set()
    for delivery in deliveries:
        if delivery.reminder.pk in seen:
            yield Violation("sent twice", delivery.name)
        seen.add(delivery.reminder.pk)


def sent_outside_the_window(
    deliveries: Sequence[Delivery], protocol: Protocol, clinics: Sequence[Clinic]
) -> Iterator[Violation]:
    """By the patient's own clock at that moment, in the hours that both the protocol and the clinic allow."""
    for delivery in deliveries:
        clinic = clinics[delivery.cast.life.clinic]
        opens = max(protocol.window_opens, clinic.window_opens)
        closes = min(protocol.window_closes, clinic.window_closes)
        zone = delivery.cast.zone_at(delivery.taken.offered_at)
        window = Window(opens, closes, timedelta(0), ZoneInfo(zone))
        if not window.is_open(delivery.taken.offered_at):
            yield Violation("sent outside the window", f"{delivery.name} in {zone}")


def sent_too_late(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    for delivery in deliveries:
        if delivery.taken.offered_at >= delivery.reminder.useful_until:
            yield Violation("sent when of no use", f"{delivery.name}, useful until {delivery.reminder.useful_until}")


def sent_without_a_signature(deliveries: Sequence[Delivery], protocol: Protocol) -> Iterator[Violation]:
    """A text of the medicine plan before a prescriber signed any hold of that journey."""
    speak = {spec.step for step in protocol.steps for spec in step.reminders if spec.for_each_hold}
    signed: Mapping[int, list[datetime]] = defaultdict(list)
    for journey_id, at in MedicationHold.objects.filter(signed_at__isnull=False).values_list("journey_id", "signed_at"):
        if at is not None:
            signed[journey_id].append(at)
    for delivery in deliveries:
        if delivery.reminder.step in speak and not any(
            at <= delivery.taken.offered_at for at in signed[delivery.reminder.journey_id]
        ):
            yield Violation("a medicine before its signature", delivery.name)


def sent_with_a_medicine_in_words(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    for delivery in deliveries:
        words = delivery.taken.body.lower()
        for drug in {drug for drug, _ in HOLDS if drug in words}:
            yield Violation("a medicine by name", f"{delivery.name}: {drug}")


def sent_after_a_cancellation(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    """Anything but the news of the cancellation itself, from the commit of a cancellation until a new booking."""
    cancelled: Mapping[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    events = JourneyEvent.objects.filter(kind__in=["cancelled", "booked", "moved"]).order_by("journey_id", "pk")
    for event in events:
        spans = cancelled[event.journey_id]
        if event.kind == "cancelled":
            spans.append((event.at, None))
        elif event.detail.get("milestone") == "procedure" and spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], event.at)
    for delivery in deliveries:
        if delivery.reminder.base_key.endswith("/cancelled"):
            continue
        for since, until in cancelled[delivery.reminder.journey_id]:
            if since < delivery.taken.offered_at and (until is None or delivery.taken.offered_at < until):
                yield Violation("sent after the journey was cancelled", delivery.name)


def sent_without_agreement(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    for delivery in deliveries:
        stopped_at = delivery.cast.stopped_at
        if stopped_at is not None and delivery.taken.offered_at > stopped_at:
            yield Violation("sent after the patient stopped the texts", delivery.name)
        if not delivery.cast.life.person.has_consent:
            yield Violation("sent without consent", delivery.name)


def asked_after_an_answer(deliveries: Sequence[Delivery]) -> Iterator[Violation]:
    """Whoever has answered is left in peace. A question closes with its first answer."""
    answered = Question.objects.exclude(answer="").values_list("reminder_id", "closed_at")
    closed = dict(answered)
    for delivery in deliveries:
        if delivery.reminder.origin == Origin.AGAIN and delivery.reminder.follows_id in closed:
            closed_at = closed[delivery.reminder.follows_id]
            if closed_at is not None and closed_at < delivery.taken.offered_at:
                yield Violation("asked again after an answer", delivery.name)


def left_in_silence(*, now: datetime) -> Iterator[Violation]:
    """No question outlives its use without an answer, a task or a reason to be closed."""
    tasks = set(WorkItem.objects.filter(kind="no-answer").values_list("cause", flat=True))
    for question in Question.objects.select_related("reminder").order_by("pk"):
        name = f"journey {question.journey_id}, {question.reminder.key}"
        spent = question.reminder.useful_until < now - OUTAGE - TICK
        if spent and question.closed_at is None and question.told_at is None and question.tell_at is not None:
            yield Violation("nobody answered and nobody was told", name)
        if question.told_at is not None and no_answer_cause(question) not in tasks:
            yield Violation("told to nobody", name)
        if question.told_at is not None and question.told_at >= question.reminder.useful_until + OUTAGE + TICK:
            yield Violation("told when it was of no use", name)


def not_accounted_for(deliveries: Sequence[Delivery], *, now: datetime) -> Iterator[Violation]:
    """Rows and ledger tell the same story, every row that a plan made is there, and nothing due was left behind."""
    reached = {delivery.reminder.pk for delivery in deliveries}
    for delivery in deliveries:
        if delivery.reminder.state not in REACHED:
            yield Violation(f"taken by the provider, but {delivery.reminder.state}", delivery.name)
    overdue = now - OUTAGE - TICK
    for reminder in Reminder.objects.order_by("pk"):
        name = f"journey {reminder.journey_id}, {reminder.key}"
        if reminder.state in (ReminderState.SENT, ReminderState.DELIVERED) and reminder.pk not in reached:
            yield Violation("sent, but unknown to the provider", name)
        if reminder.state in REMINDER_PENDING and reminder.run_at < overdue:
            yield Violation("left behind", f"{name}, due {reminder.run_at}")
    created = JourneyEvent.objects.filter(kind="planned").values_list("detail", flat=True)
    planned = sum(int(detail["created"]) for detail in created)
    there = Reminder.objects.filter(origin=Origin.PLAN).count()
    if planned != there:
        yield Violation("gone", f"{planned} reminders were planned and {there} are there")
