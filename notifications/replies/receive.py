"""Receiving: every message that comes in is kept once, and what follows from it is done in the same transaction.

It belongs to the patient whose number it is, in the clinics of the account it was sent to. An unknown number is kept as
a stray; a number of several people is answered by the only open question that takes the answer, or given to people.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from notifications.actions.refusals import trust_again
from notifications.models import Message, MessageState, StrayMessage
from notifications.queries.messages import texts_sent_to
from notifications.queries.senders import Known, Writer, known_without_journey, writers
from notifications.queries.strays import DANGER
from notifications.replies.keywords import obey_help, obey_start, obey_stop
from notifications.replies.matching import Match, match
from notifications.replies.people import alarm, ask_to_read, ask_who_wrote
from notifications.replies.understand import Intent, Kind, quotes_a_text, understand
from pathway.actions.opt_out import resume_caregiver_copies, resume_texts, stop_caregiver_copies, stop_texts
from pathway.actions.questions import answer_question

QUOTED_FOR = timedelta(days=90)
"""How long people tap a sign on a text of ours (D)."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as a provider hands it over. `reference` is the provider's name for it; numbers are E.164.

    `clinics` are those that the account or number it was sent to belongs to.
    """

    channel: str
    address: str
    sent_to: str
    body: str
    reference: str
    clinics: frozenset[int]


def receive(*, incoming: Incoming, now: datetime) -> bool:
    """Keep a message and do what follows from it; False when it was received before. Replays change nothing."""
    if is_kept(incoming):
        return False
    try:
        with transaction.atomic():
            sort(incoming, now=now)
    except IntegrityError:
        if is_kept(incoming):  # the same message at the same moment, twice: the other one has it
            return False
        raise
    return True


def is_kept(incoming: Incoming) -> bool:
    """Whether this very message has been received."""
    named = {"channel": incoming.channel, "provider_reference": incoming.reference}
    return Message.objects.filter(incoming=True, **named).exists() or StrayMessage.objects.filter(**named).exists()


def sort(incoming: Incoming, *, now: datetime) -> None:
    """Find out whose message it is and what it means, and act on it. Whatever it says, its number works."""
    found = writers(phone=incoming.address, clinics=incoming.clinics)
    intent = understand(incoming.body, ours=texts_quoted(incoming, found, now=now))
    known = known_without_journey(phone=incoming.address, clinics=incoming.clinics)
    people: list[Writer | Known] = [*found, *known]
    patients = [one.patient.pk for one in people if one.caregiver is None]
    trust_again(patients=patients, kind=incoming.channel, address=incoming.address)
    hear_of(known, incoming, intent, alone=not found, now=now)
    if not found:
        if not known:
            keep_stray(incoming, why="No patient has this number." + danger_named(intent), now=now)
        return
    for writer in found if intent.dangers else ():
        alarm(
            writer=writer, signs=intent.dangers, body=incoming.body, name=incoming.reference, now=now,
            shared=len(found) + len(known) > 1,
        )  # fmt: skip
    if intent.kind in {Kind.STOP, Kind.HELP} or intent.kind is Kind.START and not is_shared_start(found):
        obey(incoming, intent, found, now=now)
    else:
        deliver(incoming, intent, found, now=now)


def texts_quoted(incoming: Incoming, found: Sequence[Writer], *, now: datetime) -> Sequence[str]:
    """Our texts of the last time to this number, where the message quotes one."""
    if not quotes_a_text(incoming.body):
        return ()
    about = {writer.patient.pk for writer in found}
    return texts_sent_to(incoming.address, about=about, since=now - QUOTED_FOR)


def hear_of(known: Sequence[Known], incoming: Incoming, intent: Intent, *, alone: bool, now: datetime) -> None:
    """Heed what comes from people without a journey, who have no conversation: a stray names them to their clinic.

    A STOP holds at once, and a START where it can be meant for one only. `alone`: nobody else has the number, so that
    every message is kept here; else those that stop or name danger.
    """
    for one in known:
        if intent.kind is Kind.STOP and one.caregiver is not None:
            stop_caregiver_copies(caregiver=one.caregiver, how=f"{one.caregiver} texted STOP", now=now)
        elif intent.kind is Kind.STOP:
            stop_texts(patient=one.patient, how="texted STOP", by=None, now=now)
        elif intent.kind is Kind.START and alone and len(known) == 1:
            restart(one, now=now)
    if not (alone or intent.dangers or intent.kind is Kind.STOP):
        return
    names: dict[int, list[str]] = defaultdict(list)
    for one in known:
        names[one.patient.clinic_id].append(one.name)
    for nth, (clinic_id, named) in enumerate(names.items(), 0 if alone else 1):
        heeded = " Stopped: no more messages." if intent.kind is Kind.STOP else ""
        why = f"{danger_named(intent)}{heeded} Number of {', '.join(named)}, without a journey.".strip()
        keep_stray(incoming, why=why, now=now, clinic_id=clinic_id, nth=nth)


def restart(one: Known, *, now: datetime) -> None:
    """Lift the stop of somebody without a journey."""
    if one.caregiver is not None:
        resume_caregiver_copies(caregiver=one.caregiver, how=f"{one.caregiver} texted START", now=now)
    else:
        resume_texts(patient=one.patient, how="texted START", by=None, now=now)


def danger_named(intent: Intent) -> str:
    """What a stray says of the signs of danger in it, with a space before; empty where there is none."""
    return f" {DANGER} {', '.join(sign.name for sign in intent.dangers[:2])}." if intent.dangers else ""


def obey(incoming: Incoming, intent: Intent, found: Sequence[Writer], *, now: datetime) -> None:
    """Do what a keyword asks for the number, for everybody whose number it is: the words are not about one person."""
    kept = [keep(incoming, writer, meaning=intent.kind, now=now, nth=nth) for nth, writer in enumerate(found)]
    how = {Kind.STOP: obey_stop, Kind.START: obey_start, Kind.HELP: obey_help}[intent.kind]
    how(list(zip(found, kept, strict=True)), now=now)


def is_shared_start(found: Sequence[Writer]) -> bool:
    """Whether a START could be meant for one of several patients who stopped: then somebody has to ask."""
    return sum(writer.caregiver is None and writer.patient.stopped_at is not None for writer in found) > 1


def deliver(incoming: Incoming, intent: Intent, found: Sequence[Writer], *, now: datetime) -> None:
    """Give an answer to its question, and anything else to a person, in the conversation of whose number it is."""
    matched = match(intent, found, now=now)
    if matched is not None:
        take_answer(incoming, matched, is_alarmed=bool(intent.dangers), now=now)
        return
    patients = [writer for writer in found if writer.caregiver is None]
    if len(patients) > 1 or (not patients and len(found) > 1):
        keep_stray(incoming, why="Several people share this number.", now=now, clinic_id=found[0].journey.clinic_id)
        if not intent.dangers:
            ask_who_wrote(writers=found, body=incoming.body, name=incoming.reference, now=now)
        return
    writer, *others = found
    message = keep(incoming, writer, meaning="danger" if intent.dangers else intent.kind, now=now)
    if not intent.dangers:
        ask_to_read(writer=writer, body=incoming.body, name=str(message.pk), now=now)
        ask_who_wrote(writers=others, body=incoming.body, name=incoming.reference, now=now)


def take_answer(incoming: Incoming, matched: Match, *, is_alarmed: bool, now: datetime) -> None:
    """Keep an answer beside the message that asked, and settle its question."""
    keep(incoming, matched.writer, meaning=matched.meaning, now=now, answers=matched.asked_by)
    answer_question(
        question=matched.question, choice=matched.choice, words=incoming.body, by=None, now=now, is_alarmed=is_alarmed
    )


def keep(
    incoming: Incoming, writer: Writer, *, meaning: str, now: datetime, answers: Message | None = None, nth: int = 0
) -> Message:
    """Keep a message in one conversation. Where it is kept in several, the provider's name for it gets a number."""
    return Message.objects.create(
        journey=writer.journey,
        incoming=True,
        channel=incoming.channel,
        address=incoming.address,
        recipient=writer.recipient,
        language=writer.language,
        body=incoming.body,
        state=MessageState.RECEIVED,
        created_at=now,
        provider_reference=f"{incoming.reference}/{nth}" if nth else incoming.reference,
        meaning=meaning,
        answers=answers,
    )


def keep_stray(
    incoming: Incoming, *, why: str, now: datetime, clinic_id: int | None = None, nth: int = 0
) -> StrayMessage:
    """Keep a message that has no conversation. Where it is kept more than once, its reference gets a number."""
    if clinic_id is None and len(incoming.clinics) == 1:
        [clinic_id] = incoming.clinics
    return StrayMessage.objects.create(
        clinic_id=clinic_id,
        channel=incoming.channel,
        address=incoming.address,
        sent_to=incoming.sent_to,
        body=incoming.body,
        why=why[:120],
        provider_reference=f"{incoming.reference}/{nth}" if nth else incoming.reference,
        received_at=now,
    )
