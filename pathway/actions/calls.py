"""A message that cannot go out becomes a task for a person: what to call about, why, and what to say."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pathway.actions.sent_reminders import CORRECTIONS, SentReminder
from pathway.actions.work_items import NewItem, open_items
from pathway.models import Journey, Priority, WorkItem
from pathway.planner import AT_THE_LATEST, Protocol, ReminderSpec
from pathway.queries.fasting import fasts_since
from pathway.staff_words import call_cause, follow_up_cause, for_staff, step_title
from pathway.states import WORK_ITEM_UNDONE, WorkItemState

CALL_WITHIN = {Priority.URGENT: timedelta(hours=1), Priority.SOON: timedelta(hours=4)}
"""How soon somebody should call: a safety message was about to matter, anything else can wait for a while (D)."""

LEADS = {"book-visit": "Book the visit"}

CORRECTION, CANCELLED = CORRECTIONS

PROMISED = "promised"
"""The cause of the one call that texts promise."""
SAY = {
    CANCELLED: {
        "en": "It is off for now: what our texts said about it no longer counts. We will find a new time. Do not "
        "change any medicine on your own.",
        "es": "Se cancela por ahora: lo que dijeron los textos ya no vale. Buscaremos otra fecha. No cambie ninguna "
        "medicina por su cuenta.",
    },
    CORRECTION: {
        "en": "It has changed: what our texts said about it no longer counts. Tell what the plan says now.",
        "es": "Ha cambiado: lo que dijeron los textos ya no vale. Diga lo que el plan dice ahora.",
    },
}
"""What to say in place of a text that takes something back, where the protocol has no `call` for it."""

SAY_FASTING = {
    "en": "Ask when the patient last ate and drank, and what, and write it down. Tell the day and the time to come, as "
    "the plan says now. Tell no time for food: nothing to eat or drink until the doctor here decides.",
    "es": "Pregunte cuándo comió y bebió por última vez, y qué, y anótelo. Diga el día y la hora de llegar, según el "
    "plan de ahora. No diga ninguna hora para comer: nada de comer ni beber hasta que el médico de aquí decida.",
}
"""What to say about a fast that should have begun, whatever the protocol has: nobody is told to eat (section 4)."""


def call_item(
    *,
    journey: Journey,
    protocol: Protocol,
    base_key: str,
    step: str,
    text: str,
    safety: bool,
    reason: str,
    now: datetime,
    kind: str = "call",
) -> NewItem:
    """The task for one message, whoever finds that it cannot be sent: the planner or a dispatcher.

    Messages of one step that say the same share one task. The words to say are the protocol's, in the patient's
    language.
    """
    priority = Priority.URGENT if safety else Priority.SOON
    spec, cause = protocol.reminder(base_key), call_cause(step, text)
    if kind == "book-visit" and spec is not None and protocol.kind_of(spec.about) == "follow-up":
        cause = follow_up_cause(spec.about, AT_THE_LATEST)  # the same task that the visit's window opens
    unsent = in_place_of(protocol, base_key, step, text)
    return NewItem(
        journey=journey,
        kind=kind,
        cause=cause,
        why=f"{LEADS.get(kind, 'Call')}: {unsent} was not sent. {_sentence(reason)}",
        say=words_to_say(journey, protocol, base_key, text, now=now),
        due_at=now + CALL_WITHIN[priority],
        priority=priority,
    )


def in_place_of(protocol: Protocol, base_key: str, step: str, text: str) -> str:
    """What a message is, as staff read it. One that takes another back says so: it is the opposite of that."""
    spec = protocol.reminder(base_key)
    if spec is None and base_key == text:  # an answer (to HELP), which is no step of the plan
        return f"the text “{text}”"
    if spec is None or not base_key.endswith(CORRECTIONS):
        return f"the text “{step_title(protocol, step)}”"
    what = "is off" if base_key.endswith(CANCELLED) else "has changed"
    return f"“{_taken_back(protocol, spec)}”, as the patient knows it, {what}, and the text that was to say so"


def _taken_back(protocol: Protocol, spec: ReminderSpec) -> str:
    """What is off or has changed: the visit, or the medicine plan."""
    titles = {milestone.key: for_staff(milestone.title) for milestone in protocol.milestones}
    return step_title(protocol, spec.step) if spec.for_each_hold else titles.get(spec.about, spec.step)


def words_to_say(journey: Journey, protocol: Protocol, base_key: str, text: str, *, now: datetime) -> str:
    """What to say on the phone in place of a text, in the patient's language where the protocol has it.

    While the patient fasts, or should, no call tells a time for food: a nurse here decides about it.
    """
    language, spec = journey.patient.language, protocol.reminder(base_key)
    ending = next((one for one in SAY if base_key.endswith(one)), None)
    tells_of_fast = spec is not None and "fast_from" in spec.tells and ending != CANCELLED
    if tells_of_fast and fasts_since(journey, now=now) is not None:
        words: Mapping[str, str] = SAY_FASTING
    elif ending is not None:
        words = protocol.calls.get(text) or SAY[ending]
    else:
        words = spec.call if spec is not None else {}
    return words.get(language) or next(iter(words.values()), "")


def close_calls(*, through: Iterable[tuple[int, str, str]], now: datetime) -> None:
    """End the tasks to call in place of messages that got through after all: journey id, step and text of each."""
    causes = {(journey, call_cause(step, text)) for journey, step, text in through}
    items = WorkItem.objects.filter(
        journey__in={journey for journey, _ in causes}, cause__in={cause for _, cause in causes},
        state__in=WORK_ITEM_UNDONE,
    )  # fmt: skip
    moot = [pk for pk, *named in items.values_list("pk", "journey_id", "cause") if tuple(named) in causes]
    if moot:
        WorkItem.objects.filter(pk__in=moot, state__in=WORK_ITEM_UNDONE).update(
            state=WorkItemState.RESOLVED, resolved_at=now, outcome="The text got through after all."
        )


def promise_calls(*, sent: Iterable[SentReminder], now: datetime) -> None:
    """Give somebody the task to call whom one of these texts, which went out, promised it ("We will call you").

    Belongs in the transaction that makes them sent. One call, whatever several texts promised; where it waits already
    it keeps its words, which may say more (why the patient is no candidate).
    """
    promised = {one.journey_id for one in sent if one.base_key.endswith(CANCELLED)}
    if promised:
        waiting = WorkItem.objects.filter(journey__in=promised, cause=PROMISED, state__in=WORK_ITEM_UNDONE)
        promised -= set(waiting.values_list("journey_id", flat=True))
    if promised:
        open_items([_promised_call(journey, now) for journey in Journey.objects.filter(pk__in=promised)], now=now)


def _promised_call(journey: Journey, now: datetime) -> NewItem:
    return NewItem(
        journey=journey,
        kind="promised-call",
        cause=PROMISED,
        why="Call: a text told the patient that this is off for now and that we will call.",
        due_at=now + CALL_WITHIN[Priority.SOON],
    )


def _sentence(reason: str) -> str:
    """A reason with a capital and a full stop."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
